package io.revfs.command.explain;

import io.revfs.command.explain.RecordedInputs.Inputs;
import io.revfs.text.AtomicFile;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What runs of the history took in and did not declare: {@code revfs/inputs/} in the cache, by the
 * run's key and value, a file for each set of inputs. DVC does not know of it, and needs not.
 * Entries appear whole or not at all; what cannot be read counts as not there. Thread-safe.
 */
final class InputHistory {
  private static final int NAME_DIGITS = 32;

  private final ObjectStore store;
  private final int umask;

  /** {@code umask} is that of the one for whom entries are written. */
  InputHistory(ObjectStore store, int umask) {
    this.store = store;
    this.umask = umask;
  }

  private Path directory(String key, String value) {
    return store
        .root()
        .resolve("revfs/inputs")
        .resolve(key.substring(0, 2))
        .resolve(key)
        .resolve(value);
  }

  /** Returns all that runs of this key and value took in. */
  List<Inputs> of(String key, String value) throws IOException {
    List<Inputs> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(key, value))) {
      for (Path file : files) {
        try {
          all.add(RecordedInputs.of(YamlDocument.parse(Files.readString(file)).value()));
        } catch (YamlSyntaxException | java.nio.charset.CharacterCodingException e) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return all;
  }

  /** Remembers what a run took in; nothing happens if that is known. */
  void save(String key, String value, Inputs inputs) throws IOException {
    byte[] content = YamlDocument.write(inputs.toMap()).getBytes(StandardCharsets.UTF_8);
    Path runs = directory(key, value);
    Path file = runs.resolve(name(content));
    if (!Files.exists(file)) {
      store.makeDirectories(runs);
      AtomicFile.replace(file, content, umask);
    }
  }

  private static String name(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest).substring(0, NAME_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}

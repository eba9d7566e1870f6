package io.revfs.pipeline;

import io.revfs.dvc.lock.LockEntry;
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
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What came of runs, by what went into them: {@code runs/} in the cache (FORMATS, section 7).
 * Entries appear whole or not at all. Thread-safe; other processes may use it at the same time.
 */
public final class RunHistory {
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

  private final ObjectStore store;
  private final int umask;
  private final Consumer<String> warnings;

  /**
   * @param umask of the one for whom entries are written
   * @param warnings is told of entries that cannot be read, which are removed
   */
  public RunHistory(ObjectStore store, int umask, Consumer<String> warnings) {
    this.store = store;
    this.umask = umask;
    this.warnings = warnings;
  }

  private Path directory(String key) {
    return store.root().resolve("runs").resolve(key.substring(0, 2)).resolve(key);
  }

  /** Returns the runs of a key, the newest first, as dvc.lock would have them. */
  public List<Map<String, @Nullable Object>> runs(String key) throws IOException {
    record Found(Path run, FileTime time) {}
    List<Found> found = new ArrayList<>();
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(directory(key))) {
      for (Path run : runs) {
        if (NAME.matcher(String.valueOf(run.getFileName())).matches()) {
          found.add(new Found(run, Files.getLastModifiedTime(run)));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    found.sort(Comparator.comparing(Found::time).reversed());
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (Found one : found) {
      read(one.run()).ifPresent(all::add);
    }
    return all;
  }

  private Optional<Map<String, @Nullable Object>> read(Path run) throws IOException {
    try {
      Map<String, @Nullable Object> entry =
          YamlDocument.parse(Files.readString(run, StandardCharsets.UTF_8)).value();
      if (entry.containsKey("cmd") && entry.get("outs") instanceof List<?>) {
        return Optional.of(entry);
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (YamlSyntaxException | java.nio.charset.CharacterCodingException e) {
      // as one that says nothing
    }
    warnings.accept("WARNING: corrupted cache file '" + run + "'.");
    Files.deleteIfExists(run);
    return Optional.empty();
  }

  /** Remembers a run; nothing happens if it is known. */
  public void save(LockEntry entry) throws IOException {
    Path runs = directory(entry.runKey());
    Path run = runs.resolve(entry.runValue());
    if (Files.exists(run) && read(run).isPresent()) {
      return;
    }
    store.makeDirectories(runs);
    String text = YamlDocument.write(entry.toMap());
    AtomicFile.replace(run, text.getBytes(StandardCharsets.UTF_8), umask);
  }
}

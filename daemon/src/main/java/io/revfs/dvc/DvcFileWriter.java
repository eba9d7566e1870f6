package io.revfs.dvc;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes {@code .dvc} files: new ones in DVC's order, and what changes in those there are. */
public final class DvcFileWriter {
  /** What is said of the data; the rest is said by people, and stays. */
  static final Set<String> RECORDED =
      Set.of(
          "md5",
          "size",
          "nfiles",
          "isexec",
          "hash",
          "files",
          "cloud",
          "version_id",
          "etag",
          "checksum");

  private DvcFileWriter() {}

  /** Returns a new file that tracks one output. */
  public static byte[] fresh(Output output) {
    return bytes(YamlDocument.write(Map.of("outs", List.of(entry(output)))));
  }

  /** Returns the entry of an output of which nothing more is said. */
  static Map<String, @Nullable Object> entry(Output output) {
    Map<String, @Nullable Object> entry = recorded(output);
    entry.put("path", output.path());
    return entry;
  }

  /**
   * Returns a file with other data recorded. Comments, order and all that is not said of the data
   * stay.
   *
   * @param file its path, for messages
   * @param outputs all of the file, in its order; their paths and settings are not looked at
   * @throws DvcFormatException if the file is not as a {@code .dvc} file must be
   */
  public static byte[] updated(String file, byte[] content, List<Output> outputs)
      throws DvcFormatException {
    String text = new String(content, StandardCharsets.UTF_8);
    YamlDocument document;
    try {
      document = YamlDocument.parse(text);
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(file, 0, String.valueOf(e.getMessage()));
    }
    Map<String, @Nullable Object> value = document.value();
    if (!(value.get("outs") instanceof List<?> old) || old.size() != outputs.size()) {
      throw new DvcFormatException(file, 0, "its 'outs' changed while it was looked at");
    }
    List<Object> entries = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>(recorded(outputs.get(i)));
      if (old.get(i) instanceof Map<?, ?> before) {
        before.forEach(
            (key, said) -> {
              if (!RECORDED.contains(String.valueOf(key))) {
                entry.put(String.valueOf(key), said);
              }
            });
      }
      entries.add(entry);
    }
    value.put("outs", entries);
    document.apply(value);
    return bytes(document.toString());
  }

  /** Returns what is said of an output's data, in DVC's order. */
  public static Map<String, @Nullable Object> recorded(Output output) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    Optional<ObjectKey> key = output.key();
    if (key.isPresent()) {
      entry.put("md5", key.get().digest().hex() + (key.get().manifest() ? ".dir" : ""));
    }
    output.size().ifPresent(size -> entry.put("size", size));
    output.fileCount().ifPresent(count -> entry.put("nfiles", count));
    if (output.executable()) {
      entry.put("isexec", true);
    }
    boolean legacy =
        key.map(k -> k.digest().algorithm() == Digest.Algorithm.MD5_DOS2UNIX).orElse(false);
    if (!legacy) {
      entry.put("hash", "md5");
    }
    cloud(output.cloud(), entry);
    if (!output.files().isEmpty()) {
      entry.put("files", output.files().stream().map(DvcFileWriter::file).toList());
    }
    return entry;
  }

  private static Map<String, @Nullable Object> file(OutputFile file) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("relpath", file.path());
    file.md5().ifPresent(md5 -> entry.put("md5", md5.hex()));
    file.size().ifPresent(size -> entry.put("size", size));
    if (file.executable()) {
      entry.put("isexec", true);
    }
    file.versionId().ifPresent(version -> entry.put("version_id", version));
    file.etag().ifPresent(etag -> entry.put("etag", etag));
    cloud(file.cloud(), entry);
    return entry;
  }

  /** A version without the name of its remote stands beside the path. */
  private static void cloud(
      Map<String, CloudVersion> versions, Map<String, @Nullable Object> entry) {
    Map<String, @Nullable Object> cloud = new LinkedHashMap<>();
    versions.forEach(
        (remote, version) -> {
          Map<String, @Nullable Object> said = new LinkedHashMap<>();
          version.etag().ifPresent(etag -> said.put("etag", etag));
          version.checksum().ifPresent(checksum -> said.put("checksum", checksum));
          version.versionId().ifPresent(id -> said.put("version_id", id));
          if (remote.isEmpty()) {
            entry.putAll(said);
          } else {
            cloud.put(remote, said);
          }
        });
    if (!cloud.isEmpty()) {
      entry.put("cloud", cloud);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

package io.revfs.dvc;

import io.revfs.text.PythonJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Writes {@code .dir} manifests byte for byte as DVC does: Python's {@code json.dumps} with sorted
 * keys over a list sorted by path (FORMATS, section 3). Not thread-safe.
 */
public final class ManifestWriter {
  private final TreeMap<String, String> entries =
      new TreeMap<>((a, b) -> Arrays.compareUnsigned(utf8(a), utf8(b)));

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Adds a file. */
  public void add(String path, String md5) {
    entries.put(path, md5);
  }

  /** Returns the manifest. */
  public byte[] toBytes() {
    StringBuilder json = new StringBuilder("[");
    entries.forEach(
        (path, md5) -> {
          json.append(json.length() == 1 ? "" : ", ").append("{\"md5\": \"").append(md5);
          json.append("\", \"relpath\": \"");
          PythonJson.escape(json, path);
          json.append("\"}");
        });
    return json.append(']').toString().getBytes(StandardCharsets.US_ASCII);
  }
}

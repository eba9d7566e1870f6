package io.revfs.dvc.manifest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes {@code .dir} manifests of files that come in any order: Python's {@code json.dumps} with
 * sorted keys over a list sorted by path (FORMATS, section 3). Not thread-safe.
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
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ManifestStream stream = new ManifestStream(bytes);
    try {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        stream.add(entry.getKey(), entry.getValue());
      }
      stream.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }
}

package io.revfs.dvc.manifest;

import io.revfs.text.PythonJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a {@code .dir} manifest byte for byte as DVC does (FORMATS, section 3), entry by entry, in
 * bounded memory. Not thread-safe.
 */
public final class ManifestStream {
  private static final int PART = 1 << 16;

  private final OutputStream out;
  private final StringBuilder json = new StringBuilder("[");
  private boolean first = true;

  /** {@code out} stays the caller's. */
  public ManifestStream(OutputStream out) {
    this.out = out;
  }

  /** Adds a file; files come sorted by code point. */
  public void add(String path, String md5) throws IOException {
    json.append(first ? "" : ", ").append("{\"md5\": \"").append(md5);
    json.append("\", \"relpath\": \"");
    PythonJson.escape(json, path);
    json.append("\"}");
    first = false;
    if (json.length() >= PART) {
      flush();
    }
  }

  /** Writes the end. */
  public void finish() throws IOException {
    json.append(']');
    flush();
  }

  private void flush() throws IOException {
    out.write(json.toString().getBytes(StandardCharsets.US_ASCII));
    json.setLength(0);
  }
}

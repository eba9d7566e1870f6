package io.revfs.dvc;

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
    escape(json, path);
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

  private static void escape(StringBuilder json, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c >= 0x20 && c <= 0x7e) {
            json.append(c);
          } else {
            json.append("\\u%04x".formatted((int) c));
          }
        }
      }
    }
  }
}

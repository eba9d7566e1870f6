package io.revfs.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Standard output, which knows when nobody reads it any more. Not thread-safe. */
public final class Output {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private final OutputStream out =
      new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 64 << 10);

  public void line(String text) {
    bytes((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  public void json(JsonNode node) {
    line(node.toString());
  }

  public void bytes(byte[] bytes) {
    bytes(bytes, bytes.length);
  }

  public void bytes(byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  public void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static CommandException broken(IOException e) {
    return String.valueOf(e.getMessage()).contains("Broken pipe")
        ? new CommandException("", "", CommandException.BROKEN_PIPE)
        : new CommandException("cannot write: " + e.getMessage(), "", CommandException.OTHER);
  }

  /** Returns a size for people. */
  public static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
  }
}

package io.revfs.cli.run;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts bytes into lines. For one thread. */
final class LineCutter {
  /** A longer line is shown in pieces, so memory is bounded. */
  private static final int LONGEST_BYTES = 64 << 10;

  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private boolean afterReturn;

  /** Adds bytes; lines that are complete are passed on without their end. */
  void add(byte[] bytes, int length, Consumer<String> lines) {
    for (int i = 0; i < length; i++) {
      byte one = bytes[i];
      if (one == '\n' && afterReturn) {
        afterReturn = false; // the line was shown at the carriage return
      } else if (one == '\n' || one == '\r') {
        afterReturn = one == '\r';
        pass(lines);
      } else {
        afterReturn = false;
        begun.write(one);
        if (begun.size() >= LONGEST_BYTES) {
          pass(lines);
        }
      }
    }
  }

  /** Passes on what has no end of line. */
  void end(Consumer<String> lines) {
    if (begun.size() > 0) {
      pass(lines);
    }
  }

  private void pass(Consumer<String> lines) {
    lines.accept(begun.toString(StandardCharsets.UTF_8));
    begun.reset();
  }
}

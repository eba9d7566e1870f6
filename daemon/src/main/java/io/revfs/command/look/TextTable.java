package io.revfs.command.look;

import io.revfs.command.Invocation;

/** Lines of text on their way to the caller, many in one message. For one thread. */
final class TextTable {
  private static final int CHARACTERS = 16 << 10;

  private final Invocation call;
  private final StringBuilder lines = new StringBuilder();

  TextTable(Invocation call) {
    this.call = call;
  }

  /** Adds a line. */
  void line(String line) {
    if (!lines.isEmpty()) {
      lines.append('\n');
    }
    lines.append(line);
    if (lines.length() >= CHARACTERS) {
      end();
    }
  }

  /** Sends what is left. */
  void end() {
    if (!lines.isEmpty()) {
      call.out(lines.toString());
      lines.setLength(0);
    }
  }
}

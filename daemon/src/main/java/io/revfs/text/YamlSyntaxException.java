package io.revfs.text;

import java.io.IOException;

/** A text that is not YAML. */
public final class YamlSyntaxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int line;

  YamlSyntaxException(int line, String problem) {
    super("line " + line + ": " + problem);
    this.line = line;
  }

  /** Returns the line, from 1; 0 if it is not known. */
  public int line() {
    return line;
  }
}

package io.revfs.dvc;

import java.io.IOException;

/** A file that does not follow its format; the message is {@code file:line: what is wrong}. */
public final class DvcFormatException extends IOException {
  private static final long serialVersionUID = 1L;
  private final String file;
  private final int line;

  /** {@code line} counts from 1; 0 when unknown. */
  public DvcFormatException(String file, int line, String what) {
    super(line > 0 ? file + ":" + line + ": " + what : file + ": " + what);
    this.file = file;
    this.line = line;
  }

  /** Returns the file's path as it was given. */
  public String file() {
    return file;
  }

  /** Returns the line, from 1, or 0. */
  public int line() {
    return line;
  }
}

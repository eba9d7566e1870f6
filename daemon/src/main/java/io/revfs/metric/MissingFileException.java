package io.revfs.metric;

import java.io.FileNotFoundException;

/** A file of values is not there. */
final class MissingFileException extends FileNotFoundException {
  private static final long serialVersionUID = 1L;
  private final boolean tracked;

  /**
   * @param path from the project's root
   * @param tracked whether it is an output of DVC's, which no store has either
   */
  MissingFileException(String path, boolean tracked) {
    super(path + " does not exist");
    this.tracked = tracked;
  }

  /** Returns how Python and DVC say it of a file that is named so. */
  String inPython(String shown) {
    String what = tracked ? "No storage files available" : "No such file or directory";
    return "[Errno 2] %s: '%s'".formatted(what, shown);
  }
}

package io.revfs.metric;

import io.revfs.dvc.DvcFormatException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Locale;

/** What DVC's JSON calls errors: programs that read it know Python's names. */
public final class ErrorNames {
  private ErrorNames() {}

  /** Returns the name for a failure to read a file. */
  public static String of(String file, IOException e) {
    if (e instanceof DvcFormatException format) {
      return corrupted(file.isEmpty() ? format.file() : file);
    }
    return e instanceof FileNotFoundException ? "FileNotFoundError" : "OSError";
  }

  /** Returns what DVC's JSON says of a failure to read a file, which it names so. */
  public static String message(String file, IOException e) {
    return e instanceof MissingFileException missing
        ? missing.inPython(file)
        : String.valueOf(e.getMessage());
  }

  private static String corrupted(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".json")) {
      return "JSONFileCorruptedError";
    }
    if (name.endsWith(".toml")) {
      return "TOMLFileCorruptedError";
    }
    return name.endsWith(".py") ? "PythonFileCorruptedError" : "YAMLFileCorruptedError";
  }
}

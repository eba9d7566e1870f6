package io.revfs.dvc;

import io.revfs.fuse.FileNames;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * The one place that decides where an output may lie: inside the repository, nowhere in {@code
 * .git}.
 */
public final class OutputPaths {
  private OutputPaths() {}

  /**
   * Returns the path from the repository's root, normalized.
   *
   * @param directory of the file that names the output, from the root; {@code ""} is the root
   * @param workingDirectory relative to {@code directory}
   * @param path relative to the working directory
   * @throws DvcFormatException if it leaves the repository or cannot be a path
   */
  public static String resolve(
      String directory, String workingDirectory, String path, String file, int line)
      throws DvcFormatException {
    checkText(path, file, line);
    if (workingDirectory.indexOf('\0') >= 0) {
      throw refused(workingDirectory, "it holds a NUL", file, line);
    }
    if (path.startsWith("/") || workingDirectory.startsWith("/")) {
      throw refused(path, "it is absolute", file, line);
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : (directory + "/" + workingDirectory + "/" + path).split("/")) {
      switch (part) {
        case "", "." -> {}
        case ".." -> {
          if (parts.pollLast() == null) {
            throw refused(path, "it leaves the repository", file, line);
          }
        }
        default -> parts.addLast(part);
      }
    }
    if (parts.isEmpty()) {
      throw refused(path, "it is the repository itself", file, line);
    }
    for (String part : parts) {
      checkPart(part, path, file, line);
    }
    return String.join("/", parts);
  }

  /**
   * Returns a path inside an output (a manifest's {@code relpath}) if it can be one: relative, of
   * plain components.
   */
  public static String checkRelative(String path, String file, int line) throws DvcFormatException {
    checkText(path, file, line);
    int start = 0;
    while (true) {
      int slash = path.indexOf('/', start);
      String part = slash < 0 ? path.substring(start) : path.substring(start, slash);
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw refused(path, "its part '" + part + "' is no name", file, line);
      }
      checkPart(part, path, file, line);
      if (slash < 0) {
        return path;
      }
      start = slash + 1;
    }
  }

  private static void checkText(String path, String file, int line) throws DvcFormatException {
    if (path.isEmpty()) {
      throw refused(path, "it is empty", file, line);
    }
    if (path.indexOf('\0') >= 0) {
      throw refused(path.replace('\0', '?'), "it holds a NUL", file, line);
    }
  }

  private static void checkPart(String part, String path, String file, int line)
      throws DvcFormatException {
    if (part.length() == 4 && part.toLowerCase(Locale.ROOT).equals(".git")) {
      throw refused(path, "it lies in .git", file, line);
    }
    if (part.length() > FileNames.MAX_BYTES / 4
        && FileNames.encode(part).length > FileNames.MAX_BYTES) {
      throw refused(path, "a name in it is longer than 255 bytes", file, line);
    }
  }

  private static DvcFormatException refused(String path, String why, String file, int line) {
    return new DvcFormatException(file, line, "the path '" + path + "' is refused: " + why);
  }
}

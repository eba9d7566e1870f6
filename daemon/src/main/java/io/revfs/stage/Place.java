package io.revfs.stage;

import io.revfs.reach.Passages;
import io.revfs.text.RelativePaths;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Where an output or dependency is.
 *
 * @param written as its file has it, relative to the stage's working directory
 * @param path by kind: from the project's root, absolute, or the URL
 */
public record Place(String written, Kind kind, String path) {
  private static final Pattern URL = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+://.*");

  /** What the path is. */
  public enum Kind {
    /** In the project: from its root. */
    PROJECT,
    /** On this machine outside of the project: absolute. */
    OUTSIDE,
    /** A URL. */
    URL,
    /** {@code ds://name}. */
    DATASET
  }

  /**
   * Returns the place of a path.
   *
   * @param workingDirectory from the root
   * @param root of the project, absolute
   */
  public static Place of(String written, String workingDirectory, Path root) {
    if (written.startsWith("ds://")) {
      return new Place(written, Kind.DATASET, written);
    }
    if (URL.matcher(written).matches()) {
      return new Place(written, Kind.URL, written);
    }
    String joined = RelativePaths.join(workingDirectory, written);
    boolean leaves = joined.equals("..") || joined.startsWith("../");
    if (!leaves && !joined.startsWith("/")) {
      return new Place(written, Kind.PROJECT, joined);
    }
    Path absolute = Passages.resolve(root, joined);
    return absolute.startsWith(root)
        ? new Place(written, Kind.PROJECT, root.relativize(absolute).toString())
        : new Place(written, Kind.OUTSIDE, absolute.toString());
  }

  /** Returns whether it is in the project. */
  public boolean isInProject() {
    return kind == Kind.PROJECT;
  }

  /** Returns whether this machine's file system has it. */
  public boolean isLocal() {
    return kind == Kind.PROJECT || kind == Kind.OUTSIDE;
  }

  /** Returns it as a file of this machine; only for local ones. */
  public Path file(Path root) {
    return root.resolve(path);
  }

  /** Returns how messages name it to somebody in a directory, which is relative to the root. */
  public String shown(String from) {
    return isInProject()
        ? RelativePaths.relative(from, path)
        : kind == Kind.OUTSIDE ? path : written;
  }
}

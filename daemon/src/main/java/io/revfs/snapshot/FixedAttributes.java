package io.revfs.snapshot;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.FileKind;

/**
 * What is shown of files and directories that never change: modes without any right to write, and
 * one fixed time, since a node stands for its content, which is in many revisions.
 */
public final class FixedAttributes {
  /** The time of every node: 2000-01-01T00:00:00Z. */
  public static final long TIME_SECONDS = 946_684_800;

  /** The extended attribute that names a file's object. */
  public static final String DIGEST = "user.revfs.digest";

  private static final int DIRECTORY = 0555;
  private static final int FILE = 0444;
  private static final int EXECUTABLE = 0555;
  private static final int LINK = 0777;

  private FixedAttributes() {}

  /** Returns those of a file of {@code size} bytes. */
  public static Attributes file(long node, boolean executable, long size) {
    int permissions = executable ? EXECUTABLE : FILE;
    return new Attributes(node, FileKind.REGULAR, permissions, size, TIME_SECONDS);
  }

  /** Returns those of a symbolic link whose target has {@code length} bytes. */
  public static Attributes link(long node, long length) {
    return new Attributes(node, FileKind.SYMBOLIC_LINK, LINK, length, TIME_SECONDS);
  }

  /** Returns those of a directory that shows {@code size} bytes and {@code links} links. */
  public static Attributes directory(long node, long size, int links) {
    return new Attributes(node, FileKind.DIRECTORY, DIRECTORY, size, TIME_SECONDS, links, null);
  }

  /**
   * Returns those of a directory whose names come and go, and did so last at {@code seconds} since
   * 1970: by that the kernel knows when to list it anew.
   */
  public static Attributes changingDirectory(long node, long seconds) {
    return new Attributes(node, FileKind.DIRECTORY, DIRECTORY, 0, seconds);
  }
}

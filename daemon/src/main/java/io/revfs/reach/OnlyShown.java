package io.revfs.reach;

import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A file or directory that is shown where nothing is below.
 *
 * @param path from the covered directory
 * @param key the object that a file holds, or an output's manifest; empty of other directories
 * @param directory whether it is one
 * @param executable whether a file may be executed
 * @param size asks for a file's size, which may take long
 * @param bytes opens a file, which may fetch it
 */
public record OnlyShown(
    String path,
    Optional<ObjectKey> key,
    boolean directory,
    boolean executable,
    Size size,
    Bytes bytes) {
  private static final int FILE = 0100644;
  private static final int EXECUTABLE = 0100755;

  /** Asks for a size in bytes. */
  @FunctionalInterface
  public interface Size {
    long get() throws IOException;
  }

  /** Opens bytes; the caller closes them. */
  @FunctionalInterface
  public interface Bytes {
    InputStream open() throws IOException;
  }

  /** Returns the type and permissions of a file. */
  public int mode() {
    return executable ? EXECUTABLE : FILE;
  }
}

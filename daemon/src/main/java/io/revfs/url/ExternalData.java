package io.revfs.url;

import io.revfs.object.ByteConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file or directory that a URL names. Thread-safe; methods block and answer an interrupt with
 * {@link java.io.InterruptedIOException}. Failures are those of {@link io.revfs.remote.Remote}. No
 * message holds a credential.
 */
public interface ExternalData extends Closeable {
  /** Returns the URL without credentials, for people. */
  String url();

  /** Returns what kind of checksum files have here. */
  ChecksumKind checksumKind();

  /**
   * Returns whether the URL names a directory.
   *
   * @throws io.revfs.object.ObjectMissingException if nothing is there
   */
  boolean isDirectory() throws IOException;

  /** Returns the file that the URL names. */
  ExternalFile file() throws IOException;

  /** Passes all files below, in no promised order; symbolic links to directories are left out. */
  void files(FileSink sink) throws IOException;

  /**
   * Passes the names in a directory, in no promised order.
   *
   * @param below from the URL; empty for what the URL names
   */
  void children(String below, ChildSink sink) throws IOException;

  /** Passes exactly {@code length} bytes from {@code offset}, in order, on the calling thread. */
  void read(ExternalFile file, long offset, long length, ByteConsumer consumer) throws IOException;

  /** Returns where the file or directory is on this machine, if it is. */
  Optional<Path> localPath();

  @Override
  void close();

  /** Takes files. */
  @FunctionalInterface
  interface FileSink {
    /** Takes the next file. */
    void file(ExternalFile file) throws IOException;
  }

  /** Takes names of a directory. */
  @FunctionalInterface
  interface ChildSink {
    /**
     * Takes the next name.
     *
     * @param size -1 of a directory
     */
    void child(String name, boolean directory, long size) throws IOException;
  }
}

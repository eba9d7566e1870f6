package io.revfs.object;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where objects can be read from: a cache, a remote, a DVC cache directory, Git. Thread-safe;
 * methods block, are called on virtual threads, and answer an interrupt with {@link
 * java.io.InterruptedIOException}. Every call ends within the source's deadline.
 */
public interface ObjectSource {
  /** Returns its name for people: a remote's name, {@code dvc-cache}, {@code git}. */
  String name();

  /**
   * Returns the object's size in bytes.
   *
   * @throws ObjectMissingException if it is not here
   * @throws SourceUnreachableException if that cannot be told now
   */
  long size(ObjectKey key) throws IOException;

  /**
   * Passes exactly {@code length} bytes from {@code offset} to {@code consumer}, in order. When it
   * fails midway the consumer has had a prefix.
   *
   * @throws ObjectMissingException if the object is not here
   * @throws SourceUnreachableException if it cannot be had now
   */
  void read(ObjectKey key, long offset, long length, ByteConsumer consumer) throws IOException;

  /** Returns where the object lies, or would lie, for people; empty where that has no address. */
  default Optional<String> url(ObjectKey key) {
    return Optional.empty();
  }

  /**
   * Returns the object as a complete local file, readable in place without a copy, if it is one.
   */
  default Optional<Path> localFile(ObjectKey key) throws IOException {
    return Optional.empty();
  }
}

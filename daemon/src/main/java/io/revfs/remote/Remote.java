package io.revfs.remote;

import io.revfs.object.ByteConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * A store of bytes by key. Thread-safe; methods block (call them on virtual threads), answer an
 * interrupt with {@link java.io.InterruptedIOException}, and end within the configured deadlines.
 *
 * <p>Failures: {@link io.revfs.object.ObjectMissingException} when the key is not there, {@link
 * io.revfs.object.SourceUnreachableException} when the store is down, slow or refuses; nothing else
 * but interrupts. No message holds a credential.
 */
public interface Remote extends Closeable {
  /** What a remote may or may not be able to do; ask before use. */
  enum Capability {
    /** {@link #list} works. */
    LIST,
    /** {@link #write} works. */
    WRITE,
    /** {@link #delete} works. */
    DELETE,
    /** Keys may carry versions. */
    VERSIONS,
    /** {@link #localFile} gives files. */
    LOCAL
  }

  /** Returns its name in the configuration, for people. */
  String name();

  /** Returns its URL without credentials, for people. */
  String url();

  /** Returns what it can do. */
  Set<Capability> capabilities();

  /** Returns what is known of a key's bytes without reading them. */
  RemoteObject stat(RemoteKey key) throws IOException;

  /**
   * Passes exactly {@code length} bytes from {@code offset} to {@code consumer}, in order, on the
   * calling thread. On failure it has had a prefix.
   */
  void read(RemoteKey key, long offset, long length, ByteConsumer consumer) throws IOException;

  /**
   * Passes all of a key's bytes to {@code consumer}, in order, on the calling thread, without
   * asking for their number first where the store allows it. On failure it has had a prefix.
   *
   * @return how many there were
   */
  default long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    long size = stat(key).size();
    read(key, 0, size, consumer);
    return size;
  }

  /** Passes every object under {@code prefix} (at all depths, in no promised order) to the sink. */
  void list(String prefix, ListSink sink) throws IOException;

  /**
   * Returns whether the place itself is there. A directory that is not was never written to (the
   * first write makes it) or is not mounted; reads fail then as from a store that is down.
   */
  default boolean isThere() throws IOException {
    return true;
  }

  /** Says what a listing costs, for those who may ask otherwise. */
  default Listing listing() {
    return Listing.FLAT;
  }

  /**
   * Stores a file's bytes under a key, atomically: a reader sees all of it, or what was there
   * before. A large object travels in parts where the store can; one that broke off goes on with
   * the parts that the store has.
   *
   * @return the key as stored, with the store's tag and version where it tells them
   */
  RemoteObject write(String path, Upload upload) throws IOException;

  /** Removes a key; nothing happens if it is not there. */
  void delete(String path) throws IOException;

  /** Removes keys, in as few requests as the store can. When it fails, some are removed. */
  default void deleteAll(Collection<String> paths) throws IOException {
    for (String path : paths) {
      delete(path);
    }
  }

  /** Returns the key as a local file, where the remote is a directory. */
  default Optional<Path> localFile(RemoteKey key) throws IOException {
    return Optional.empty();
  }

  @Override
  void close();

  /** Takes listed objects. */
  @FunctionalInterface
  interface ListSink {
    /** Returns false to end the listing. */
    boolean accept(RemoteObject object) throws IOException;
  }
}

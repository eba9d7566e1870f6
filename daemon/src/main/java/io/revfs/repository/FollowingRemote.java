package io.revfs.repository;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Listing;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A remote as its configuration names it when it is asked: people correct an address or credentials
 * while a mount shows the data, and read again. The configuration is looked at when a request has
 * failed. Thread-safe.
 */
final class FollowingRemote implements Remote {
  private final Now now;
  private volatile Remote remote;

  /** Opens the remote, or returns it as it was opened before if its configuration is the same. */
  @FunctionalInterface
  interface Now {
    Remote open() throws IOException;
  }

  /** One request. */
  @FunctionalInterface
  private interface Request<T> {
    T run(Remote remote) throws IOException;
  }

  /** {@code remote} is what {@code now} gives by now. */
  FollowingRemote(Remote remote, Now now) {
    this.remote = remote;
    this.now = now;
  }

  /** Says what the configuration leads to by now. */
  void follow(Remote found) {
    remote = found;
  }

  private <T> T ask(Request<T> request) throws IOException {
    Remote asked = remote;
    try {
      return request.run(asked);
    } catch (ObjectMissingException | SourceUnreachableException e) {
      if (!isOther(asked)) {
        throw e;
      }
    }
    return request.run(remote);
  }

  /** Asks from now on what the configuration leads to by now. */
  void followNow() {
    var unused = isOther(remote);
  }

  /** Returns whether the configuration leads to another one by now, which is asked from then on. */
  private boolean isOther(Remote asked) {
    try {
      remote = now.open();
    } catch (IOException e) {
      return false; // what is wrong with it is said where it is used first
    }
    return remote != asked;
  }

  @Override
  public String name() {
    return remote.name();
  }

  @Override
  public String url() {
    return remote.url();
  }

  @Override
  public Set<Capability> capabilities() {
    return remote.capabilities();
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return ask(asked -> asked.stat(key));
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    Counted counted = new Counted(consumer);
    boolean unused =
        ask(
            asked -> {
              asked.read(key, offset + counted.had, length - counted.had, counted);
              return true;
            });
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    Counted counted = new Counted(consumer);
    return ask(
        asked -> {
          if (counted.had == 0) {
            return asked.readAll(key, counted);
          }
          long size = asked.stat(key).size();
          asked.read(key, counted.had, size - counted.had, counted);
          return size;
        });
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    remote.list(prefix, sink);
  }

  @Override
  public boolean isThere() throws IOException {
    return ask(Remote::isThere);
  }

  @Override
  public Listing listing() {
    return remote.listing();
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    return remote.write(path, upload);
  }

  @Override
  public void delete(String path) throws IOException {
    remote.delete(path);
  }

  @Override
  public Optional<Path> localFile(RemoteKey key) throws IOException {
    return remote.localFile(key);
  }

  /** Those who opened it close what they opened. */
  @Override
  public void close() {}

  /** Counts the bytes that arrived. */
  private static final class Counted implements ByteConsumer {
    private final ByteConsumer consumer;
    private long had;

    Counted(ByteConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void accept(ByteBuffer bytes) throws IOException {
      int n = bytes.remaining();
      consumer.accept(bytes);
      had += n;
    }
  }
}

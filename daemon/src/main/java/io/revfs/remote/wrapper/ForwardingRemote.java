package io.revfs.remote.wrapper;

import io.revfs.object.ByteConsumer;
import io.revfs.remote.Listing;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.Upload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** A remote around another: every request passes through {@link #around}. */
abstract class ForwardingRemote implements Remote {
  private final Remote inner;

  ForwardingRemote(Remote inner) {
    this.inner = inner;
  }

  /** One request. */
  @FunctionalInterface
  interface Request<T> {
    T run() throws IOException;
  }

  /** Runs a request; what the wrapper is for stands here. */
  abstract <T> T around(Request<T> request) throws IOException;

  @Override
  public final String name() {
    return inner.name();
  }

  @Override
  public final String url() {
    return inner.url();
  }

  @Override
  public final Set<Capability> capabilities() {
    return inner.capabilities();
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return around(() -> inner.stat(key));
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    around(
        () -> {
          inner.read(key, offset, length, consumer);
          return true;
        });
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return around(() -> inner.readAll(key, consumer));
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    around(
        () -> {
          inner.list(prefix, sink);
          return true;
        });
  }

  @Override
  public final boolean isThere() throws IOException {
    return around(inner::isThere);
  }

  @Override
  public final Listing listing() {
    return inner.listing();
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    return around(() -> inner.write(path, upload));
  }

  @Override
  public final void delete(String path) throws IOException {
    around(
        () -> {
          inner.delete(path);
          return true;
        });
  }

  @Override
  public final void deleteAll(Collection<String> paths) throws IOException {
    around(
        () -> {
          inner.deleteAll(paths);
          return true;
        });
  }

  @Override
  public final Optional<Path> localFile(RemoteKey key) throws IOException {
    return inner.localFile(key);
  }

  @Override
  public void close() {
    inner.close();
  }
}

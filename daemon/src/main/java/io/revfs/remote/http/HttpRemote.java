package io.revfs.remote.http;

import io.revfs.object.ByteConsumer;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Redaction;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Plain HTTP(S): reads by ranges, writes in one request by {@code method} (POST unless configured,
 * as in DVC). It cannot list or delete. Whether a reader may see half of what is written is up to
 * the server: the client can only send it in one piece.
 */
public final class HttpRemote implements Remote {
  private final String name;
  private final String url;
  private final String method;
  private final HttpStore store;

  public HttpRemote(RemoteSettings settings) throws IOException {
    this.name = settings.name();
    this.url = Redaction.url(settings.url());
    this.method = settings.option("method").orElse("POST");
    this.store = new HttpStore(settings);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.WRITE);
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return object(key.path(), store.size(key.path()));
  }

  private static RemoteObject object(String key, long size) {
    return new RemoteObject(key, size, Optional.empty(), Optional.empty());
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    store.read(key.path(), offset, length, consumer);
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return store.readAll(key.path(), consumer);
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    throw new SourceUnreachableException(
        store.describe(),
        "HTTP servers cannot be listed; only what is named can be read",
        false,
        null);
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    store.send(method, path, path, upload);
    return object(path, upload.size());
  }

  @Override
  public void delete(String path) throws IOException {
    throw new SourceUnreachableException(
        store.describe(), "nothing can be deleted from an HTTP remote", false, null);
  }

  @Override
  public void close() {
    store.close();
  }
}

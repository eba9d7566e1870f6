package io.revfs.remote.http;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Listing;
import io.revfs.remote.Redaction;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.TemporaryNames;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.http.HttpStatus;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.util.EntityUtils;

/** WebDAV: a write goes to a temporary name and is moved, which servers do at once. */
public final class WebdavRemote implements Remote {
  private final String name;
  private final String url;
  private final HttpStore store;
  private final Set<String> made = ConcurrentHashMap.newKeySet();

  public WebdavRemote(RemoteSettings settings) throws IOException {
    this.name = settings.name();
    this.url = Redaction.url(settings.url());
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
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE);
  }

  @Override
  public Listing listing() {
    return Listing.DIRECTORIES;
  }

  @Override
  public boolean isThere() throws IOException {
    try {
      properties("", 0);
      return true;
    } catch (ObjectMissingException e) {
      return false;
    }
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    List<DavEntry> found = properties(key.path(), 0);
    if (found.isEmpty() || found.getFirst().directory()) {
      throw new ObjectMissingException(key.path(), store.describe());
    }
    return object(key.path(), found.getFirst().size());
  }

  private static RemoteObject object(String key, long size) {
    return new RemoteObject(key, size, Optional.empty(), Optional.empty());
  }

  private List<DavEntry> properties(String key, int depth) throws IOException {
    return store.send(
        key,
        RequestBuilder.create("PROPFIND")
            .setUri(store.url(key) + (depth > 0 ? "/" : ""))
            .addHeader("Depth", Integer.toString(depth))
            .build(),
        (response, status) -> DavEntry.parse(response.getEntity().getContent()));
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
    int slash = prefix.lastIndexOf('/');
    String base = store.basePath();
    Deque<String> directories = new ArrayDeque<>();
    directories.add(slash < 0 ? "" : prefix.substring(0, slash));
    while (!directories.isEmpty()) {
      String directory = directories.removeLast();
      List<DavEntry> entries;
      try {
        entries = properties(directory, 1);
      } catch (ObjectMissingException e) {
        continue; // never written to, or removed meanwhile
      }
      for (DavEntry entry : entries) {
        String path = entry.path();
        if (!path.startsWith(base)) {
          continue;
        }
        String key = path.substring(base.length()).replaceAll("^/+|/+$", "");
        if (key.equals(directory)) {
          continue; // itself
        }
        if (entry.directory()) {
          if ((key + "/").startsWith(prefix) || prefix.startsWith(key + "/")) {
            directories.add(key);
          }
        } else if (key.startsWith(prefix) && !sink.accept(object(key, entry.size()))) {
          return;
        }
      }
    }
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    int slash = path.lastIndexOf('/');
    String directory = slash < 0 ? "" : path.substring(0, slash);
    String temporary = TemporaryNames.beside(path);
    makeDirectory(directory);
    try {
      store.send("PUT", path, temporary, upload);
      move(temporary, path);
    } catch (ObjectMissingException e) {
      made.clear(); // somebody removed the directory since it was made
      throw new SourceUnreachableException(store.describe(), "its directory vanished", true, e);
    } catch (SourceUnreachableException e) {
      made.clear();
      discard(temporary);
      throw e;
    }
    return object(path, upload.size());
  }

  private void move(String from, String to) throws IOException {
    store.send(
        to,
        RequestBuilder.create("MOVE")
            .setUri(store.url(from))
            .addHeader("Destination", store.url(to))
            .addHeader("Overwrite", "T")
            .build(),
        (response, status) -> {
          EntityUtils.consumeQuietly(response.getEntity());
          return true;
        });
  }

  private void discard(String temporary) {
    try {
      delete(temporary);
    } catch (IOException e) {
      // The server is away; the file carries a name that nobody reads.
    }
  }

  private void makeDirectory(String directory) throws IOException {
    if (made.contains(directory)) {
      return;
    }
    if (!isDirectory(directory)) {
      if (!directory.isEmpty()) {
        int slash = directory.lastIndexOf('/');
        makeDirectory(slash < 0 ? "" : directory.substring(0, slash));
      }
      try {
        store.send(
            directory,
            RequestBuilder.create("MKCOL").setUri(store.url(directory) + "/").build(),
            (response, status) -> {
              EntityUtils.consumeQuietly(response.getEntity());
              return true;
            });
      } catch (SourceUnreachableException e) {
        // 405 when somebody was faster; ask.
        if (!isDirectory(directory)) {
          throw e;
        }
      }
    }
    made.add(directory);
  }

  private boolean isDirectory(String key) throws IOException {
    try {
      List<DavEntry> found = properties(key, 0);
      return !found.isEmpty() && found.getFirst().directory();
    } catch (ObjectMissingException e) {
      return false;
    }
  }

  @Override
  public void delete(String path) throws IOException {
    try {
      store.send(
          path,
          RequestBuilder.delete(store.url(path)).build(),
          (response, status) -> {
            EntityUtils.consumeQuietly(response.getEntity());
            return status != HttpStatus.SC_MULTI_STATUS;
          });
    } catch (ObjectMissingException e) {
      // Nothing to do.
    }
  }

  @Override
  public void close() {
    store.close();
  }
}

package io.revfs.url;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A file or directory in a store: a key of a remote, or what lies below one. */
final class StoreData implements ExternalData {
  private final OpenRemote open;
  private final Remote remote;
  private final Target target;

  /**
   * What is meant in a store.
   *
   * @param scheme of the URL
   * @param url without credentials
   * @param key below the remote that is opened; empty for all of it
   * @param version of a file, where the URL says it
   * @param versionAware whether each file of a directory is asked for its version
   */
  record Target(
      String scheme, String url, String key, Optional<String> version, boolean versionAware) {}

  StoreData(OpenRemote open, Target target) {
    this.open = open;
    this.remote = open.remote();
    this.target = target;
  }

  @Override
  public String url() {
    return target.url();
  }

  @Override
  public ChecksumKind checksumKind() {
    return ChecksumKind.ofScheme(target.scheme());
  }

  @Override
  public boolean isDirectory() throws IOException {
    if (!target.key().isEmpty() && !target.key().endsWith("/")) {
      try {
        var unused = remote.stat(new RemoteKey(target.key(), target.version()));
        return false;
      } catch (ObjectMissingException e) {
        if (!remote.capabilities().contains(Remote.Capability.LIST)) {
          throw e;
        }
      }
    }
    boolean[] any = {false};
    remote.list(
        prefix(""),
        object -> {
          any[0] = true;
          return false;
        });
    if (!any[0]) {
      throw new ObjectMissingException(target.url(), remote.url());
    }
    return true;
  }

  /** Returns the prefix of the keys below a directory. */
  private String prefix(String below) {
    String key = target.key();
    String top = key.isEmpty() || key.endsWith("/") ? key : key + "/";
    return below.isEmpty() ? top : top + below + "/";
  }

  @Override
  public ExternalFile file() throws IOException {
    return file("", remote.stat(new RemoteKey(target.key(), target.version())));
  }

  private ExternalFile file(String path, RemoteObject object) {
    boolean hashed = checksumKind() == ChecksumKind.MD5;
    return new ExternalFile(
        path,
        object.size(),
        hashed
            ? Optional.empty()
            : object.etag().map(tag -> ChecksumKind.asWritten(target.scheme(), tag)),
        object.version(),
        false);
  }

  @Override
  public void files(FileSink sink) throws IOException {
    String prefix = prefix("");
    List<RemoteObject> objects = new ArrayList<>();
    remote.list(
        prefix,
        object -> {
          if (!object.path().endsWith("/")) { // stands for an empty directory
            objects.add(object);
          }
          return true;
        });
    boolean ask =
        target.versionAware() || (checksumKind() == ChecksumKind.ETAG && untagged(objects));
    for (RemoteObject object : ask ? asked(objects) : objects) {
      sink.file(file(object.path().substring(prefix.length()), object));
    }
  }

  private static boolean untagged(List<RemoteObject> objects) {
    return objects.stream().anyMatch(object -> object.etag().isEmpty());
  }

  /** Listings state no versions: each file is asked for its own, as many at once as may be. */
  private List<RemoteObject> asked(List<RemoteObject> objects) throws IOException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RemoteObject>> answers = new ArrayList<>();
      for (RemoteObject object : objects) {
        answers.add(
            threads.submit(
                () ->
                    object.version().isPresent() && object.etag().isPresent()
                        ? object
                        : remote.stat(RemoteKey.of(object.path()))));
      }
      List<RemoteObject> result = new ArrayList<>();
      try {
        for (Future<RemoteObject> answer : answers) {
          result.add(answer.get());
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        throw new java.io.InterruptedIOException("interrupted while asking " + remote.name());
      }
      return result;
    }
  }

  @Override
  public void children(String below, ChildSink sink) throws IOException {
    String prefix = prefix(below);
    Set<String> directories = new HashSet<>();
    remote.list(
        prefix,
        object -> {
          String rest = object.path().substring(prefix.length());
          int slash = rest.indexOf('/');
          if (slash > 0) {
            if (directories.add(rest.substring(0, slash))) {
              sink.child(rest.substring(0, slash), true, -1);
            }
          } else if (!rest.isEmpty()) {
            sink.child(rest, false, object.size());
          }
          return true;
        });
  }

  @Override
  public void read(ExternalFile file, long offset, long length, ByteConsumer consumer)
      throws IOException {
    String key = file.path().isEmpty() ? target.key() : prefix("") + file.path();
    remote.read(new RemoteKey(key, file.version()), offset, length, consumer);
  }

  @Override
  public Optional<Path> localPath() {
    return Optional.empty();
  }

  @Override
  public void close() {
    open.close();
  }
}

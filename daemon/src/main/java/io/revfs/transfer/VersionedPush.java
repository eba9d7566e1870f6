package io.revfs.transfer;

import io.revfs.dvc.CloudVersion;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.Upload;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings files to a remote that stores them under their own names, in versions. A file whose
 * recorded version is there, or whose newest version has the recorded tag, is not sent again.
 */
public final class VersionedPush {
  private final ObjectStore store;
  private final Remote remote;
  private final int lanes;
  private final TransferListener listener;
  private final Map<String, RemoteObject> made = new ConcurrentHashMap<>();
  private final Set<ObjectKey> missing = ConcurrentHashMap.newKeySet();
  private final AtomicLong sent = new AtomicLong();

  /** {@code lanes}: how many files travel at once. */
  public VersionedPush(ObjectStore store, Remote remote, int lanes, TransferListener listener) {
    this.store = store;
    this.remote = remote;
    this.lanes = lanes;
    this.listener = listener;
  }

  /**
   * A file of the project.
   *
   * @param path from the project's root, and on the remote
   * @param version what is recorded of it, if it was pushed before
   */
  public record VersionedFile(String path, ObjectKey key, Optional<CloudVersion> version) {}

  /**
   * Pushes files.
   *
   * @return what the remote says of those that had no version, by their path
   * @throws IOException if the remote is down or refuses, or keeps no versions; what was sent
   *     before stays there
   */
  public Map<String, RemoteObject> run(Collection<VersionedFile> files) throws IOException {
    listener.expect(files.size(), 0);
    Lanes.run(files, lanes, this::push);
    return made;
  }

  private void push(VersionedFile file) throws IOException {
    if (!isThere(file)) {
      if (!store.check(file.key())) {
        missing.add(file.key());
        listener.done(1);
        return;
      }
      Path object = store.path(file.key());
      RemoteObject written =
          remote.write(file.path(), new Upload(object, Files.size(object), false, n -> {}));
      sent.incrementAndGet();
      made.put(file.path(), checked(written));
    }
    listener.done(1);
  }

  private RemoteObject checked(RemoteObject written) throws IOException {
    RemoteObject known =
        written.version().isPresent() && written.etag().isPresent()
            ? written
            : remote.stat(RemoteKey.of(written.path()));
    if (known.version().filter(version -> !version.equals("null")).isEmpty()) {
      throw new IOException(
          "the remote '%s' keeps no versions: enable versioning of its bucket"
              .formatted(remote.name()));
    }
    return known;
  }

  private boolean isThere(VersionedFile file) throws IOException {
    Optional<String> version = file.version().flatMap(CloudVersion::versionId);
    if (version.isEmpty()) {
      return false;
    }
    try {
      var unused = remote.stat(new RemoteKey(file.path(), version));
      return true;
    } catch (ObjectMissingException e) {
      return false;
    }
  }

  /** Returns how many files were sent. */
  public long sent() {
    return sent.get();
  }

  /** Returns the objects that the cache lacks. */
  public Set<ObjectKey> missing() {
    return Set.copyOf(missing);
  }
}

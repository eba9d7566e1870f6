package io.revfs.mount;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.overlay.DetachedMount;
import io.revfs.fuse.serve.FuseMounts;
import io.revfs.seal.ObjectLayer;
import io.revfs.seal.Objects;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The object layer's mounts. One is made when it is first needed, in a directory that only root can
 * enter, and taken out of the table of mounts at once. Its connection outlives the daemon as those
 * of other mounts do, but the mount itself only in the overlays that have it: the next daemon
 * serves these, and mounts another for new ones. Thread-safe.
 */
public final class ObjectMount implements ObjectLayer, Closeable {
  private static final Logger log = LoggerFactory.getLogger(ObjectMount.class);
  private static final double ENTRY_SECONDS = 300;

  private final KeptSessions kept;
  private final Path directory;
  private final Objects objects;

  /** What is served, by the identities of the mounts. */
  @GuardedBy("this")
  private final Map<String, FuseSession> sessions = new LinkedHashMap<>();

  /** What new overlays are to have. */
  @GuardedBy("this")
  private @Nullable Layer current;

  /** Before, nobody knows what the process before this one served. */
  @GuardedBy("this")
  private boolean resumed;

  @GuardedBy("this")
  private boolean closing;

  /** {@code directory}: where; made when needed. */
  public ObjectMount(KeptSessions kept, Path directory, Objects objects) {
    this.kept = kept;
    this.directory = directory.toAbsolutePath().normalize();
    this.objects = objects;
  }

  Path place() {
    return directory;
  }

  /** Goes on with what the process before this one served. */
  synchronized void resume() throws IOException {
    for (KeptSessions.Inherited inherited : kept.inherited()) {
      if (inherited.mountPoint().equals(directory)) {
        String name = inherited.name();
        FileTree tree = objects.tree(kept.nodes(name), true);
        begin(
            name,
            inherited.mark(),
            FuseMounts.resume(tree, directory, inherited.survival(), kept.openFiles(name)));
      }
    }
    resumed = true;
  }

  @Override
  public synchronized void leave() throws IOException {
    Layer left = current;
    current = null;
    if (left != null) {
      left.mount().close();
    }
    detachStrangers();
  }

  /** What a daemon left that died before it took its mount out of the table. */
  private void detachStrangers() throws IOException {
    while (MountTable.read().at(directory).isPresent()) {
      MountTable.detach(directory);
    }
  }

  @Override
  public synchronized Layer mounted() throws IOException {
    if (current != null && current.mount().isThere()) {
      return current;
    }
    leave();
    if (closing) {
      throw new IOException("the daemon ends");
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    String name = kept.newName();
    FuseSession begun =
        FuseMounts.mount(
            objects.tree(kept.nodes(name), false),
            directory,
            new MountOptions(
                "revfs:objects",
                false,
                ENTRY_SECONDS,
                MountOptions.Backend.KERNEL,
                MountOptions.Serve.PASSTHROUGH,
                kept.openFiles(name)));
    try {
      MountTable.Mount mount =
          MountTable.read()
              .at(directory)
              .orElseThrow(() -> new IOException("the object layer was unmounted"));
      Layer layer =
          new Layer(DetachedMount.of(directory), new Identity(mount.id(), mount.device()));
      begin(name, layer.identity().toString(), begun);
      current = layer;
      return layer;
    } catch (IOException e) {
      begun.close();
      throw e;
    }
  }

  /** Closes files that are kept open for the next use, so that their objects may be evicted. */
  void closeIdleFiles() {
    List<FuseSession> open;
    synchronized (this) {
      open = new ArrayList<>(sessions.values());
    }
    open.forEach(FuseSession::closeIdleFiles);
  }

  @GuardedBy("this")
  private void begin(String name, String identity, FuseSession begun) {
    sessions.put(identity, begun);
    kept.keep(name, begun, identity);
    begun.ended().whenComplete((nothing, failure) -> ended(name, identity));
  }

  /** Called when nothing has the mount any more, and when its connection was ended. */
  private void ended(String name, String identity) {
    kept.drop(name);
    synchronized (this) {
      sessions.remove(identity);
      if (current == null || !current.identity().toString().equals(identity)) {
        return;
      }
      log.warn("the object layer's connection ended; it is mounted again when it is needed");
      try {
        current.mount().close();
      } catch (IOException e) {
        log.debug("{}", e.toString());
      }
      current = null;
    }
  }

  @Override
  public synchronized boolean serves(String identity) {
    return !resumed || sessions.containsKey(identity);
  }

  /** Takes it away; files that are open in overlays can be read while this process lives. */
  @Override
  public void close() throws IOException {
    List<FuseSession> open;
    synchronized (this) {
      closing = true;
      open = new ArrayList<>(sessions.values());
      leave();
    }
    for (FuseSession session : open) {
      session.close();
    }
    Files.deleteIfExists(directory);
  }
}

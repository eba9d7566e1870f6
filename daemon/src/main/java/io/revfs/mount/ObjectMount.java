package io.revfs.mount;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseMounts;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.seal.ObjectLayer;
import io.revfs.seal.Objects;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The object layer's mount, in a directory that only root can enter. It is made when it is first
 * needed, outlives the daemon as other mounts do, and is made anew when its connection ended.
 * Thread-safe.
 */
public final class ObjectMount implements ObjectLayer, Closeable {
  private static final Logger log = LoggerFactory.getLogger(ObjectMount.class);
  private static final double ENTRY_SECONDS = 300;

  private final KeptSessions kept;
  private final Path directory;
  private final Objects objects;

  @GuardedBy("this")
  private @Nullable FuseSession session;

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

  /**
   * Goes on with what the process before this one served, if it did; also with layers that are
   * mounted no more and that overlays still use.
   */
  synchronized void resume() throws IOException {
    for (KeptSessions.Inherited inherited : kept.inherited()) {
      if (inherited.mountPoint().equals(directory)) {
        String name = inherited.name();
        FileTree tree = objects.tree(kept.nodes(name), true);
        begin(name, FuseMounts.resume(tree, directory, inherited.survival(), kept.openFiles(name)));
      }
    }
    if (MountTable.read().at(directory).isEmpty()) {
      session = null; // those that are left are not for new overlays
    }
  }

  @Override
  public synchronized void leave() throws IOException {
    FuseSession left = session;
    session = null;
    if (left != null) {
      left.unmount(true);
    }
    if (MountTable.read().at(directory).isPresent()) {
      MountTable.detach(directory); // of a daemon that died
    }
  }

  @Override
  public synchronized Path mounted() throws IOException {
    if (session != null) {
      return directory;
    }
    if (closing) {
      throw new IOException("the daemon ends");
    }
    if (MountTable.read().at(directory).isPresent()) {
      MountTable.detach(directory); // of a daemon that died, or whose connection ended
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    String name = kept.newName();
    begin(
        name,
        FuseMounts.mount(
            objects.tree(kept.nodes(name), false),
            directory,
            new MountOptions(
                "revfs:objects",
                false,
                ENTRY_SECONDS,
                MountOptions.Backend.KERNEL,
                MountOptions.Serve.PASSTHROUGH,
                kept.openFiles(name))));
    return directory;
  }

  /** Closes files that are kept open for the next use, so that their objects may be evicted. */
  void closeIdleFiles() {
    FuseSession open;
    synchronized (this) {
      open = session;
    }
    if (open != null) {
      open.closeIdleFiles();
    }
  }

  @GuardedBy("this")
  private void begin(String name, FuseSession begun) {
    session = begun;
    kept.keep(name, begun);
    begun.ended().whenComplete((nothing, failure) -> ended(name, begun));
  }

  private void ended(String name, FuseSession over) {
    kept.drop(name);
    synchronized (this) {
      if (session == over) {
        session = null;
        if (!closing) {
          log.warn("the object layer's connection ended; it is mounted again");
        }
      }
    }
  }

  @Override
  public synchronized Optional<String> identity() throws IOException {
    return session == null
        ? Optional.empty()
        : MountTable.read().at(directory).map(mount -> mount.id() + " " + mount.device());
  }

  /** Takes it away; files that are open in overlays can be read while this process lives. */
  @Override
  public void close() throws IOException {
    FuseSession open;
    synchronized (this) {
      closing = true;
      open = session;
    }
    if (open != null) {
      open.close();
    }
    if (MountTable.read().at(directory).isPresent()) {
      MountTable.detach(directory);
    }
    Files.deleteIfExists(directory);
  }
}

package io.revfs.fuse.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.MountTable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A mount that was taken out of the table of mounts, so that nobody sees it and no path leads into
 * it. It is there for as long as this is open, or an overlay has it as a layer; a process that is
 * killed closes it. Thread-safe.
 */
public final class DetachedMount implements Closeable {
  private final Path place;

  @GuardedBy("this")
  private MountCalls.Descriptor mount;

  @GuardedBy("this")
  private boolean attached;

  @GuardedBy("this")
  private boolean closed;

  private DetachedMount(Path place, MountCalls.Descriptor mount) {
    this.place = place;
    this.mount = mount;
  }

  /** Takes out what is mounted at a place. */
  public static DetachedMount of(Path place) throws IOException {
    return new DetachedMount(place, takeOut(place));
  }

  private static MountCalls.Descriptor takeOut(Path place) throws IOException {
    MountCalls.Descriptor copy = MountCalls.copy(place);
    try {
      MountCalls.detach(place);
      return copy;
    } catch (IOException e) {
      copy.close();
      throw e;
    }
  }

  /** Something that is done with the mount. */
  interface Use {
    void with(MountCalls.Descriptor mount) throws IOException;
  }

  /** Does something while this stays open. */
  synchronized void use(Use use) throws IOException {
    if (closed) {
      throw new IOException("what was mounted at " + place + " was given up");
    }
    use.with(mount);
  }

  /** Returns where it was, and is while it is {@link #attach}ed. */
  Path place() {
    return place;
  }

  /** Returns whether it can be used: nobody closed it, or unmounted it while it was attached. */
  public synchronized boolean isThere() throws IOException {
    return !closed && (!attached || MountTable.read().at(place).isPresent());
  }

  /**
   * Puts it where it was, for kernels whose overlayfs takes layers from the table only.
   *
   * @return whether it was not there
   */
  synchronized boolean attach() throws IOException {
    if (attached) {
      return false;
    }
    MountCalls.place(mount, place);
    attached = true;
    return true;
  }

  /** Takes it out again. */
  synchronized void detach() throws IOException {
    if (attached) {
      MountCalls.Descriptor before = mount;
      mount = takeOut(place);
      before.close();
      attached = false;
    }
  }

  /** Lets it go: it is over when no overlay has it. */
  @Override
  public synchronized void close() throws IOException {
    boolean there = isThere();
    closed = true;
    mount.close();
    if (attached && there) {
      MountCalls.detach(place);
    }
  }
}

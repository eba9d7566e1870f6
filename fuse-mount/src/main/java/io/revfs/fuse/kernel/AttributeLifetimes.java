package io.revfs.fuse.kernel;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.posix.FileCalls;
import io.revfs.posix.SetIdBits;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How long the kernel may keep attributes. Whatever it is asked to write, it drops them when it has
 * written, also where it writes by itself; two things change them that it does not see, and there
 * it may keep none:
 *
 * <ul>
 *   <li>Stores to a mapping of a file that it reads and writes by itself: that is a mapping of the
 *       file below, and may outlive the descriptor that it was made by. Who opens a file to read
 *       and write can make one, nobody else. So from the open on nothing is kept of such a file,
 *       until it is closed and nobody has the file below open for writing ({@link
 *       FileCalls#isOpenForWriting}).
 *   <li>Set-id bits that are taken away as the file is written.
 * </ul>
 *
 * <p>What the kernel keeps already as a file is opened so, it is told to forget before the open is
 * answered, so before there is a mapping. Thread-safe.
 *
 * <p>Source: fs/fuse/file.c (fuse_write_update_attr, fuse_writepage_end), fs/fuse/passthrough.c and
 * fs/backing-file.c of Linux 6.18.
 */
final class AttributeLifetimes {
  /** Nobody is to hear of it; and it is not to wait. */
  private static final RequestContext QUIET = new RequestContext(-1, -1, 0, false);

  private final FileTree tree;
  private final OpenNodes open;
  private final boolean seesNoStores;
  private final LongPredicate forget;
  private final ConcurrentHashMap<Long, Mappable> mappable = new ConcurrentHashMap<>();

  /** How many nodes left {@link #mappable}. */
  private final AtomicLong left = new AtomicLong();

  /**
   * A node that somebody may write through a mapping.
   *
   * @param opens how often it is open to read and write
   * @param forgotten whether the kernel keeps nothing of it, and will not
   * @param passedThrough whether mappings may be left when it is closed
   */
  private record Mappable(int opens, boolean forgotten, boolean passedThrough) {
    Mappable opened() {
      return new Mappable(opens + 1, forgotten, passedThrough);
    }

    Mappable closed(boolean wasPassedThrough) {
      return new Mappable(Math.max(0, opens - 1), forgotten, passedThrough || wasPassedThrough);
    }
  }

  /**
   * Of a session.
   *
   * @param seesNoStores whether the kernel does not see stores to mappings of this session
   * @param forget makes the kernel forget a node's attributes, and returns whether it will have
   *     done so by then; not called by a thread that serves
   */
  AttributeLifetimes(FileTree tree, OpenNodes open, boolean seesNoStores, LongPredicate forget) {
    this.tree = tree;
    this.open = open;
    this.seesNoStores = seesNoStores;
    this.forget = forget;
    // The process before this one may have been killed before it told the kernel.
    open.mappable().forEach(node -> mappable.put(node, new Mappable(0, false, true)));
  }

  /** Returns a time for {@link #seconds}. */
  long now() {
    return left.get();
  }

  /**
   * Returns how long the kernel may keep attributes.
   *
   * @param since what {@link #now} gave before the tree was asked for them
   */
  double seconds(Attributes found, long since) {
    // Nothing can be stored to an empty file, and the kernel sees how it grows.
    if (!mappable.isEmpty() && found.size() > 0 && isMappable(found.node())) {
      return 0;
    }
    if (left.get() != since) {
      return 0; // it may have been written, and closed, since the tree said this
    }
    return found.kind() == FileKind.REGULAR && SetIdBits.has(found.permissions())
        ? 0
        : tree.attributeSeconds(found.node());
  }

  /**
   * As {@link #seconds}, of an answer that the kernel takes whatever it was told after it had
   * asked: so it may be older than what {@link #opening} made it forget.
   */
  double secondsOfLate(Attributes found, long since) {
    return seesNoStores && found.kind() == FileKind.REGULAR && found.size() > 0
        ? 0
        : seconds(found, since);
  }

  /** Returns whether a file that is opened with such flags counts here. */
  boolean allowsMapping(int flags) {
    return seesNoStores && (flags & WritableTree.ACCESS_MODE) == WritableTree.READ_WRITE;
  }

  /**
   * A file is about to be opened with flags that {@linkplain #allowsMapping allow it}. Makes the
   * kernel forget its attributes, unless it does so as it truncates the file.
   *
   * @throws io.revfs.fuse.SlowAnswerException if that is to be done and the thread may not wait;
   *     then the file does not count as opened
   */
  void opening(RequestContext context, long node, int flags) throws FuseException {
    Mappable now = count(node);
    if (now.forgotten() || (flags & WritableTree.TRUNCATE) != 0) {
      return;
    }
    try {
      context.beforeSlowAnswer();
    } catch (FuseException e) {
      closed(node, false);
      throw e;
    }
    if (forget.test(node)) {
      setForgotten(node);
    }
  }

  /** A file was made, and is open so; the kernel hears of its attributes by the answer. */
  void created(long node) {
    count(node);
    setForgotten(node);
  }

  private Mappable count(long node) {
    return mappable.compute(
        node,
        (key, before) -> {
          if (before != null) {
            return before.opened();
          }
          open.setMappable(node, true);
          return new Mappable(1, false, false);
        });
  }

  private void setForgotten(long node) {
    mappable.computeIfPresent(
        node, (key, before) -> new Mappable(before.opens(), true, before.passedThrough()));
  }

  /**
   * A file that counts is closed; {@code passedThrough}: as the kernel read and wrote it by itself,
   * it may be mapped still.
   */
  void closed(long node, boolean passedThrough) {
    mappable.computeIfPresent(
        node,
        (key, before) -> {
          Mappable now = before.closed(passedThrough);
          return now.opens() > 0 || now.passedThrough() ? now : leave(node);
        });
  }

  /**
   * The kernel has forgotten a node, or some of its references: whoever has it mapped holds one.
   */
  void forgot(long node) {
    if (!mappable.isEmpty()
        && mappable.containsKey(node)
        && tree instanceof WritableTree writable
        && !writable.isReferenced(node)) {
      mappable.computeIfPresent(node, (key, now) -> now.opens() > 0 ? now : leave(node));
    }
  }

  private @Nullable Mappable leave(long node) {
    left.incrementAndGet(); // first: who finds it gone sees that it went
    open.setMappable(node, false);
    return null;
  }

  /** Returns whether a node was mappable; it may be so for the last time. */
  private boolean isMappable(long node) {
    Mappable state = mappable.get(node);
    if (state == null) {
      return false;
    }
    if (state.opens() == 0) {
      look(node);
    }
    return true;
  }

  /**
   * Looks whether anybody still has a file open for writing that is closed here. While that is
   * looked at, nobody opens it to read and write: {@link #opening} waits. What cannot be looked at
   * stays.
   */
  private void look(long node) {
    if (!(tree instanceof WritableTree writable)) {
      return;
    }
    try (OpenFile file = writable.open(QUIET, node, WritableTree.READ_ONLY, false)) {
      if (file instanceof OpenFile.Local local) {
        mappable.computeIfPresent(
            node,
            (key, now) ->
                now.opens() > 0 || FileCalls.isOpenForWriting(local.descriptor())
                    ? now
                    : leave(node));
      }
    } catch (FuseException e) {
      // It stays.
    }
  }
}

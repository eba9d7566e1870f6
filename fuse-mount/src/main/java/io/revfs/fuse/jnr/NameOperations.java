package io.revfs.fuse.jnr;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import java.util.function.Supplier;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * libfuse's path-based operations that change names and attributes of a {@link WritableTree}.
 * Thread-safe.
 */
final class NameOperations {
  private static final int PERMISSIONS = 07777;

  // struct timespec of 64-bit Linux; UTIME_NOW and UTIME_OMIT of linux/stat.h
  private static final int TIMESPEC_BYTES = 16;
  private static final long NOW = 0x3fffffff;
  private static final long OMIT = 0x3ffffffe;
  private static final long NANOSECONDS_OF_SECOND = 1_000_000_000;

  private final WritableTree tree;
  private final Answers answers;
  private final Supplier<RequestContext> caller;

  /** {@code caller}: says who asks, on the thread of a request. */
  NameOperations(WritableTree tree, Answers answers, Supplier<RequestContext> caller) {
    this.tree = tree;
    this.answers = answers;
    this.caller = caller;
  }

  /** Fills the slots of libfuse's struct that these are. */
  void register(NativeOperations slots) {
    slots.mknod.set(
        (path, mode, device) ->
            answers.answer("mknod", path, () -> makeNode(path, (int) mode, (int) device)));
    slots.mkdir.set(
        (path, mode) -> answers.answer("mkdir", path, () -> makeDirectory(path, (int) mode)));
    slots.symlink.set(
        (target, path) -> answers.answer("symlink", path, () -> symbolicLink(target, path)));
    slots.unlink.set(path -> answers.answer("unlink", path, () -> remove(path, tree::unlink)));
    slots.rmdir.set(
        path -> answers.answer("rmdir", path, () -> remove(path, tree::removeDirectory)));
    slots.rename.set((from, to) -> answers.answer("rename", from, () -> rename(from, to)));
    slots.link.set((from, to) -> answers.answer("link", from, () -> link(from, to)));
    slots.chmod.set(
        (path, mode) ->
            answers.answer(
                "chmod",
                path,
                () -> change(path, changes((int) mode & PERMISSIONS, null, null, null))));
    slots.chown.set(
        (path, uid, gid) ->
            answers.answer(
                "chown", path, () -> change(path, changes(null, id(uid), id(gid), null))));
    slots.truncate.set(
        (path, size) ->
            answers.answer("truncate", path, () -> change(path, changes(null, null, null, size))));
    slots.utimens.set(
        (path, times) -> answers.answer("utimens", path, () -> change(path, times(times))));
    slots.setxattr.set(
        (path, name, value, size, flags) ->
            answers.answer("setxattr", path, () -> setAttribute(path, name, value, size, flags)));
    slots.removexattr.set(
        (path, name) -> answers.answer("removexattr", path, () -> removeAttribute(path, name)));
  }

  /** A path's last name, and the way to the directory that it is in. */
  private record Place(Way directory, String name) implements AutoCloseable {
    long parent() {
      return directory.node();
    }

    @Override
    public void close() {
      directory.close();
    }
  }

  private Place place(RequestContext context, String path) throws FuseException {
    int slash = path.lastIndexOf('/');
    String name = PathResolver.checked(path.substring(slash + 1));
    return new Place(Way.to(tree, context, path.substring(0, Math.max(1, slash))), name);
  }

  /** Makes something in a directory. */
  @FunctionalInterface
  private interface Making {
    Attributes in(RequestContext context, long parent, String name) throws FuseException;
  }

  private int make(Pointer path, Making making) throws FuseException {
    RequestContext context = caller.get();
    String decoded = NativePath.decode(path);
    return Retry.whileStale(
        () -> {
          try (Place place = place(context, decoded)) {
            Attributes made = making.in(context, place.parent(), place.name());
            tree.forget(made.node(), 1);
            return 0;
          }
        });
  }

  private int makeNode(Pointer path, int mode, int device) throws FuseException {
    int wanted = mode & (FileKind.MODE_BITS | PERMISSIONS);
    return make(
        path, (context, parent, name) -> tree.makeNode(context, parent, name, wanted, device));
  }

  private int makeDirectory(Pointer path, int mode) throws FuseException {
    return make(
        path,
        (context, parent, name) -> tree.makeDirectory(context, parent, name, mode & PERMISSIONS));
  }

  private int symbolicLink(Pointer target, Pointer path) throws FuseException {
    String to = NativePath.decode(target);
    return make(path, (context, parent, name) -> tree.makeSymbolicLink(context, parent, name, to));
  }

  private int link(Pointer from, Pointer to) throws FuseException {
    String source = NativePath.decode(from);
    return make(
        to,
        (context, parent, name) -> {
          try (Way way = Way.to(tree, context, source)) {
            return tree.link(context, way.node(), parent, name);
          }
        });
  }

  /** Takes a name away. */
  @FunctionalInterface
  private interface Removal {
    void in(RequestContext context, long parent, String name) throws FuseException;
  }

  private int remove(Pointer path, Removal removal) throws FuseException {
    RequestContext context = caller.get();
    String decoded = NativePath.decode(path);
    return Retry.whileStale(
        () -> {
          try (Place place = place(context, decoded)) {
            removal.in(context, place.parent(), place.name());
            return 0;
          }
        });
  }

  private int rename(Pointer from, Pointer to) throws FuseException {
    RequestContext context = caller.get();
    String path = NativePath.decode(from);
    String newPath = NativePath.decode(to);
    return Retry.whileStale(
        () -> {
          try (Place place = place(context, path);
              Place newPlace = place(context, newPath)) {
            tree.rename(
                context, place.parent(), place.name(), newPlace.parent(), newPlace.name(), 0);
            return 0;
          }
        });
  }

  private int change(Pointer path, AttributeChange change) throws FuseException {
    return at(
        path,
        (context, node) -> {
          Attributes unused = tree.change(context, node, change);
        });
  }

  /** Does something with a node. */
  @FunctionalInterface
  private interface NodeWork {
    void on(RequestContext context, long node) throws FuseException;
  }

  private int at(Pointer path, NodeWork work) throws FuseException {
    RequestContext context = caller.get();
    String decoded = NativePath.decode(path);
    return Retry.whileStale(
        () -> {
          try (Way way = Way.to(tree, context, decoded)) {
            work.on(context, way.node());
            return 0;
          }
        });
  }

  private static AttributeChange changes(
      @Nullable Integer permissions,
      @Nullable Integer uid,
      @Nullable Integer gid,
      @Nullable Long size) {
    return new AttributeChange(null, permissions, uid, gid, size, null, null, false);
  }

  /** All bits set: it stays. */
  private static @Nullable Integer id(long id) {
    return (int) id == -1 ? null : Integer.valueOf((int) id);
  }

  private static AttributeChange times(Pointer times) {
    return new AttributeChange(
        null, null, null, null, null, time(times, 0), time(times, TIMESPEC_BYTES), false);
  }

  private static @Nullable Long time(Pointer times, int at) {
    long nanoseconds = times.getLong(at + 8L);
    if (nanoseconds == OMIT) {
      return null;
    }
    return nanoseconds == NOW
        ? Long.valueOf(AttributeChange.NOW)
        : Long.valueOf(times.getLong(at) * NANOSECONDS_OF_SECOND + nanoseconds);
  }

  private int setAttribute(Pointer path, Pointer name, Pointer value, long size, int flags)
      throws FuseException {
    byte[] bytes = new byte[Math.toIntExact(size)];
    if (size > 0) {
      value.get(0, bytes, 0, bytes.length);
    }
    String attribute = NativePath.decode(name);
    return at(
        path, (context, node) -> tree.setExtendedAttribute(context, node, attribute, bytes, flags));
  }

  private int removeAttribute(Pointer path, Pointer name) throws FuseException {
    String attribute = NativePath.decode(name);
    return at(path, (context, node) -> tree.removeExtendedAttribute(context, node, attribute));
  }
}

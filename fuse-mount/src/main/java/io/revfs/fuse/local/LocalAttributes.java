package io.revfs.fuse.local;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileDetails;
import io.revfs.posix.NameCalls;
import io.revfs.posix.SetIdBits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attributes of files that are open, for attributes only or for more. Thread-safe. */
final class LocalAttributes {
  /** What most attributes fit into; longer ones are asked for again. */
  private static final int USUAL_BYTES = 1024;

  /** XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
  private static final int MOST_BYTES = 64 << 10;

  private static final int ERANGE = 34;

  /** Applies a change; a size needs a descriptor that may write. */
  void change(RequestContext context, int fd, AttributeChange change) throws FuseException {
    if (change.isEmpty()) {
      SetIdBits.dropFromMode(fd, context::isInGroup);
      FuseException.check(NameCalls.own(fd, -1, -1), "chown");
      return;
    }
    if (change.dropsRights()) {
      SetIdBits.drop(fd, context::isInGroup);
    }
    if (change.size() != null) {
      FuseException.check(FileCalls.truncate(fd, change.size()), "truncate");
    }
    if (change.uid() != null || change.gid() != null) {
      int uid = change.uid() == null ? -1 : change.uid();
      int gid = change.gid() == null ? -1 : change.gid();
      if (context.uid() > 0) { // the file system below would keep what root may keep
        SetIdBits.dropFromMode(fd, context::isInGroup);
      }
      FuseException.check(NameCalls.own(fd, uid, gid), "chown");
    }
    if (change.permissions() != null) {
      FuseException.check(NameCalls.permissions(fd, change.permissions()), "chmod");
    }
    if (change.accessed() != null || change.modified() != null) {
      FuseException.check(
          NameCalls.times(fd, time(change.accessed()), time(change.modified())), "utimens");
    }
  }

  /** The kernel does not look who asks for a change of nothing, which takes set-id bits away. */
  static void checkOwner(RequestContext context, FileDetails details) throws FuseException {
    boolean mayChange = context.uid() <= 0 || context.uid() == details.uid();
    if (!mayChange && details.isFile() && SetIdBits.has(details.mode())) {
      throw new FuseException(Errno.EPERM, "chown");
    }
  }

  private static NameCalls.Time time(@Nullable Long nanoseconds) {
    if (nanoseconds == null) {
      return new NameCalls.Time.Kept();
    }
    return nanoseconds == AttributeChange.NOW
        ? new NameCalls.Time.Now()
        : new NameCalls.Time.At(nanoseconds);
  }

  /** A question whose answer has a length that is not known before. */
  @FunctionalInterface
  private interface Question {
    int ask(MemorySegment to);
  }

  private static byte[] ask(Question question, String what) throws FuseException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(USUAL_BYTES);
      int n = question.ask(to);
      if (n == -ERANGE) {
        to = arena.allocate(MOST_BYTES);
        n = question.ask(to);
      }
      FuseException.check(n, what);
      return to.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  byte[] value(int fd, byte[] name) throws FuseException {
    return ask(to -> FileCalls.attribute(fd, name, to), "attribute");
  }

  /** {@code all}: also the names that only root may see. */
  List<String> names(int fd, boolean all) throws FuseException {
    byte[] bytes = ask(to -> FileCalls.attributes(fd, to), "attributes");
    List<String> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        String name = FileNames.decode(Arrays.copyOfRange(bytes, start, i));
        if (all || !name.startsWith("trusted.")) {
          names.add(name);
        }
        start = i + 1;
      }
    }
    return names;
  }

  void set(int fd, byte[] name, byte[] value, int flags) throws FuseException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(value.length);
      bytes.copyFrom(MemorySegment.ofArray(value));
      FuseException.check(FileCalls.setAttribute(fd, name, bytes, flags), "attribute");
    }
  }
}

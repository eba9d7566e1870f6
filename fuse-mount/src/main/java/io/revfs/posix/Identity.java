package io.revfs.posix;

import static io.revfs.posix.CLibrary.function;
import static io.revfs.posix.CLibrary.never;
import static io.revfs.posix.CLibrary.state;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * As whom this process makes files. Root makes them for others by setfsuid(2) and setfsgid(2),
 * which are the calling thread's alone. Thread-safe.
 */
public final class Identity {
  private static final MethodHandle SETFSUID =
      function("setfsuid", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  private static final MethodHandle SETFSGID =
      function("setfsgid", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private final int uid;
  private final int gid;
  private final int umask;

  private Identity(int uid, int gid, int umask) {
    this.uid = uid;
    this.gid = gid;
    this.umask = umask;
  }

  /** Returns this process's. */
  public static Identity ofProcess() throws IOException {
    Path self = Path.of("/proc/self");
    int umask = 0;
    for (String line : Files.readAllLines(self.resolve("status"))) {
      if (line.startsWith("Umask:")) {
        umask = Integer.parseInt(line.substring("Umask:".length()).strip(), 8);
      }
    }
    return new Identity(
        (Integer) Files.getAttribute(self, "unix:uid"),
        (Integer) Files.getAttribute(self, "unix:gid"),
        umask);
  }

  /** Returns whether files can be made for other users. */
  public boolean isRoot() {
    return uid == 0;
  }

  /** Returns the permissions that this process's umask takes from what it makes. */
  public int umask() {
    return umask;
  }

  /** Returns the user to whom belongs what this process makes. */
  public int processUid() {
    return uid;
  }

  /** Returns the group of what this process makes. */
  public int processGid() {
    return gid;
  }

  /** Returns whether a user and group are this process's own. */
  public boolean is(int otherUid, int otherGid) {
    return uid == otherUid && gid == otherGid;
  }

  /**
   * Makes one system call as somebody else; nothing in it may wait on anything of this process's.
   */
  public int as(int otherUid, int otherGid, IntSupplier call) {
    try {
      int unusedGroup = (int) SETFSGID.invokeExact(state(), otherGid);
      int unusedUser = (int) SETFSUID.invokeExact(state(), otherUid);
      try {
        return call.getAsInt();
      } finally {
        int unused = (int) SETFSUID.invokeExact(state(), uid);
        unused = (int) SETFSGID.invokeExact(state(), gid);
      }
    } catch (Throwable t) {
      throw never(t);
    }
  }
}

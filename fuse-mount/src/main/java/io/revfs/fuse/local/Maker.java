package io.revfs.fuse.local;

import io.revfs.fuse.RequestContext;
import io.revfs.posix.FileDetails;
import io.revfs.posix.Identity;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.util.function.IntSupplier;

/**
 * Makes files that belong to who asked. As root: by taking that user's and group's place for the
 * call. The kernel has checked the rights by then, also those that come from further groups, which
 * are not known here; so where the file system below refuses the user, root makes it, and gives it
 * away. Thread-safe.
 */
final class Maker {
  private static final int EPERM = 1;
  private static final int EACCES = 13;
  private static final int SET_GID = 02000;
  private static final int OWN = 0600;

  private final Identity self;

  Maker(Identity self) {
    this.self = self;
  }

  /**
   * What one call gave.
   *
   * @param result of the system call
   * @param gift whether it is root's so far
   */
  record Made(int result, boolean gift) {}

  Made make(RequestContext context, IntSupplier call) {
    if (!self.isRoot() || context.uid() < 0 || self.is(context.uid(), context.gid())) {
      return new Made(call.getAsInt(), false);
    }
    int result = self.as(context.uid(), context.gid(), call);
    if (result != -EACCES && result != -EPERM) {
      return new Made(result, false);
    }
    return new Made(call.getAsInt(), true);
  }

  /**
   * Gives what was made its owner and the permissions it was asked for: this process's umask took
   * some, which was not the caller's to lose.
   *
   * @param fd of it; may be open with O_PATH
   * @return whether anything had to be changed
   */
  boolean settle(RequestContext context, Made made, int fd, FileDetails now, int mode) {
    if (made.gift()) {
      // In a set-gid directory, the group is the directory's already.
      int gid = now.gid() == self.processGid() ? context.gid() : -1;
      int unused = NameCalls.own(fd, context.uid(), gid);
    }
    int wanted = (mode & 07777) | (now.isDirectory() ? now.permissions() & SET_GID : 0);
    if ((made.gift() || (mode & self.umask()) != 0) && wanted != now.permissions()) {
      int unused = NameCalls.permissions(fd, wanted);
      return true;
    }
    return made.gift();
  }

  /** As {@link #settle}, of a symbolic link, which has no permissions. */
  void settleLink(RequestContext context, Made made, int directory, byte[] name) {
    if (made.gift()) {
      int unused = NameCalls.own(directory, name, context.uid(), context.gid());
    }
  }

  /**
   * Opens a file whose permissions are less than those with which its owner, who is this process's
   * user, has it open: a process before this one had opened it, or they were changed since.
   *
   * @return a descriptor, or a negative error number
   */
  int openOwn(int directory, byte[] name, int flags) {
    int fd = Posix.open(directory, name, NameCalls.O_PATH | Posix.O_NOFOLLOW, 0);
    if (fd < 0) {
      return fd;
    }
    try {
      int looked = NameCalls.stat(fd);
      FileDetails file = NameCalls.details();
      if (looked < 0 || !file.isFile() || file.uid() != self.processUid()) {
        return -EACCES;
      }
      int unused = NameCalls.permissions(fd, file.permissions() | OWN);
      try {
        return NameCalls.openAgain(fd, flags);
      } finally {
        unused = NameCalls.permissions(fd, file.permissions());
      }
    } finally {
      int unused = Posix.close(fd);
    }
  }
}

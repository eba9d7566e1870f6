package io.revfs.remote.directory;

import io.revfs.fuse.FileNames;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileCopy;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Copies files to where none are: the copy gets its name when it is complete, and if that cannot be
 * nothing is left of it. A third of the work of a copy that is renamed, for small files.
 * Thread-safe.
 */
final class NewFiles {
  private static final int READ_ONLY = 0444;
  private static final byte[] HERE = {'.'};

  private volatile boolean possible = true;
  private volatile boolean clones = true;

  /**
   * Copies a file, to one that nobody may write to.
   *
   * @return false if there is a file of that name, or the file system has no files without names;
   *     nothing has happened then
   */
  boolean write(Path content, Path target) throws IOException {
    Path parent = target.getParent();
    if (!possible || parent == null) {
      return false;
    }
    int directory =
        Posix.open(Posix.AT_FDCWD, bytes(parent), Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
    if (directory < 0) {
      return false; // the other way says better what is wrong
    }
    try {
      int to = Posix.open(directory, HERE, Posix.O_WRONLY | Posix.O_TMPFILE, READ_ONLY);
      if (to < 0) {
        possible = false;
        return false;
      }
      try {
        copy(content, to, target);
        int linked = Posix.linkOpen(to, directory, bytes(target.getFileName()));
        if (linked == -PosixFailure.EEXIST || linked == -PosixFailure.ENOENT) {
          return false;
        }
        PosixFailure.check(linked, target.toString());
        return true;
      } finally {
        Posix.close(to);
      }
    } finally {
      Posix.close(directory);
    }
  }

  private void copy(Path content, int to, Path target) throws IOException {
    int from =
        (int)
            PosixFailure.check(
                Posix.open(Posix.AT_FDCWD, bytes(content), Posix.O_RDONLY, 0), content.toString());
    try {
      clones = clones && FileCalls.cloneFile(from, to) >= 0;
      if (!clones) {
        PosixFailure.check(FileCopy.all(from, to), content + " to " + target);
      }
    } finally {
      Posix.close(from);
    }
  }

  private static byte[] bytes(Path path) {
    return FileNames.encode(path.toString());
  }
}

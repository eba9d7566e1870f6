package io.revfs.posix;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Error numbers as the exceptions of {@code java.nio.file}: the one table for this package. */
public final class PosixFailure {
  /** No such file. */
  public static final int ENOENT = 2;

  /** The file exists. */
  public static final int EEXIST = 17;

  /** Another file system. */
  public static final int EXDEV = 18;

  /** No space is left. */
  public static final int ENOSPC = 28;

  /** More links to a file than there can be. */
  public static final int EMLINK = 31;

  /** What should be a directory is none. */
  public static final int ENOTDIR = 20;

  /** A limit was reached: watches, descriptors. */
  public static final int EMFILE = 24;

  private PosixFailure() {}

  /** Returns {@code result} if it is none, which all calls of {@link Posix} tell by its sign. */
  public static long check(long result, String path) throws FileSystemException {
    if (result < 0) {
      throw of((int) -result, path);
    }
    return result;
  }

  /** Throws for what is an error, and none of two that are expected. */
  public static void checkUnless(int result, String path, int expected, int other)
      throws FileSystemException {
    if (result != -expected && result != -other) {
      long unused = check(result, path);
    }
  }

  /**
   * Returns whether nothing can be made at a place, whatever it is: no right, read-only, full.
   *
   * @param result a negated error number
   */
  public static boolean isOfPlace(long result) {
    return result == -1 || result == -13 || result == -30 || result == -ENOSPC || result == -122;
  }

  /** Returns what happened to which file: Java leaves the reason to the exception's class. */
  public static String described(FileSystemException e) {
    if (e.getReason() != null) {
      return String.valueOf(e.getMessage());
    }
    String why =
        switch (e) {
          case AccessDeniedException _ -> "Permission denied";
          case NoSuchFileException _ -> "No such file or directory";
          case FileAlreadyExistsException _ -> "File exists";
          case NotDirectoryException _ -> "Not a directory";
          case DirectoryNotEmptyException _ -> "Directory not empty";
          default -> e.getClass().getSimpleName();
        };
    return e.getMessage() + ": " + why;
  }

  /** Returns the exception for an error number. */
  public static FileSystemException of(int errno, String path) {
    return switch (errno) {
      case ENOENT -> new NoSuchFileException(path);
      case EEXIST -> new FileAlreadyExistsException(path);
      case ENOTDIR -> new NotDirectoryException(path);
      case 39 -> new DirectoryNotEmptyException(path);
      case 40 -> new FileSystemLoopException(path);
      case 1 -> new AccessDeniedException(path, null, "Operation not permitted");
      case 13 -> new AccessDeniedException(path, null, "Permission denied");
      default -> new FileSystemException(path, null, text(errno));
    };
  }

  private static String text(int errno) {
    return switch (errno) {
      case 4 -> "Interrupted system call";
      case 5 -> "Input/output error";
      case EXDEV -> "Invalid cross-device link";
      case 21 -> "Is a directory";
      case 22 -> "Invalid argument";
      case 23 -> "Too many open files in system";
      case EMFILE -> "Too many open files";
      case 25 -> "Inappropriate ioctl for device";
      case 27 -> "File too large";
      case ENOSPC -> "No space left on device";
      case 30 -> "Read-only file system";
      case EMLINK -> "Too many links";
      case 36 -> "File name too long";
      case 95 -> "Operation not supported";
      case 122 -> "Disk quota exceeded";
      default -> "error " + errno;
    };
  }
}

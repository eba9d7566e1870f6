package io.revfs.cache;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a complete object lies below a cache's directory: DVC's own layout, and places like it. */
public final class ObjectLayout {
  private static final String DIRECTORY_SUFFIX = ".dir";
  private static final int DIGITS_OF_DIRECTORY = 2;

  private ObjectLayout() {}

  /** Returns an object's path, relative: {@code files/md5/ab/cd…}. */
  public static String path(ObjectKey key) {
    String hex = key.digest().hex();
    return new StringBuilder(hex.length() + 24)
        .append(prefix(key.digest().algorithm()))
        .append(hex, 0, DIGITS_OF_DIRECTORY)
        .append('/')
        .append(hex, DIGITS_OF_DIRECTORY, hex.length())
        .append(key.manifest() ? DIRECTORY_SUFFIX : "")
        .toString();
  }

  /** Returns the directory that an algorithm's objects lie in, with a slash; empty for the root. */
  public static String prefix(Digest.Algorithm algorithm) {
    return switch (algorithm) {
      case MD5 -> "files/md5/";
      case MD5_DOS2UNIX -> ""; // DVC 2's place
      case GIT_BLOB -> "files/git/";
      case LOCATION -> "files/location/";
    };
  }

  /** Returns the object of a path as {@link #path} gives it; empty if it is none. */
  public static Optional<ObjectKey> key(String path) {
    int file = path.lastIndexOf('/');
    int directory = file < 0 ? -1 : path.lastIndexOf('/', file - 1) + 1;
    Digest.@Nullable Algorithm algorithm = null;
    for (Digest.Algorithm candidate : Digest.Algorithm.values()) {
      if (directory >= 0 && path.substring(0, directory).equals(prefix(candidate))) {
        algorithm = candidate;
      }
    }
    if (algorithm == null || file - directory != DIGITS_OF_DIRECTORY) {
      return Optional.empty();
    }
    String name = path.substring(directory, file) + path.substring(file + 1);
    boolean manifest = name.endsWith(DIRECTORY_SUFFIX);
    String hex = manifest ? name.substring(0, name.length() - DIRECTORY_SUFFIX.length()) : name;
    try {
      return Optional.of(new ObjectKey(new Digest(algorithm, hex), manifest));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}

package io.revfs.workspace;

import io.revfs.fuse.FileNames;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.ThreadLocalRandom;

/** Names and paths as bytes for the kernel, and their order. */
final class Names {
  /** By Unicode code point, as DVC sorts: the same as by the bytes of UTF-8. */
  static final Comparator<String> BY_CODE_POINT = Names::compare;

  private Names() {}

  static byte[] bytes(String name) {
    return FileNames.encode(name);
  }

  static byte[] bytes(Path path) {
    return FileNames.encode(path.toString());
  }

  /** Returns a name that nothing has, such as DVC gives to what is not complete yet. */
  static byte[] temporary() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return ".%016x%04x.tmp"
        .formatted(random.nextLong(), random.nextInt(1 << 16))
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Opens a directory; the caller closes it. */
  static int openDirectory(Path directory) throws IOException {
    return (int)
        PosixFailure.check(
            Posix.open(Posix.AT_FDCWD, bytes(directory), Posix.O_RDONLY | Posix.O_DIRECTORY, 0),
            directory.toString());
  }

  private static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogates = Character.isSurrogate(x) || Character.isSurrogate(y);
        return surrogates && Character.isSurrogate(x) != Character.isSurrogate(y)
            ? (Character.isSurrogate(x) ? 1 : -1) // a surrogate pair is above all of the rest
            : x - y;
      }
    }
    return a.length() - b.length();
  }
}

package io.revfs.workspace.store;

import io.revfs.fuse.FileNames;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import io.revfs.text.PythonJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.ThreadLocalRandom;

/** Names and paths as bytes for the kernel, and their order. */
public final class Names {
  /** By Unicode code point, as DVC sorts: the same as by the bytes of UTF-8. */
  public static final Comparator<String> BY_CODE_POINT = PythonJson::compareCodePoints;

  private Names() {}

  /** Returns a name's bytes, also of one that is not UTF-8. */
  public static byte[] bytes(String name) {
    return FileNames.encode(name);
  }

  /** As {@link #bytes(String)}. */
  public static byte[] bytes(Path path) {
    return FileNames.encode(path.toString());
  }

  /** Returns a name that nothing has, such as DVC gives to what is not complete yet. */
  public static byte[] temporary() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return ".%016x%04x.tmp"
        .formatted(random.nextLong(), random.nextInt(1 << 16))
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Opens a directory; the caller closes it. */
  public static int openDirectory(Path directory) throws IOException {
    return (int)
        PosixFailure.check(
            Posix.open(Posix.AT_FDCWD, bytes(directory), Posix.O_RDONLY | Posix.O_DIRECTORY, 0),
            directory.toString());
  }
}

package io.revfs.remote.parts;

import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The names that files have until they are whole. */
public final class TemporaryNames {
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f]+\\.tmp");
  private static final int END_BYTES = 64 << 10;

  private TemporaryNames() {}

  /** Returns a new name beside a path, which has {@code /} between its parts. */
  public static String beside(String path) {
    return named(path, Long.toHexString(ThreadLocalRandom.current().nextLong()));
  }

  /**
   * Returns a name beside a path by which a later try, of this process or another, finds what an
   * earlier one left. It depends on the file's size, time and both ends, so a file that was changed
   * has another.
   */
  public static String resumable(String path, Path content) throws IOException {
    ByteBuffer facts = ByteBuffer.allocate(2 * Long.BYTES + 2 * END_BYTES);
    try (FileChannel file = FileChannel.open(content, StandardOpenOption.READ)) {
      facts.putLong(file.size());
      facts.putLong(Files.getLastModifiedTime(content).to(TimeUnit.NANOSECONDS));
      for (long at : new long[] {0, Math.max(0, file.size() - END_BYTES)}) {
        ByteBuffer end = ByteBuffer.allocate(END_BYTES);
        file.read(end, at);
        facts.put(end.flip());
      }
    }
    return named(path, HexFormat.of().formatHex(md5(facts.flip())));
  }

  /** Returns a name beside a path that holds a word of hexadecimal digits. */
  public static String named(String path, String word) {
    int slash = path.lastIndexOf('/');
    return path.substring(0, slash + 1) + "." + path.substring(slash + 1) + "." + word + ".tmp";
  }

  /** Returns whether a path is a name of this kind. */
  public static boolean isTemporary(String path) {
    return TEMPORARY.matcher(RelativePaths.name(path)).matches();
  }

  private static byte[] md5(ByteBuffer bytes) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      md5.update(bytes);
      return md5.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}

package io.revfs.remote.parts;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A part of a file.
 *
 * @param number from 1
 */
public record FilePart(Path file, int number, long offset, long length) {
  private static final int BUFFER_BYTES = 1 << 20;

  /**
   * Returns how long parts are so that there are not too many. It depends on the size alone, so a
   * later try cuts the file at the same places.
   */
  public static long length(long size, long usual, int mostParts) {
    long length = usual;
    while ((size + length - 1) / length > mostParts) {
      length *= 2;
    }
    return length;
  }

  /** Cuts a file, which is not empty, into parts of equal length but for the last. */
  public static List<FilePart> of(Path file, long size, long length) {
    List<FilePart> parts = new ArrayList<>();
    for (long at = 0; at < size; at += length) {
      parts.add(new FilePart(file, parts.size() + 1, at, Math.min(length, size - at)));
    }
    return parts;
  }

  /** Opens its bytes. */
  public InputStream open() throws IOException {
    return PartStream.open(this);
  }

  /** Returns the MD5 of its bytes in hexadecimal digits. */
  public String md5() throws IOException {
    MessageDigest md5;
    try {
      md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, length));
      long at = offset;
      while (at < offset + length) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), offset + length - at));
        int n = channel.read(buffer, at);
        if (n < 0) {
          throw new EOFException(file + " became shorter while it is uploaded");
        }
        at += n;
        md5.update(buffer.flip());
      }
    }
    return HexFormat.of().formatHex(md5.digest());
  }
}

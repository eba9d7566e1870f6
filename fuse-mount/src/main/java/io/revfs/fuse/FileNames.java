package io.revfs.fuse;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * File names as bytes and as strings, without loss: bytes that are not valid UTF-8 become lone low
 * surrogates U+DC80 to U+DCFF, as Python's {@code surrogateescape} does (PEP 383).
 */
public final class FileNames {
  /** The longest name Linux takes, in bytes. */
  public static final int MAX_BYTES = 255;

  private FileNames() {}

  /** Returns the string for a name's bytes. */
  public static String decode(byte[] bytes) {
    if (isAscii(bytes)) {
      return new String(bytes, StandardCharsets.ISO_8859_1); // most names, and no decoder is made
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException e) {
      return decodeEscaped(bytes);
    }
  }

  private static boolean isAscii(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  private static String decodeEscaped(byte[] bytes) {
    StringBuilder result = new StringBuilder(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    var decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    while (in.hasRemaining()) {
      out.clear();
      var outcome = decoder.reset().decode(in, out, true);
      result.append(out.flip());
      if (outcome.isError()) {
        // One byte at a time, as Python: the rest of a broken sequence is tried anew.
        result.append((char) (0xDC00 + (in.get() & 0xFF)));
      }
    }
    return result.toString();
  }

  /** Returns the bytes of a name that {@link #decode} gave; other lone surrogates become '?'. */
  public static byte[] encode(String name) {
    boolean escaped = false;
    for (int i = 0; i < name.length() && !escaped; i++) {
      escaped = isEscape(name, i);
    }
    if (!escaped) {
      return name.getBytes(StandardCharsets.UTF_8);
    }
    var out = new java.io.ByteArrayOutputStream(name.length() + 8);
    int start = 0;
    for (int i = 0; i < name.length(); i++) {
      if (isEscape(name, i)) {
        out.writeBytes(name.substring(start, i).getBytes(StandardCharsets.UTF_8));
        out.write(name.charAt(i) - 0xDC00);
        start = i + 1;
      }
    }
    out.writeBytes(name.substring(start).getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static boolean isEscape(String name, int i) {
    char c = name.charAt(i);
    return c >= 0xDC80 && c <= 0xDCFF && (i == 0 || !Character.isHighSurrogate(name.charAt(i - 1)));
  }
}

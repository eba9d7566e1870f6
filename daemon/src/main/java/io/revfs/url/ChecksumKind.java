package io.revfs.url;

import java.util.Base64;
import java.util.HexFormat;

/** By what DVC knows external data again; each has its name in {@code .dvc} files. */
public enum ChecksumKind {
  /** The MD5 of the content, on this machine and over SSH: nobody states it. */
  MD5("md5"),
  /** The tag of S3, Google Cloud Storage, Azure and WebDAV. */
  ETAG("etag"),
  /** The tag of HTTP servers and the checksum of HDFS. */
  CHECKSUM("checksum");

  private final String field;

  ChecksumKind(String field) {
    this.field = field;
  }

  /** Returns the field of {@code .dvc} files that holds it. */
  public String field() {
    return field;
  }

  static ChecksumKind ofScheme(String scheme) {
    return switch (scheme) {
      case "http", "https", "hdfs", "webhdfs" -> CHECKSUM;
      case "", "file", "ssh", "sftp" -> MD5;
      default -> ETAG;
    };
  }

  /**
   * Returns a store's tag as DVC writes it, from the tag without quotes: most are written as the
   * header has them, with quotes; S3's without; Google's is the Base64 text of bytes, and written
   * in hexadecimal digits.
   */
  static String asWritten(String scheme, String tag) {
    return switch (scheme) {
      case "s3", "hdfs", "webhdfs" -> tag;
      case "gs" -> fromBase64(tag);
      default -> tag.startsWith("W/") ? "W/\"" + tag.substring(2) + "\"" : "\"" + tag + "\"";
    };
  }

  private static String fromBase64(String tag) {
    try {
      return HexFormat.of().formatHex(Base64.getDecoder().decode(tag));
    } catch (IllegalArgumentException e) {
      return tag;
    }
  }
}

package io.revfs.remote.google;

import com.google.api.client.http.AbstractInputStreamContent;
import com.google.api.client.http.ByteArrayContent;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.FilePart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/** A file's bytes, or a part of them, which can be sent again. */
public final class UploadContent extends AbstractInputStreamContent {
  /** The type of what is stored. */
  public static final String BINARY = "application/octet-stream";

  private static final long DIRECT_BYTES = 8L << 20;

  /** How much of a larger object one request carries. */
  public static final int CHUNK_BYTES = 32 << 20;

  private final FilePart part;

  public UploadContent(FilePart part) {
    super(BINARY);
    this.part = part;
  }

  /** Returns all of an upload's bytes. */
  public static AbstractInputStreamContent of(Upload upload) throws IOException {
    return upload.isSmall()
        ? new ByteArrayContent(BINARY, Files.readAllBytes(upload.content()))
        : new UploadContent(new FilePart(upload.content(), 1, 0, upload.size()));
  }

  /** Returns whether so many bytes go in one request. */
  public static boolean isDirect(long size) {
    return size <= DIRECT_BYTES;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return part.open();
  }

  @Override
  public long getLength() {
    return part.length();
  }

  @Override
  public boolean retrySupported() {
    return true;
  }
}

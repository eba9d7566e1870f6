package io.revfs.remote.vfs.web;

import io.revfs.remote.Upload;
import io.revfs.remote.parts.CountingStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import org.apache.http.entity.AbstractHttpEntity;

/** A file as a request's body, which can be sent again if the server wants to know who sends it. */
final class UploadEntity extends AbstractHttpEntity {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Upload upload;

  UploadEntity(Upload upload) throws IOException {
    this.upload = upload;
    if (!Files.exists(upload.content())) {
      throw new NoSuchFileException(upload.content().toString());
    }
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }

  @Override
  public long getContentLength() {
    return upload.size();
  }

  @Override
  public InputStream getContent() throws IOException {
    return new CountingStream(Files.newInputStream(upload.content()), upload.sent());
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    byte[] buffer = new byte[Math.clamp(upload.size(), 1, BUFFER_BYTES)];
    try (InputStream in = getContent()) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    }
  }

  @Override
  public boolean isStreaming() {
    return false;
  }
}

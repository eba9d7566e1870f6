package io.revfs.snapshot;

import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** An open file from its start on. The file stays open when this is closed. */
public final class OpenFileStream extends InputStream {
  private final OpenFile file;
  private long position;

  public OpenFileStream(OpenFile file) {
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    try {
      int n = file.read(RequestContext.INTERNAL, ByteBuffer.wrap(bytes, offset, length), position);
      position += n;
      return n == 0 ? -1 : n;
    } catch (FuseException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
  }
}

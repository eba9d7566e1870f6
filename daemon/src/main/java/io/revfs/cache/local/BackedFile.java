package io.revfs.cache.local;

import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A complete local file: the kernel may read it without us. Thread-safe. */
final class BackedFile implements OpenFile.Backed {
  private static final Logger log = LoggerFactory.getLogger(BackedFile.class);

  private final FileChannel channel;
  private final CacheStatistics statistics;
  private final Runnable onClose;
  private final long size;

  /** {@code channel} is closed with this; {@code onClose} is run after that. */
  BackedFile(FileChannel channel, CacheStatistics statistics, Runnable onClose) throws IOException {
    this.channel = channel;
    this.statistics = statistics;
    this.onClose = onClose;
    this.size = channel.size();
  }

  @Override
  public FileChannel channel() {
    return channel;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
    int total = OpenFile.Backed.super.read(context, target, offset);
    statistics.hitReads.increment();
    return total;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("close: {}", e.getMessage());
    }
    onClose.run();
  }
}

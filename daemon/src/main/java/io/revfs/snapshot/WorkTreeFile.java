package io.revfs.snapshot;

import io.revfs.fuse.OpenFile;
import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A file or directory of a work tree, as it is when it is read: the first origin of an entry that
 * is there. Its bytes may be others than those of the entry's object, so they are never cached.
 *
 * @param path where it is read, links followed
 */
public record WorkTreeFile(Path path) implements ObjectSource {
  private static final int BUFFER_BYTES = 1 << 18;

  /** Returns what an entry is in a work tree; empty if it is not there. */
  public static Optional<WorkTreeFile> of(Entry entry) {
    List<ObjectSource> sources = entry.origins().sources();
    return !sources.isEmpty() && sources.getFirst() instanceof WorkTreeFile file
        ? Optional.of(file)
        : Optional.empty();
  }

  @Override
  public String name() {
    return "work tree";
  }

  @Override
  public long size(ObjectKey key) throws IOException {
    return size();
  }

  /** Returns the size of a file in bytes. */
  public long size() throws IOException {
    return Files.size(path);
  }

  @Override
  public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(length, 1, BUFFER_BYTES));
      for (long at = offset; at < offset + length; ) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), offset + length - at));
        int n = file.read(buffer, at);
        if (n < 0) {
          throw new IOException(path + " became shorter while it was read");
        }
        at += n;
        consumer.accept(buffer.flip());
      }
    }
  }

  /** Opens a file; the caller closes it. */
  OpenFile open() throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    return new Opened(channel, channel.size());
  }

  private record Opened(FileChannel channel, long size) implements OpenFile.Backed {
    private static final org.slf4j.Logger log = org.slf4j.LoggerFactory.getLogger(Opened.class);

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        log.debug("close: {}", e.getMessage());
      }
    }
  }
}

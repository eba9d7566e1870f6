package io.revfs.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A stack of blocks in a temporary file. Directories' blocks must lie in a row in the image, but
 * what is below a directory is written before its last block is known; directories end in the order
 * opposite to that in which they began, so each finds its blocks on top.
 */
final class SpilledBlocks implements Closeable {
  private final Path directory;
  private @Nullable FileChannel channel;
  private long count;

  /** {@code directory}: where the temporary file is made, if it is needed. */
  SpilledBlocks(Path directory) {
    this.directory = directory;
  }

  /** Puts a block on top. */
  void push(ByteBuffer block) throws IOException {
    FileChannel to = channel();
    long at = count * Format.BLOCK;
    while (block.hasRemaining()) {
      at += to.write(block, at);
    }
    count++;
  }

  /** Takes so many blocks off and writes them, in the order they came, to a place of the image. */
  void pop(long blocks, ImageFile image, long place) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 * Format.BLOCK);
    long from = (count - blocks) * Format.BLOCK;
    long length = blocks * Format.BLOCK;
    for (long done = 0; done < length; done += buffer.position()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), length - done));
      while (buffer.hasRemaining()) {
        if (channel().read(buffer, from + done + buffer.position()) < 0) {
          throw new IOException("a temporary file in " + directory + " was cut short");
        }
      }
      image.write(place + done, buffer.flip());
    }
    count -= blocks;
  }

  private FileChannel channel() throws IOException {
    if (channel == null) {
      Path file = Files.createTempFile(directory, "names", ".tmp");
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    }
    return channel;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}

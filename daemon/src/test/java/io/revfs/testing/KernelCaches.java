package io.revfs.testing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The kernel's caches of names, nodes and pages, which are the whole machine's. Tests run in
 * several processes at once: who relies on what the kernel has cached keeps the caches, and who
 * drops them waits until nobody does. Needs root. For one thread of one process.
 */
public final class KernelCaches implements Closeable {
  private static final Path LOCK = Path.of("target/kernel-caches.lock");
  private static final Path DROP = Path.of("/proc/sys/vm/drop_caches");

  private final FileChannel channel;
  private FileLock kept;

  private KernelCaches(FileChannel channel, FileLock kept) {
    this.channel = channel;
    this.kept = kept;
  }

  /** Keeps others from dropping them until this is closed. */
  public static KernelCaches keep() throws IOException {
    FileChannel channel = open();
    return new KernelCaches(channel, channel.lock(0, 1, true));
  }

  private static FileChannel open() throws IOException {
    return FileChannel.open(
        LOCK, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Returns whether nobody else may drop them. */
  public boolean isKept() {
    return kept.isValid();
  }

  /** Drops them; others may do so too meanwhile, and not afterwards. */
  public void dropNow() throws IOException {
    kept.release();
    try (FileLock alone = channel.lock(0, 1, false)) {
      Files.writeString(DROP, "3");
    }
    kept = channel.lock(0, 1, true);
  }

  /** Drops them, for who relies on nothing. */
  public static void drop() throws IOException {
    try (FileChannel channel = open();
        FileLock alone = channel.lock(0, 1, false)) {
      Files.writeString(DROP, "3");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

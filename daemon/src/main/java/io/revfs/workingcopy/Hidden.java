package io.revfs.workingcopy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The shown files and directories that were deleted or moved away, each with the output it belongs
 * to: when that changes, all of it is there again. Thread-safe.
 *
 * <p>A file of records: {@code +} or {@code -}, a path, a NUL. What is appended survives this
 * process; after a crash of the machine no more is lost than the file system loses of the last
 * deletions below. A record that was cut off is left out.
 */
final class Hidden implements Closeable {
  private static final long LEAST_BYTES_TO_COMPACT = 1 << 20;

  private final Path file;

  @GuardedBy("this")
  private final TreeSet<String> paths = new TreeSet<>();

  @GuardedBy("this")
  private FileChannel journal;

  private volatile boolean empty;

  private Hidden(Path file, FileChannel journal) {
    this.file = file;
    this.journal = journal;
  }

  /** Opens a journal, which is made if absent. */
  static Hidden open(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
    Set<String> known = read(file);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    FileChannel journal = write(fresh, known);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    Hidden hidden = new Hidden(file, journal);
    hidden.begin(known);
    return hidden;
  }

  private synchronized void begin(Set<String> known) {
    paths.addAll(known);
    empty = paths.isEmpty();
  }

  private static Set<String> read(Path file) throws IOException {
    Set<String> known = new TreeSet<>();
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return known;
    }
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0 && i > start) {
        String path = FileNames.decode(Arrays.copyOfRange(bytes, start + 1, i));
        if (bytes[start] == '+') {
          known.add(path);
        } else {
          known.remove(path);
        }
        start = i + 1;
      }
    }
    return known;
  }

  private static FileChannel write(Path file, Set<String> known) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    for (String path : known) {
      append(channel, '+', path);
    }
    return channel;
  }

  private static void append(FileChannel channel, char sign, String path) throws IOException {
    byte[] name = FileNames.encode(path);
    ByteBuffer record = ByteBuffer.allocate(name.length + 2);
    record.put((byte) sign).put(name).put((byte) 0).flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** Hides a path, and what is shown below it. */
  synchronized void hide(List<String> path) throws IOException {
    String whole = String.join("/", path);
    if (paths.add(whole)) {
      append(journal, '+', whole);
      empty = false;
    }
  }

  /** Returns whether a path is hidden, or a directory above it. */
  boolean has(List<String> path) {
    if (empty) {
      return false;
    }
    synchronized (this) {
      StringBuilder at = new StringBuilder();
      for (String name : path) {
        at.append(at.isEmpty() ? "" : "/").append(name);
        if (paths.contains(at.toString())) {
          return true;
        }
      }
      return false;
    }
  }

  /** Returns whether anything of an output is hidden. */
  synchronized boolean hasAnyOf(String output) {
    return !inside(output).isEmpty();
  }

  @GuardedBy("this")
  private List<String> inside(String output) {
    return paths.subSet(output, true, output + "0", false).stream() // '0' follows '/'
        .filter(path -> path.equals(output) || path.startsWith(output + "/"))
            .toList();
  }

  /** Shows an output again, and all in it. */
  synchronized void showAll(String output) throws IOException {
    for (String path : inside(output)) {
      paths.remove(path);
      append(journal, '-', path);
    }
    empty = paths.isEmpty();
    if (empty && journal.size() > LEAST_BYTES_TO_COMPACT) {
      journal.truncate(0);
      journal.position(0);
    }
  }

  /** Makes what was hidden durable. */
  synchronized void synchronize() throws IOException {
    journal.force(false);
  }

  @Override
  public synchronized void close() throws IOException {
    journal.close();
    if (paths.isEmpty()) {
      Files.deleteIfExists(file);
    }
  }
}

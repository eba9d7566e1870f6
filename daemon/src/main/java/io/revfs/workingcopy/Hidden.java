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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The shown files and directories that were deleted or moved away, each with the version of the
 * output that it was deleted from: in another version it is there, and in that one it is gone, also
 * after the working copy was detached and attached again. Thread-safe.
 *
 * <p>A file of records: {@code +} or {@code -}, what an output holds, a line break, a path, a NUL.
 * What is appended survives this process; after a crash of the machine no more is lost than the
 * file system loses of the last deletions below. A record that was cut off is left out, and one
 * without a line break, as earlier versions wrote them, is of what the output holds when that is
 * first said.
 */
final class Hidden implements Closeable {
  private static final long LEAST_BYTES_TO_COMPACT = 1 << 20;
  private static final String ANY_VERSION = "";

  private final Path file;
  private final Versions versions;

  /** Deleted paths, each with the versions of its output that it was deleted from. */
  @GuardedBy("this")
  private final NavigableMap<String, Set<String>> deleted;

  /** Those deleted from what the outputs hold now. */
  @GuardedBy("this")
  private final TreeSet<String> paths = new TreeSet<>();

  @GuardedBy("this")
  private FileChannel journal;

  private volatile boolean empty = true;

  /** Knows outputs. */
  @FunctionalInterface
  interface Versions {
    /** Returns what the output that a path is in holds now; empty if it is in none. */
    Optional<String> of(List<String> path);
  }

  private Hidden(
      Path file,
      Versions versions,
      NavigableMap<String, Set<String>> deleted,
      FileChannel journal) {
    this.file = file;
    this.versions = versions;
    this.deleted = deleted;
    this.journal = journal;
  }

  /** Opens a journal, which is made if absent. Nothing is hidden before {@link #follow}. */
  static Hidden open(Path file, Versions versions) throws IOException {
    Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
    NavigableMap<String, Set<String>> known = read(file);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    FileChannel journal = write(fresh, known);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return new Hidden(file, versions, known, journal);
  }

  private static NavigableMap<String, Set<String>> read(Path file) throws IOException {
    NavigableMap<String, Set<String>> known = new TreeMap<>();
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return known;
    }
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0 && i > start) {
        String record = FileNames.decode(Arrays.copyOfRange(bytes, start + 1, i));
        int end = record.indexOf('\n');
        String version = end < 0 ? ANY_VERSION : record.substring(0, end);
        String path = record.substring(end + 1);
        if (bytes[start] == '+') {
          known.computeIfAbsent(path, p -> new TreeSet<>()).add(version);
        } else {
          remove(known, path, version);
        }
        start = i + 1;
      }
    }
    return known;
  }

  private static boolean remove(
      NavigableMap<String, Set<String>> all, String path, String version) {
    Set<String> of = all.get(path);
    if (of == null || !of.remove(version)) {
      return false;
    }
    if (of.isEmpty()) {
      all.remove(path);
    }
    return true;
  }

  private static FileChannel write(Path file, NavigableMap<String, Set<String>> known)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    for (var path : known.entrySet()) {
      for (String version : path.getValue()) {
        append(channel, '+', version, path.getKey());
      }
    }
    return channel;
  }

  private static void append(FileChannel channel, char sign, String version, String path)
      throws IOException {
    byte[] text = FileNames.encode(version + "\n" + path);
    ByteBuffer record = ByteBuffer.allocate(text.length + 2);
    record.put((byte) sign).put(text).put((byte) 0).flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** Hides a path, and what is shown below it. */
  synchronized void hide(List<String> path) throws IOException {
    String version = versions.of(path).orElse(ANY_VERSION);
    String whole = String.join("/", path);
    if (deleted.computeIfAbsent(whole, p -> new TreeSet<>()).add(version)) {
      append(journal, '+', version, whole);
    }
    paths.add(whole);
    empty = false;
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

  /** Returns what is hidden at and in a path. */
  synchronized List<String> at(String path) {
    return inside(paths, path);
  }

  private static List<String> inside(java.util.NavigableSet<String> all, String output) {
    return all.subSet(output, true, output + "0", false).stream() // '0' follows '/'
        .filter(path -> path.equals(output) || path.startsWith(output + "/"))
        .toList();
  }

  /** Shows a path again that was hidden by itself; a directory above it stays hidden. */
  synchronized void show(String path) throws IOException {
    if (paths.remove(path)) {
      forget(path, versions.of(Arrays.asList(path.split("/"))).orElse(ANY_VERSION));
      empty = paths.isEmpty();
    }
  }

  @GuardedBy("this")
  private void forget(String path, String version) throws IOException {
    if (remove(deleted, path, version)) {
      append(journal, '-', version, path);
    }
  }

  /** Shows all of an output again, as it is now. */
  synchronized void showAll(String output) throws IOException {
    for (String path : inside(paths, output)) {
      show(path);
    }
    compact();
  }

  /** An output holds something else now: what was deleted from that is hidden, and nothing else. */
  synchronized void follow(String output) throws IOException {
    paths.removeAll(inside(paths, output));
    for (String path : inside(deleted.navigableKeySet(), output)) {
      Optional<String> now = versions.of(Arrays.asList(path.split("/")));
      if (now.isEmpty()) {
        continue;
      }
      if (remove(deleted, path, ANY_VERSION)) {
        append(journal, '-', ANY_VERSION, path);
        append(journal, '+', now.get(), path);
        deleted.computeIfAbsent(path, p -> new TreeSet<>()).add(now.get());
      }
      if (deleted.getOrDefault(path, Set.of()).contains(now.get())) {
        paths.add(path);
      }
    }
    empty = paths.isEmpty();
  }

  /** Returns what was deleted of a version of an output. */
  synchronized List<String> deletedFrom(String output, String version) {
    List<String> paths = new ArrayList<>();
    for (String path : inside(deleted.navigableKeySet(), output)) {
      if (deleted.getOrDefault(path, Set.of()).contains(version)) {
        paths.add(path);
      }
    }
    return paths;
  }

  /** Forgets what was deleted of a version of an output: that is recorded elsewhere now. */
  synchronized void forgetAll(String output, String version) throws IOException {
    for (String path : deletedFrom(output, version)) {
      forget(path, version);
    }
    follow(output);
    compact();
  }

  @GuardedBy("this")
  private void compact() throws IOException {
    if (deleted.isEmpty() && journal.size() > LEAST_BYTES_TO_COMPACT) {
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
    if (deleted.isEmpty()) {
      Files.deleteIfExists(file);
    }
  }
}

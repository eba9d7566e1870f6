package io.revfs.trace.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.heard.Access;
import io.revfs.trace.TracedProcess;
import io.revfs.trace.outside.Seen;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events in a mapped file: what was told is there after a SIGKILL of this process. It says nothing
 * after a restart of the machine, when the run is over as well. Thread-safe.
 *
 * <p>Each process that records the run has a file of its own: a sequence of windows of 256 KiB, and
 * a window one of records: its length (4 bytes, big-endian; 0: the window has no more), its kind
 * (1), and what {@link Kind} says. A path is written once, as a record {@code NAME}; other records
 * have its number, from 1; 0 is the empty one.
 */
@SuppressWarnings("EnumOrdinal") // what is written is read by the next daemon, not later
public final class EventLog implements RunEvents, Closeable {
  private static final Logger log = LoggerFactory.getLogger(EventLog.class);
  private static final String NAME = "events-";
  private static final int WINDOW_BYTES = 256 << 10;
  private static final int LENGTH_BYTES = 4;

  /** A longer command line is cut in the file. */
  private static final int MOST_WORD_BYTES = 32 << 10;

  private final FileChannel channel;

  @GuardedBy("this")
  private MappedByteBuffer window;

  @GuardedBy("this")
  private long end;

  @GuardedBy("this")
  private boolean broken;

  @GuardedBy("this")
  private final Map<String, Integer> names = new HashMap<>();

  private final Path file;

  /** Kinds of records. */
  private enum Kind {
    /** A path: its bytes. */
    NAME,
    /** {@link #started}: process (4). */
    STARTED,
    /** {@link #process}. */
    PROCESS,
    /**
     * {@link #accessed}: milliseconds, process, kind of access, number of key and other (4 each).
     */
    ACCESSED,
    /** {@link #hashed}: number of key (4), digest (modified UTF-8). */
    HASHED,
    /** {@link #seen}. */
    SEEN
  }

  private EventLog(Path file, FileChannel channel, long end, MappedByteBuffer window) {
    this.file = file;
    this.channel = channel;
    this.end = end;
    this.window = window;
  }

  /** Begins a file in a directory, after those that are there. */
  public static EventLog begin(Path directory) throws IOException {
    Path file = directory.resolve(NAME + files(directory).size());
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      return new EventLog(file, channel, WINDOW_BYTES, extend(channel, 0));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Returns the files of a directory, the oldest first. */
  private static List<Path> files(Path directory) {
    List<Path> files = new ArrayList<>();
    for (Path file = directory.resolve(NAME + 0); Files.exists(file); ) {
      files.add(file);
      file = directory.resolve(NAME + files.size());
    }
    return files;
  }

  /** A store to a page that the disk has no room for would end the process: so it is written. */
  private static MappedByteBuffer extend(FileChannel channel, long at) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(WINDOW_BYTES);
    for (long to = at; zeros.hasRemaining(); ) {
      to += channel.write(zeros, to);
    }
    return channel.map(FileChannel.MapMode.READ_WRITE, at, WINDOW_BYTES);
  }

  /** Writes the content of a record. */
  @FunctionalInterface
  private interface Content {
    void write(DataOutputStream out) throws IOException;
  }

  @GuardedBy("this")
  private void append(Kind kind, Content content) {
    if (broken) {
      return;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    try {
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(kind.ordinal());
      content.write(out);
      int needed = LENGTH_BYTES + bytes.size();
      if (needed > WINDOW_BYTES) {
        throw new IOException("an event of " + needed + " bytes");
      }
      if (window.remaining() < needed) {
        window = extend(channel, end);
        end += WINDOW_BYTES;
      }
    } catch (IOException e) {
      give(e);
      return;
    }
    int at = window.position();
    window.put(at + LENGTH_BYTES, bytes.toByteArray());
    VarHandle.releaseFence(); // the length last: from here on the record counts
    window.putInt(at, bytes.size());
    window.position(at + LENGTH_BYTES + bytes.size());
  }

  /** Half a record of a run would be taken for the whole one, so the file is emptied. */
  @GuardedBy("this")
  private void give(IOException e) {
    log.warn("what a run does is lost if this process is killed: {}", e.toString());
    broken = true;
    try {
      Files.write(file, new byte[0]);
    } catch (IOException again) {
      log.warn("{} stays: {}", file, again.toString());
    }
  }

  @GuardedBy("this")
  private int number(String name) {
    if (name.isEmpty()) {
      return 0;
    }
    Integer known = names.get(name);
    if (known == null) {
      append(Kind.NAME, out -> out.write(FileNames.encode(name)));
      known = names.size() + 1;
      names.put(name, known);
    }
    return known;
  }

  @Override
  public synchronized void started(int process) {
    append(Kind.STARTED, out -> out.writeInt(process));
  }

  @Override
  public synchronized void process(TracedProcess process) {
    append(
        Kind.PROCESS,
        out -> {
          out.writeInt(process.pid());
          out.writeInt(process.parent());
          out.writeLong(process.firstMillis());
          text(out, process.executable());
          List<String> words = cut(process.command());
          out.writeInt(words.size());
          for (String word : words) {
            text(out, word);
          }
        });
  }

  private static List<String> cut(List<String> words) {
    List<String> kept = new ArrayList<>();
    int left = MOST_WORD_BYTES;
    for (String word : words) {
      left -= FileNames.encode(word).length;
      if (left < 0) {
        kept.add("...");
        return kept;
      }
      kept.add(word);
    }
    return kept;
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = FileNames.encode(text);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return FileNames.decode(in.readNBytes(in.readInt()));
  }

  @Override
  public synchronized void accessed(
      long millis, int process, Access access, String key, String other) {
    int one = number(key);
    int two = number(other);
    append(
        Kind.ACCESSED,
        out -> {
          out.writeInt((int) millis);
          out.writeInt(process);
          out.writeInt(access.ordinal());
          out.writeInt(one);
          out.writeInt(two);
        });
  }

  @Override
  public synchronized void hashed(String key, String digest) {
    int number = number(key);
    append(
        Kind.HASHED,
        out -> {
          out.writeInt(number);
          out.writeUTF(digest);
        });
  }

  @Override
  public synchronized void seen(long millis, Seen seen) {
    int number = number(seen.path());
    append(
        Kind.SEEN,
        out -> {
          out.writeInt((int) millis);
          out.writeInt(number);
          out.writeInt(seen.process());
          out.writeInt(seen.events());
          out.writeBoolean(seen.born());
          out.writeLong(seen.modified());
          out.writeInt(seen.handle().length);
          out.write(seen.handle());
        });
  }

  /**
   * Tells all that the first files of a directory have, in the order in which it was told.
   *
   * @param count how many files
   * @throws IOException also if one was given up
   */
  public static void read(Path directory, int count, RunEvents to) throws IOException {
    for (Path file : files(directory).subList(0, count)) {
      if (Files.size(file) == 0) {
        throw new IOException("what it did was not kept");
      }
      readFile(file, to);
    }
  }

  /** Returns how many files a directory has. */
  public static int count(Path directory) {
    return files(directory).size();
  }

  /** Empties the files of a directory, which nobody reads any more; how many there are counts. */
  public static void empty(Path directory) throws IOException {
    for (Path file : files(directory)) {
      Files.write(file, new byte[0]);
    }
  }

  private static void readFile(Path file, RunEvents to) throws IOException {
    List<String> names = new ArrayList<>(List.of(""));
    try (DataInputStream in =
        new DataInputStream(
            new java.io.BufferedInputStream(Files.newInputStream(file), WINDOW_BYTES))) {
      while (true) {
        byte[] window = in.readNBytes(WINDOW_BYTES);
        if (window.length == 0) {
          return;
        }
        read(ByteBuffer.wrap(window), names, to);
      }
    } catch (UncheckedIOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException(file + " is no record of a run: " + e.getMessage(), e);
    }
  }

  private static void read(ByteBuffer window, List<String> names, RunEvents to) throws IOException {
    while (window.remaining() >= LENGTH_BYTES) {
      int length = window.getInt();
      if (length == 0) {
        return;
      }
      byte[] record = new byte[length];
      window.get(record);
      Kind kind = Kind.values()[record[0]];
      DataInputStream in =
          new DataInputStream(new ByteArrayInputStream(record, 1, record.length - 1));
      if (kind == Kind.NAME) {
        names.add(FileNames.decode(in.readAllBytes()));
      } else {
        read(kind, in, names, to);
      }
    }
  }

  private static void read(Kind kind, DataInputStream in, List<String> names, RunEvents to)
      throws IOException {
    switch (kind) {
      case NAME -> {}
      case STARTED -> to.started(in.readInt());
      case PROCESS -> to.process(process(in));
      case ACCESSED -> {
        int millis = in.readInt();
        int process = in.readInt();
        Access access = Access.values()[in.readInt()];
        to.accessed(millis, process, access, names.get(in.readInt()), names.get(in.readInt()));
      }
      case HASHED -> to.hashed(names.get(in.readInt()), in.readUTF());
      case SEEN -> {
        int millis = in.readInt();
        String path = names.get(in.readInt());
        int process = in.readInt();
        int events = in.readInt();
        boolean born = in.readBoolean();
        long modified = in.readLong();
        byte[] handle = in.readNBytes(in.readInt());
        to.seen(millis, new Seen(process, events, path, born, modified, handle));
      }
    }
  }

  private static TracedProcess process(DataInputStream in) throws IOException {
    int pid = in.readInt();
    int parent = in.readInt();
    long firstMillis = in.readLong();
    String executable = text(in);
    int count = in.readInt();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add(text(in));
    }
    return new TracedProcess(pid, parent, words, executable, firstMillis);
  }

  @Override
  public synchronized void close() {
    broken = true;
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("{}: {}", file, e.toString());
    }
  }
}

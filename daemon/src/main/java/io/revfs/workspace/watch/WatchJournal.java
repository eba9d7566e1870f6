package io.revfs.workspace.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A memory of what is watched, in a directory: what was stored is there after a SIGKILL of this
 * process. It says nothing to who has not the same inotify descriptor, which ends with the machine
 * at the latest. Thread-safe.
 *
 * <p>The file {@code state} is mapped: an int that is 1 while events are being read, then one for
 * each slot, 1 while what its file {@code slot-N} says holds.
 */
final class WatchJournal implements WatchMemory {
  private static final Logger log = LoggerFactory.getLogger(WatchJournal.class);
  private static final int SLOTS = 4096;
  private static final String STATE = "state";
  private static final String SLOT = "slot-";
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final Path directory;
  private final MappedByteBuffer state;

  @GuardedBy("this")
  private final BitSet used = new BitSet();

  private WatchJournal(Path directory, MappedByteBuffer state) {
    this.directory = directory;
    this.state = state;
  }

  /** Begins an empty one in a directory, which is made if absent. */
  static WatchJournal fresh(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path file : all) {
        Files.delete(file);
      }
    }
    return new WatchJournal(directory, map(directory));
  }

  private static MappedByteBuffer map(Path directory) throws IOException {
    long bytes = (1L + SLOTS) * Integer.BYTES;
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(STATE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      ByteBuffer none = ByteBuffer.allocate((int) (bytes - Math.min(bytes, channel.size())));
      while (none.hasRemaining()) { // a store to a page without room would end the process
        int unused = channel.write(none, bytes - none.remaining());
      }
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
    }
  }

  /** Goes on with another process's. */
  static WatchJournal restored(Path directory) throws IOException {
    return new WatchJournal(directory, map(directory));
  }

  /** Reads what a slot's file says. */
  @FunctionalInterface
  interface Reader {
    /**
     * Takes one.
     *
     * @param slot the reader's from here on
     * @param holds whether that holds
     */
    void read(Slot slot, boolean holds, DataInputStream in) throws IOException;
  }

  /** Passes what the process before left. What it was killed over while it read does not hold. */
  synchronized void inherit(Reader reader) {
    boolean known = (int) INT.getVolatile(state, 0) == 0;
    for (int number = 0; number < SLOTS; number++) {
      if (!Files.exists(file(number))) {
        continue;
      }
      used.set(number);
      boolean holds = known && (int) INT.getVolatile(state, at(number)) != 0;
      Place slot = new Place(number);
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file(number))))) {
        reader.read(slot, holds, in);
      } catch (IOException | RuntimeException e) {
        log.debug("what is watched is looked for: {}", e.toString());
        slot.end();
      }
    }
    reading(false);
  }

  private static int at(int slot) {
    return (1 + slot) * Integer.BYTES;
  }

  private Path file(int slot) {
    return directory.resolve(SLOT + slot);
  }

  @Override
  public void reading(boolean now) {
    INT.setVolatile(state, 0, now ? 1 : 0);
  }

  @Override
  public synchronized Slot take() {
    int number = used.nextClearBit(0);
    if (number >= SLOTS) {
      return Slot.NONE;
    }
    used.set(number);
    return new Place(number);
  }

  private synchronized void free(int number) {
    used.clear(number);
  }

  /** One slot. */
  private final class Place implements Slot {
    private final int number;
    private volatile boolean written;

    Place(int number) {
      this.number = number;
      this.written = (int) INT.getVolatile(state, at(number)) != 0;
    }

    @Override
    public int number() {
      return number;
    }

    @Override
    public void write(Writer writer) {
      Path fresh = file(number).resolveSibling(SLOT + number + ".new");
      try {
        try (DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh)))) {
          writer.write(out);
        }
        Files.move(fresh, file(number), StandardCopyOption.ATOMIC_MOVE);
        written = true;
      } catch (IOException e) {
        log.debug("what is watched is not known to the next process: {}", e.toString());
        holds(false);
        written = false;
      }
    }

    @Override
    public void holds(boolean now) {
      INT.setVolatile(state, at(number), now && written ? 1 : 0);
    }

    @Override
    public void end() {
      holds(false);
      try {
        Files.deleteIfExists(file(number));
      } catch (IOException e) {
        log.debug("{}", e.toString());
      }
      free(number);
    }
  }
}

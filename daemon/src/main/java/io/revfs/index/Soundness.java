package io.revfs.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lmdbjava.LmdbException;
import org.lmdbjava.LmdbNativeException.PageCorruptedException;
import org.lmdbjava.LmdbNativeException.PageNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a damaged index from ending the process again and again: LMDB trusts its file, and garbage
 * in it is a SIGSEGV or SIGBUS, or an endless loop.
 *
 * <p>While an index is open a note lies beside it. One that is found at the next start means that
 * the process did not end in order, perhaps for that reason: the whole tree is looked at then, with
 * {@link TreeCheck}. So damage done while the index was closed costs one crash, and damage that
 * LMDB itself has reported costs none. A small index is looked at at every start, as that takes
 * milliseconds; a large one that was closed in order is trusted. Thread-safe.
 */
final class Soundness {
  private static final Logger log = LoggerFactory.getLogger(Soundness.class);
  private static final long SMALL_BYTES = 16L << 20;
  private static final String OPEN = "open";
  private static final String DAMAGED = "damaged";

  private final Path note;
  private volatile boolean damaged;

  private Soundness(Path note) {
    this.note = note;
  }

  /** Returns that of the index in a directory. */
  static Soundness of(Path directory) {
    return new Soundness(directory.resolve("in-use"));
  }

  /**
   * Looks at a data file before it is mapped.
   *
   * @throws IOException if it is damaged
   */
  void check(Path data) throws IOException {
    boolean closedInOrder = !Files.exists(note);
    if (!closedInOrder && Files.readString(note).strip().equals(DAMAGED)) {
      throw new IOException(data + " was found damaged while it was in use");
    }
    var meta = DataFile.check(data);
    if (meta.isPresent() && (!closedInOrder || Files.size(data) <= SMALL_BYTES)) {
      TreeCheck.check(data, meta.get());
    }
  }

  /** Notes that the index is about to be used. */
  void opened() {
    write(OPEN);
  }

  private void write(String text) {
    try {
      Files.writeString(note, text);
    } catch (IOException e) {
      log.warn("{}: {}", note, e.getMessage()); // a full disk: reads go on
    }
  }

  /** Notes that it was closed in order, unless it is damaged. */
  void closed() {
    try {
      if (!damaged) {
        Files.deleteIfExists(note);
      }
    } catch (IOException e) {
      log.warn("{}: {}", note, e.getMessage()); // then the next start looks at all of it
    }
  }

  /** Takes note of what LMDB says; returns it. */
  LmdbException seen(LmdbException e) {
    boolean isDamage = e instanceof PageCorruptedException || e instanceof PageNotFoundException;
    if (isDamage && !damaged) {
      damaged = true;
      log.error(
          "the index {} is damaged; it is rebuilt at the next start: revfs daemon restart",
          note.getParent());
      write(DAMAGED);
    }
    return e;
  }
}

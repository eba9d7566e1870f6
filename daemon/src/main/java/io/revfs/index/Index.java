package io.revfs.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One LMDB environment. Thread-safe.
 *
 * <p>Everything in it can be rebuilt, so commits do not wait for the disk ({@code MDB_NOSYNC};
 * {@link #sync} does). After a crash of the process nothing is lost, since the map is the kernel's
 * page cache; after a crash of the machine the environment may be damaged, which {@link #open}
 * reports ({@link Soundness}) and the owner answers by rebuilding.
 *
 * <p>Lock order: a transaction holds the read side of {@code mapLock}; growing the map takes the
 * write side, as LMDB demands that no transaction is live then. So no transaction may be opened
 * inside another on the same thread, and none may be held while waiting for anything.
 */
public final class Index implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Index.class);

  /** LMDB's limit on the length of keys, in bytes. */
  public static final int MAX_KEY_BYTES = 511;

  private static final int MAX_TABLES = 32;
  private static final int MAX_READERS = 1024;

  private final Path directory;
  private final Env<ByteBuffer> environment;
  private final ReentrantReadWriteLock mapLock = new ReentrantReadWriteLock();
  private final Object tablesLock = new Object();

  @GuardedBy("tablesLock")
  private final Map<String, Dbi<ByteBuffer>> tables = new HashMap<>();

  private final GroupWriter writer;
  private final boolean isNew;
  private final Soundness soundness;
  private volatile long mapBytes;
  private volatile boolean closed;

  private Index(
      Path directory,
      Env<ByteBuffer> environment,
      long mapBytes,
      boolean isNew,
      Soundness soundness) {
    this.directory = directory;
    this.isNew = isNew;
    this.soundness = soundness;
    this.environment = environment;
    this.mapBytes = mapBytes;
    this.writer = new GroupWriter(this::commit, "index " + directory.getFileName());
  }

  /**
   * Opens the environment in {@code directory}, which is made if absent.
   *
   * @param mapBytes its first map size; it doubles when full
   * @throws IOException if the files are damaged or cannot be opened
   */
  public static Index open(Path directory, long mapBytes) throws IOException {
    LmdbLibrary.await();
    Files.createDirectories(directory);
    Path data = directory.resolve("data.mdb");
    long size = mapBytes;
    boolean isNew = !Files.exists(data);
    Soundness soundness = Soundness.of(directory);
    if (!isNew) {
      soundness.check(data);
      size = Math.max(size, roundUp(Files.size(data) * 2));
    }
    soundness.opened();
    try {
      Env<ByteBuffer> env =
          Env.create()
              .setMapSize(size)
              .setMaxDbs(MAX_TABLES)
              .setMaxReaders(MAX_READERS)
              .open(
                  directory.toFile(),
                  EnvFlags.MDB_NOSYNC,
                  EnvFlags.MDB_NOTLS,
                  EnvFlags.MDB_NORDAHEAD);
      return new Index(directory, env, size, isNew, soundness);
    } catch (LmdbException | IllegalArgumentException e) {
      throw new IOException(
          "the index in " + directory + " cannot be opened: " + e.getMessage(), e);
    }
  }

  /** Returns the table of this name, made if absent. Call it outside transactions. */
  public Table table(String name) {
    synchronized (tablesLock) {
      Dbi<ByteBuffer> dbi = tables.get(name);
      if (dbi == null) {
        mapLock.readLock().lock();
        try {
          dbi = environment.openDbi(name.getBytes(UTF_8), DbiFlags.MDB_CREATE);
        } catch (LmdbException e) {
          throw soundness.seen(e);
        } finally {
          mapLock.readLock().unlock();
        }
        tables.put(name, dbi);
      }
      return new Table(name, dbi);
    }
  }

  /**
   * Runs {@code work} in a read transaction: a snapshot of all tables. It copies out what it keeps.
   */
  public <T, E extends Exception> T read(ReadWork<T, E> work) throws E {
    mapLock.readLock().lock();
    try {
      checkOpen();
      try (Txn<ByteBuffer> txn = environment.txnRead()) {
        return work.run(new ReadTransaction(txn));
      }
    } catch (LmdbException e) {
      throw soundness.seen(e);
    } finally {
      mapLock.readLock().unlock();
    }
  }

  /**
   * Runs {@code work} in a write transaction and returns once it is committed; anything it throws
   * undoes it alone. Works of several callers share a transaction. A work may run twice (when the
   * map was full, or a neighbour failed), so its side effects outside must be idempotent.
   */
  public <T, E extends Exception> T write(WriteWork<T, E> work) throws E {
    return writer.run(work);
  }

  /** Runs works in one transaction; false if the map is full. */
  boolean commit(List<? extends Piece> works) {
    long full = mapBytes;
    mapLock.readLock().lock();
    try {
      checkOpen();
      full = mapBytes;
      try (Txn<ByteBuffer> txn = environment.txnWrite()) {
        WriteTransaction transaction = new WriteTransaction(txn);
        for (Piece work : works) {
          work.run(transaction);
        }
        txn.commit();
        return true;
      }
    } catch (Env.MapFullException e) {
      // Grown below, without the read lock.
    } catch (LmdbException e) {
      throw soundness.seen(e);
    } finally {
      mapLock.readLock().unlock();
    }
    grow(full);
    return false;
  }

  /** A piece of a shared transaction; what it throws undoes the transaction. */
  interface Piece {
    void run(WriteTransaction transaction);
  }

  /**
   * Opens an environment, or if it is damaged makes it anew: what an index holds can be had again.
   */
  public static Index openOrRebuild(Path directory, long mapBytes) throws IOException {
    try {
      return open(directory, mapBytes);
    } catch (IOException e) {
      log.warn("{}; it is rebuilt", e.getMessage());
      Files.deleteIfExists(directory.resolve("data.mdb"));
      Soundness.of(directory).closed();
      Files.deleteIfExists(directory.resolve("lock.mdb"));
      return open(directory, mapBytes);
    }
  }

  /** Returns whether there was nothing before it was opened, or nothing that could be used. */
  public boolean isNew() {
    return isNew;
  }

  /** Writes what was committed to the disk. */
  public void sync() {
    mapLock.readLock().lock();
    try {
      checkOpen();
      environment.sync(true);
    } finally {
      mapLock.readLock().unlock();
    }
  }

  /** Returns the bytes that the environment's file occupies. */
  public long fileBytes() throws IOException {
    return Files.size(directory.resolve("data.mdb"));
  }

  private void grow(long full) {
    mapLock.writeLock().lock();
    try {
      checkOpen();
      if (mapBytes == full) {
        environment.setMapSize(full * 2);
        mapBytes = full * 2;
      }
    } finally {
      mapLock.writeLock().unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the index in " + directory + " is closed");
    }
  }

  private static long roundUp(long size) {
    long mebibyte = 1L << 20;
    return (size + mebibyte - 1) / mebibyte * mebibyte;
  }

  /** Waits for running transactions, writes all to the disk and closes. Later calls do nothing. */
  @Override
  public void close() {
    writer.close();
    mapLock.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      environment.sync(true);
      environment.close();
      soundness.closed();
    } finally {
      mapLock.writeLock().unlock();
    }
  }

  /** What runs in a read transaction. */
  @FunctionalInterface
  public interface ReadWork<T, E extends Exception> {
    T run(ReadTransaction transaction) throws E;
  }

  /** What runs in a write transaction. */
  @FunctionalInterface
  public interface WriteWork<T, E extends Exception> {
    T run(WriteTransaction transaction) throws E;
  }
}

package io.revfs.cache.local;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object that is not complete here, while somebody has it open: a sparse file, which chunks are
 * in it, and the fetches under way. One fetch per chunk, however many readers. Thread-safe.
 *
 * <p>The order of writes makes a kill at any moment harmless: bytes to the file, then the bits to
 * the index, then the answer. What the index says is there, is there.
 */
final class FillingObject {
  private static final Logger log = LoggerFactory.getLogger(FillingObject.class);

  /** The longest range asked for in one request, in bytes. */
  private static final int RUN_BYTES = 8 << 20;

  private final ObjectKey key;
  private final long size;
  private final Origins origins;
  private final Fill fill;
  private final int chunkBytes;
  private final int chunkCount;
  private final Path file;
  private final FileChannel channel;

  /** Files open on it and fetches under way; negative once it is closed. */
  private final AtomicInteger users = new AtomicInteger();

  @GuardedBy("this")
  private final BitSet present;

  @GuardedBy("this")
  private final Map<Integer, CompletableFuture<Void>> underWay = new HashMap<>();

  @GuardedBy("this")
  private int badOrigins; // the first so many gave wrong bytes

  @GuardedBy("this")
  private boolean finishing;

  @GuardedBy("this")
  private CompletableFuture<Void> complete = new CompletableFuture<>();

  /** What a filling object needs of the cache. */
  interface Fill {
    void run(Runnable task);

    FetchPlace acquire() throws InterruptedException;

    void persist(ObjectKey key, BitSet present, long bytes, long size);

    void published(ObjectKey key, long size, Path file) throws IOException;

    void storageFailed(IOException e);

    /** The last user has gone. */
    void closed(ObjectKey key, FillingObject object);

    CacheStatistics statistics();

    int chunkBytes();

    /** A fetch's place among those allowed at once. */
    interface FetchPlace extends AutoCloseable {
      @Override
      void close();
    }
  }

  FillingObject(ObjectKey key, long size, Origins origins, Fill fill, Path file, BitSet present)
      throws IOException {
    this.key = key;
    this.size = size;
    this.origins = origins;
    this.fill = fill;
    this.chunkBytes = fill.chunkBytes();
    this.chunkCount = Math.toIntExact((size + chunkBytes - 1) / chunkBytes);
    this.file = file;
    this.present = present;
    boolean fresh = present.isEmpty();
    this.channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    if (fresh) {
      channel.truncate(0);
    } else if (channel.size() < lengthNeeded(present)) {
      present.clear(); // not the file that the index knew
    }
  }

  private long lengthNeeded(BitSet bits) {
    return Math.min(size, (long) bits.length() * chunkBytes);
  }

  ObjectKey key() {
    return key;
  }

  long size() {
    return size;
  }

  Origins origins() {
    return origins;
  }

  int chunkCount() {
    return chunkCount;
  }

  private boolean isSmall() {
    return size <= chunkBytes;
  }

  /** Returns whether all of the range is here, verified where it is small. */
  synchronized boolean has(long offset, int length) {
    if (isSmall()) {
      return complete.isDone() && !complete.isCompletedExceptionally();
    }
    int last = chunkOf(offset + length - 1);
    int absent = present.nextClearBit(chunkOf(offset));
    return absent > last;
  }

  private int chunkOf(long offset) {
    return (int) (offset / chunkBytes);
  }

  /** Reads what is here. */
  int readHere(ByteBuffer target, long offset) throws IOException {
    int limit = target.limit();
    target.limit((int) Math.min(limit, target.position() + Math.max(0, size - offset)));
    int total = 0;
    while (target.hasRemaining()) {
      int n = channel.read(target, offset + total);
      if (n < 0) {
        throw new IOException(file + " ends early");
      }
      total += n;
    }
    target.limit(limit);
    return total;
  }

  /** Waits until the range is here. */
  void await(long offset, int length) throws IOException {
    while (true) {
      CompletableFuture<Void> wait = start(chunkOf(offset), chunkOf(offset + length - 1) + 1);
      join(isSmall() ? completion() : wait);
      if (has(offset, length)) {
        return;
      }
    }
  }

  /** Waits until the whole object is here, verified and in its place. */
  void awaitComplete() throws IOException {
    var unused = start(0, chunkCount);
    join(completion());
  }

  private synchronized CompletableFuture<Void> completion() {
    return complete;
  }

  private static void join(CompletableFuture<Void> future) throws IOException {
    try {
      future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for bytes");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException(e.getCause());
    }
  }

  /** Starts fetching what is absent of chunks {@code from} to {@code to}; done when all is in. */
  CompletableFuture<Void> start(int from, int to) {
    List<CompletableFuture<Void>> waits = new java.util.ArrayList<>();
    synchronized (this) {
      if (complete.isCompletedExceptionally()) {
        complete = new CompletableFuture<>(); // a new try after a failure
        finishing = false;
        badOrigins = 0; // they may have been mended
      }
      int run = Math.max(1, RUN_BYTES / chunkBytes);
      int chunk = from;
      while (chunk < to) {
        CompletableFuture<Void> going = underWay.get(chunk);
        if (present.get(chunk)) {
          chunk++;
        } else if (going != null) {
          waits.add(going);
          chunk++;
        } else {
          int end = chunk + 1;
          while (end < to && end - chunk < run && !present.get(end) && !underWay.containsKey(end)) {
            end++;
          }
          Map<Integer, CompletableFuture<Void>> futures = new HashMap<>();
          for (int c = chunk; c < end; c++) {
            CompletableFuture<Void> future = new CompletableFuture<>();
            underWay.put(c, future);
            futures.put(c, future);
            waits.add(future);
          }
          int first = chunk;
          int last = end;
          retain(); // the caller is a user, so this succeeds
          fill.run(() -> fetch(first, last, futures));
          chunk = end;
        }
      }
      if (isLast()) {
        retain();
        fill.run(
            () -> {
              verifyAndPublish();
              release();
            });
      }
    }
    return CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new));
  }

  private void fetch(int from, int to, Map<Integer, CompletableFuture<Void>> futures) {
    Throwable failure = null;
    try (Fill.FetchPlace place = fill.acquire()) {
      fetchFromOrigins(from, to, futures, place);
    } catch (Throwable t) { // whatever it is, those that wait are to hear of it
      failure = t;
      if (t instanceof InterruptedException) {
        failure = new InterruptedIOException("stopped");
      }
    }
    boolean last = false;
    synchronized (this) {
      for (var entry : futures.entrySet()) {
        underWay.remove(entry.getKey(), entry.getValue());
      }
      if (failure == null) {
        persist();
        last = isLast();
      } else {
        complete.completeExceptionally(failure); // who waits for the whole must not wait for ever
      }
    }
    for (CompletableFuture<Void> future : futures.values()) {
      if (failure == null) {
        future.complete(null);
      } else {
        future.completeExceptionally(failure);
      }
    }
    if (last) {
      verifyAndPublish(); // readers of what is not to be verified first go on meanwhile
    }
    release();
  }

  /** Returns whether the caller is the one to verify the object. */
  @GuardedBy("this")
  private boolean isLast() {
    if (finishing || present.cardinality() < chunkCount) {
      return false;
    }
    finishing = true;
    return true;
  }

  @GuardedBy("this")
  private void persist() {
    if (isSmall()) {
      return; // it is complete with this chunk, or nothing
    }
    long bytes = (long) present.cardinality() * chunkBytes;
    fill.persist(key, (BitSet) present.clone(), Math.min(bytes, size), size);
  }

  private synchronized int firstGoodOrigin() {
    return badOrigins;
  }

  private void fetchFromOrigins(
      int from, int to, Map<Integer, CompletableFuture<Void>> futures, Fill.FetchPlace place)
      throws IOException {
    IOException failure = null;
    List<ObjectSource> sources = origins.sources();
    int bad = firstGoodOrigin();
    for (ObjectSource source : sources.subList(Math.min(bad, sources.size()), sources.size())) {
      try {
        new ChunkWriter(from, to, futures).fetch(source);
        return;
      } catch (ObjectMissingException e) {
        failure = failure == null ? e : failure;
      } catch (SourceUnreachableException e) {
        failure = e; // says more than that it is absent elsewhere
      }
    }
    if (failure instanceof ObjectMissingException || failure == null) {
      fill.statistics().missing.add(key, origins.names());
      failure =
          bad > 0
              ? new ObjectCorruptException(key, origins.names(), "no source has the right bytes")
              : new ObjectMissingException(key, origins.names());
    }
    log.debug("{}: {} at {}", key, failure.getMessage(), place);
    throw failure;
  }

  /** Writes a run of chunks as the bytes come, and tells of each chunk as soon as it is whole. */
  private final class ChunkWriter {
    private final int from;
    private final int to;
    private final Map<Integer, CompletableFuture<Void>> futures;
    private long at;

    ChunkWriter(int from, int to, Map<Integer, CompletableFuture<Void>> futures) {
      this.from = from;
      this.to = to;
      this.futures = futures;
    }

    void fetch(ObjectSource source) throws IOException {
      at = (long) from * chunkBytes;
      long end = Math.min(size, (long) to * chunkBytes);
      fill.statistics().fetches.increment();
      source.read(key, at, end - at, this::write);
      if (at != end) {
        throw new SourceUnreachableException(
            source.name(), key + ": " + (end - at) + " bytes are missing", true, null);
      }
      // An empty object has no chunk; the last chunk of others may be short.
      tell(to);
    }

    private void write(ByteBuffer bytes) throws IOException {
      fill.statistics().fetchedBytes.add(bytes.remaining());
      try {
        while (bytes.hasRemaining()) {
          at += channel.write(bytes, at);
        }
      } catch (ClosedByInterruptException e) {
        throw new InterruptedIOException("stopped");
      } catch (IOException e) {
        fill.storageFailed(e);
        throw e;
      }
      tell((int) (at / chunkBytes));
    }

    private int told = -1;

    private void tell(int upTo) {
      if (told < 0) {
        told = from;
      }
      while (told < Math.min(upTo, to)) {
        synchronized (FillingObject.this) {
          present.set(told);
        }
        if (!isSmall()) {
          CompletableFuture<Void> future = futures.get(told);
          if (future != null) {
            future.complete(null);
          }
        }
        told++;
      }
    }
  }

  /** All chunks are in: verifies, and puts the object in its place. */
  private void verifyAndPublish() {
    try {
      if (ObjectFiles.matches(channel, key, n -> {})) {
        fill.published(key, size, file);
        completion().complete(null);
        return;
      }
      wrong();
    } catch (IOException | RuntimeException e) {
      completion().completeExceptionally(e);
    }
  }

  /** The bytes are wrong: they are dropped, and the next origin is tried. */
  private void wrong() throws IOException {
    CompletableFuture<Void> done;
    boolean more;
    synchronized (this) {
      String from =
          badOrigins < origins.sources().size()
              ? origins.sources().get(badOrigins).name()
              : origins.names();
      log.error("{} from {} is damaged; it is dropped", key, from);
      fill.statistics().corruptObjects.increment();
      badOrigins++;
      present.clear();
      finishing = false;
      done = complete;
      more = badOrigins < origins.sources().size();
      channel.truncate(0);
      persist();
    }
    if (more) {
      var unused = start(0, chunkCount);
    } else {
      done.completeExceptionally(
          new ObjectCorruptException(key, origins.names(), "its bytes have another digest"));
    }
  }

  synchronized boolean isComplete() {
    return complete.isDone() && !complete.isCompletedExceptionally();
  }

  synchronized long presentBytes() {
    return Math.min(size, (long) present.cardinality() * chunkBytes);
  }

  /** Begins to verify if all chunks are here, as after a kill at the wrong moment. */
  void verifyIfWhole() {
    if (!isSmall()) { // those begin empty
      var unused = start(0, 0);
    }
  }

  /** Adds a user; returns false if it is closed already. */
  @CanIgnoreReturnValue
  boolean retain() {
    return users.updateAndGet(n -> n < 0 ? n : n + 1) > 0;
  }

  /** Takes a user away; after the last one the file is closed. */
  void release() {
    if (users.decrementAndGet() > 0 || !users.compareAndSet(0, Integer.MIN_VALUE)) {
      return;
    }
    try {
      channel.close();
      if (isSmall() && !isComplete()) {
        Files.deleteIfExists(file); // an unfinished small object leaves nothing behind
      }
    } catch (IOException e) {
      log.warn("{}: {}", key, e.getMessage());
    } finally {
      fill.closed(key, this);
    }
  }
}

package io.revfs.cache.local;

import io.revfs.cache.CacheSettings;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file that is filled as it is read: a read whose bytes are here is answered at once, another one
 * waits for their fetch, and either begins to fetch what the same reader will want next.
 * Thread-safe.
 */
final class FillingFile implements OpenFile.Served {
  /** How far ahead of a reader to fetch at most. */
  static final int READ_AHEAD_BYTES = 64 << 20;

  private final FillingObject object;
  private final boolean wholeFirst;
  private final CacheStatistics statistics;
  private final PastCache past;
  private final Runnable onClose;
  private final ReadStreams readers;

  /**
   * A file of an object that has this as one more user, and is released with it.
   *
   * @param past where reads go while the cache cannot be written
   */
  FillingFile(
      FillingObject object,
      CacheSettings settings,
      CacheStatistics statistics,
      PastCache past,
      Runnable onClose) {
    this.object = object;
    this.wholeFirst = settings.verify() == CacheSettings.Verify.BEFORE_READ;
    this.statistics = statistics;
    this.past = past;
    this.onClose = onClose;
    this.readers = new ReadStreams(settings.chunkBytes(), READ_AHEAD_BYTES / settings.chunkBytes());
  }

  FillingObject object() {
    return object;
  }

  @Override
  public long size() {
    return object.size();
  }

  @Override
  public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
    int length = (int) Math.min(target.remaining(), object.size() - offset);
    if (length <= 0) {
      return 0;
    }
    try {
      bringHere(context, offset, length);
      return object.readHere(target, offset);
    } catch (IOException e) {
      if (past.mustBeTaken(e)) {
        return past.read(object.key(), object.size(), object.origins(), target, offset);
      }
      throw FuseException.of(e);
    }
  }

  private void bringHere(RequestContext context, long offset, int length)
      throws IOException, FuseException {
    boolean here = wholeFirst ? object.isComplete() : object.has(offset, length);
    if (!here) {
      context.beforeSlowAnswer();
    }
    ReadAhead.Range ahead = readers.onRead(offset, length, object.chunkCount());
    if (here) {
      statistics.hitReads.increment();
      prefetch(ahead);
    } else {
      statistics.missReads.increment();
      if (wholeFirst) {
        object.awaitComplete();
      } else {
        prefetch(ahead);
        object.await(offset, length);
      }
    }
  }

  @Override
  public boolean comesWhole() {
    return object.chunkCount() == 1;
  }

  @Override
  public void await(RequestContext context, long offset, int length) throws FuseException {
    int here = (int) Math.min(length, object.size() - offset);
    if (here > 0) {
      try {
        bringHere(context, offset, here);
      } catch (IOException e) {
        if (!past.mustBeTaken(e)) {
          throw FuseException.of(e);
        } // else the read that follows goes to the origin
      }
    }
  }

  private void prefetch(ReadAhead.Range ahead) {
    if (!ahead.isEmpty()) {
      var unused = object.start(ahead.from(), ahead.to());
    }
  }

  @Override
  public void close() {
    onClose.run();
    object.release();
  }
}

package io.revfs.cache.local;

import io.revfs.object.ObjectKey;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the files of a cache into an index that was made anew, so that the quota sees them. One walk
 * in the background, on a thread of its own, while all else goes on; it is noted in the index when
 * it is done, so one that was broken off begins again at the next start, and no other start walks.
 *
 * <p>Nothing is read: an object found this way is verified when it is opened.
 */
final class LostFiles implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(LostFiles.class);
  private static final int AT_ONCE = 500;
  private static final long CLOSE_SECONDS = 5;

  private final ObjectFiles files;
  private final ObjectTable table;
  private final Consumer<Runnable> alone;
  private final Runnable afterwards;
  private @Nullable Thread walker;

  /**
   * Makes one that does nothing yet.
   *
   * @param alone runs something while nothing is evicted: eviction takes the record and then the
   *     file, and in between a record would be made anew
   * @param afterwards run as files are found: there may be more of them than the quota allows
   */
  LostFiles(ObjectFiles files, ObjectTable table, Consumer<Runnable> alone, Runnable afterwards) {
    this.files = files;
    this.table = table;
    this.alone = alone;
    this.afterwards = afterwards;
  }

  /** Begins to look for them if the index does not know all files; returns at once. */
  void findIfLost() {
    if (table.knowsFiles()) {
      return;
    }
    // A platform thread: a walk is all system calls, and would hold up virtual ones.
    walker =
        Thread.ofPlatform()
            .daemon()
            .name("lost files")
            .priority(Thread.MIN_PRIORITY)
            .start(this::find);
  }

  private void find() {
    try {
      Batch batch = new Batch();
      files.walk(batch::add);
      batch.store();
      table.setKnowsFiles();
      if (batch.found > 0) {
        log.info("the index was made anew; {} files of the cache were found again", batch.found);
      }
    } catch (InterruptedIOException e) {
      log.info("looking for files that the index does not know goes on at the next start");
    } catch (IOException | RuntimeException e) {
      log.warn("files that the index does not know: {}; the next start tries again", e.toString());
    }
  }

  /** What was found and is not in the index yet. Confined to the walker. */
  private final class Batch {
    private final List<ObjectTable.FoundFile> waiting = new ArrayList<>();
    private long found;

    void add(Path file, BasicFileAttributes attributes) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("the cache closes");
      }
      Optional<ObjectKey> key = files.keyOf(file);
      if (key.isEmpty() || !attributes.isRegularFile()) {
        return;
      }
      long written = attributes.lastModifiedTime().toMillis();
      waiting.add(new ObjectTable.FoundFile(key.get(), file, attributes.size(), written));
      if (waiting.size() >= AT_ONCE) {
        store();
      }
    }

    void store() {
      alone.accept(() -> table.storeFound(waiting));
      found += waiting.size();
      waiting.clear();
      afterwards.run();
    }
  }

  /** Breaks the walk off. */
  @Override
  public void close() {
    if (walker == null) {
      return;
    }
    walker.interrupt();
    try {
      walker.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

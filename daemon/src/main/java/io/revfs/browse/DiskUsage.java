package io.revfs.browse;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.TreeWalk;
import io.revfs.snapshot.WorkTreeFile;
import java.io.IOException;

/** {@code du}: how many bytes a revision's files have. */
public final class DiskUsage {
  private final FileContents contents;
  private final Shown shown;

  /** Takes sums. */
  @FunctionalInterface
  public interface Sink {
    /** {@code path} from the repository's root, empty for the root. */
    void sum(String path, long bytes) throws IOException;
  }

  private DiskUsage(Places.Place place, FileContents contents) {
    this.contents = contents;
    this.shown = new Shown(place);
  }

  /**
   * Passes the sum of each name in a directory, then that of all; of a file its size.
   *
   * @param summarize the sum of all only
   */
  public static void of(Places.Place place, FileContents contents, boolean summarize, Sink sink)
      throws IOException {
    DiskUsage usage = new DiskUsage(place, contents);
    String path = place.path();
    if (place.entry().directory().isEmpty()) {
      sink.sum(path, usage.bytes(path, place.entry()));
      return;
    }
    long[] total = {0};
    place
        .entry()
        .directory()
        .get()
        .list(
            0,
            child -> {
              String at = path.isEmpty() ? child.name() : path + "/" + child.name();
              if (usage.shown.isData(at, child)) {
                long bytes = usage.bytes(at, child);
                total[0] += bytes;
                if (!summarize) {
                  sink.sum(at, bytes);
                }
              }
              return true;
            });
    sink.sum(path, total[0]);
  }

  private long bytes(String path, Entry entry) throws IOException {
    if (entry.directory().isEmpty()) {
      boolean bytes = entry.key().isPresent() || WorkTreeFile.of(entry).isPresent();
      return entry.problem().isPresent() || !bytes ? 0 : contents.size(entry);
    }
    if (entry.key().isPresent() && entry.size() >= 0 && WorkTreeFile.of(entry).isEmpty()) {
      return entry.size(); // as its file states it: no need to ask for each
    }
    long[] sum = {0};
    TreeWalk.files(
        entry.directory().get(),
        (below, file) -> {
          if (shown.isData(path + "/" + below, file)) {
            sum[0] += bytes(path + "/" + below, file);
          }
        });
    return sum[0];
  }
}

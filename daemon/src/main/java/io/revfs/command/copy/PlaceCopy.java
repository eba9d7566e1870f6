package io.revfs.command.copy;

import io.revfs.browse.DataFiles;
import io.revfs.browse.Places;
import io.revfs.command.Invocation;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.TreeWalk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies what lies at a place of a repository to a place of this machine. */
public final class PlaceCopy {
  private final Invocation call;
  private final Places.Place place;
  private final FileWriter writer;
  private final int jobs;

  /** What was copied. */
  public record Copied(long files, long bytes) {}

  /** {@code jobs}: how many files at once. */
  public PlaceCopy(Invocation call, Places.Place place, FileWriter writer, int jobs) {
    this.call = call;
    this.place = place;
    this.writer = writer;
    this.jobs = jobs;
  }

  /** Copies to a place where nothing is, in a directory that is there. */
  public Copied to(Path target) throws IOException {
    Entry entry = place.entry();
    boolean directory = entry.directory().isPresent();
    try (Copies copies = new Copies(call, place.path(), directory ? jobs : 1)) {
      if (directory) {
        copies.expect(entry.key().isPresent() ? Math.max(0, entry.size()) : 0);
        Map<String, Entry> files = new LinkedHashMap<>();
        if (place.snapshot().isWorkTree()) {
          DataFiles.of(place, files::put); // before the copy is in it, too
        }
        Files.createDirectory(target);
        Directories directories = new Directories(target);
        TreeWalk.Visitor adding =
            (path, file) -> {
              Path to = directories.target(path);
              copies.add(progress -> writer.write(file, to, progress));
            };
        if (place.snapshot().isWorkTree()) {
          for (Map.Entry<String, Entry> file : files.entrySet()) {
            adding.visit(file.getKey(), file.getValue());
          }
        } else {
          DataFiles.of(place, adding);
        }
      } else {
        copies.expect(writer.sizeIfKnown(entry));
        copies.add(progress -> writer.write(entry, target, progress));
      }
      copies.await();
      return new Copied(copies.files(), copies.bytes());
    }
  }
}

package io.revfs.repository;

import io.revfs.cache.Cache;
import io.revfs.dvc.Output;
import io.revfs.dvc.OutputFile;
import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FixedDirectory;
import io.revfs.snapshot.ManifestDirectory;
import io.revfs.snapshot.ManifestStore;
import io.revfs.text.RelativePaths;
import java.util.Optional;

/** Makes the entries that show outputs: a file, a manifest's directory, or listed files. */
record OutputEntries(ManifestStore manifests, Cache cache) {
  /** Returns what is shown of an output. */
  Entry of(PlacedOutput placed) {
    String name = RelativePaths.name(placed.path());
    if (placed.output().isEmpty()) {
      return Entry.broken(name, Entry.Tracking.OUTPUT, placed.problem().orElse("unreadable"));
    }
    Output output = placed.output().get();
    if (!output.files().isEmpty()) {
      return Entry.directory(name, Entry.Tracking.OUTPUT, files(output, placed.origins()));
    }
    ObjectKey key = output.key().orElseThrow();
    boolean directory = key.manifest();
    return new Entry(
        name,
        directory ? Entry.Kind.DIRECTORY : Entry.Kind.FILE,
        output.executable(),
        Optional.of(key),
        placed.origins(),
        output.size().orElse(-1),
        Entry.Tracking.OUTPUT,
        Optional.empty(),
        directory
            ? Optional.of(new ManifestDirectory(manifests, cache, key, placed.origins(), null))
            : Optional.empty());
  }

  private static FixedDirectory files(Output output, Origins origins) {
    FixedDirectory root = new FixedDirectory();
    for (OutputFile file : output.files()) {
      if (file.md5().isEmpty()) {
        continue;
      }
      FixedDirectory at = root;
      String[] names = file.path().split("/");
      for (int i = 0; i < names.length - 1; i++) {
        at = at.child(names[i], Entry.Tracking.INSIDE_OUTPUT);
      }
      at.put(
          new Entry(
              names[names.length - 1],
              Entry.Kind.FILE,
              file.executable(),
              Optional.of(ObjectKey.file(file.md5().get())),
              origins,
              file.size().orElse(-1),
              Entry.Tracking.INSIDE_OUTPUT,
              Optional.empty(),
              Optional.empty()));
    }
    return root;
  }
}

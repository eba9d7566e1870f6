package io.revfs.command.record;

import io.revfs.dvc.Output;
import io.revfs.dvc.OutputFile;
import io.revfs.workspace.Contents;
import io.revfs.workspace.FileEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Versions of a cloud that stay recorded as long as the files do. */
final class Versions {
  private Versions() {}

  /**
   * Returns what is to be recorded, with the versions of what is as it was.
   *
   * @param before what was recorded
   * @param now what is to be recorded otherwise
   * @param contents what the output holds
   */
  static Output kept(Output before, Output now, Contents contents) {
    if (!before.cloud().isEmpty()) {
      return before.key().equals(now.key()) ? before : now;
    }
    if (before.files().isEmpty() || !(contents instanceof Contents.Directory directory)) {
      return now;
    }
    Map<String, OutputFile> known = new HashMap<>();
    before.files().forEach(file -> known.put(file.path(), file));
    List<OutputFile> files = new ArrayList<>();
    for (FileEntry entry : directory.entries()) {
      OutputFile file = known.get(entry.path());
      boolean same = file != null && file.md5().equals(Optional.of(entry.digest()));
      files.add(same ? file : file(entry));
    }
    return now.with(files, Map.of(), false);
  }

  private static OutputFile file(FileEntry entry) {
    return new OutputFile(
        entry.path(),
        Optional.of(entry.digest()),
        OptionalLong.of(entry.size()),
        entry.isExecutable(),
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }
}

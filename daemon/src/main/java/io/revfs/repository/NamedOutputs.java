package io.revfs.repository;

import io.revfs.cache.Cache;
import io.revfs.snapshot.ManifestStore;
import io.revfs.snapshot.PendingOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the outputs that single files of a work tree name. */
record NamedOutputs(
    RepositoryRemotes remotes, ManifestStore manifests, Cache cache, ImportSource.Opener imports) {
  private static final Logger log = LoggerFactory.getLogger(NamedOutputs.class);

  /** See {@link DataRepository#outputs}. */
  DataRepository.OutputsOfFiles reader(WorkTreeFiles files, Set<String> projects) {
    OutputEntries entries = new OutputEntries(manifests, cache);
    List<ShownOutput> found = new ArrayList<>();
    OutputReader.Sink sink =
        new OutputReader.Sink() {
          @Override
          public void place(PlacedOutput output) {
            found.add(new ShownOutput(output.path(), entries.of(output)));
          }

          @Override
          public void pending(PendingOutput output) {}

          @Override
          public void problem(String path, IOException why) {
            log.warn("{}: {}", path, why.getMessage());
          }
        };
    OutputReader reader =
        new OutputReader(
            remotes,
            new OutputOrigins(remotes, imports),
            files,
            project -> Optional.empty(),
            projects,
            sink);
    return (file, content) -> {
      found.clear();
      if (file.endsWith(OutputReader.SUFFIX)) {
        reader.dvcFile(file, content);
      } else {
        reader.lockFile(file, content);
      }
      return List.copyOf(found);
    };
  }
}

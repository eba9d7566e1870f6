package io.revfs.command.imports;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import io.revfs.command.transfer.FetchedImports;
import io.revfs.dvc.ImportFile;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Contents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brings the data of imports from their sources to the project's cache. */
final class ImportedObjects implements FetchedImports {
  private final Source.Reach reach;

  ImportedObjects(Source.Reach reach) {
    this.reach = reach;
  }

  @Override
  public boolean isAtSource(Stage stage) {
    return stage.isRepositoryImport() || stage.isPartialImport() || stage.isVersionedImport();
  }

  @Override
  public Fetched fetch(Session session, List<Stage> stages) throws IOException {
    long objects = 0;
    Map<String, ObjectKey> partial = new HashMap<>();
    Set<String> unknown = unknown(session, stages);
    for (Stage stage : stages) {
      Out out = stage.outs().getFirst();
      Optional<ObjectKey> key = session.files().key(out);
      if (key.isPresent() && session.files().isCached(key.get())) {
        continue;
      }
      try (Source source = source(session, stage)) {
        if (source instanceof UrlSource url
            && key.isEmpty()
            && (unknown.contains(url.location()) || url.status().isPresent())) {
          continue; // nothing says that it is what was imported
        }
        Optional<Contents> found = bring(session, source);
        if (found.isEmpty()) {
          continue;
        }
        if (key.isPresent() && !found.get().key().equals(key.get())) {
          warn(session, stage, "its source holds other data now than was imported");
          continue;
        }
        objects += 1 + (found.get() instanceof Contents.Directory d ? d.entries().size() : 0);
        if (key.isEmpty()) {
          partial.put(out.path(), found.get().key());
        }
      } catch (CommandFailure | ObjectMissingException | SourceUnreachableException e) {
        warn(session, stage, String.valueOf(e.getMessage()));
      }
    }
    return new Fetched(objects, partial);
  }

  private Source source(Session session, Stage stage) throws IOException {
    Path root = session.project().root();
    byte[] content = Files.readAllBytes(root.resolve(stage.id().file()));
    ImportFile file = ImportFile.parse(stage.id().file(), content);
    return reach.of(session, file.dependency(), root.resolve(stage.workingDirectory()));
  }

  /**
   * Returns the sources of which one import says nothing. DVC asks a source once for all imports of
   * it, so that one that says nothing keeps it from fetching the others.
   */
  private Set<String> unknown(Session session, List<Stage> stages) throws IOException {
    Set<String> unknown = new HashSet<>();
    for (Stage stage : stages) {
      if (stage.isPartialImport() && !stage.isRepositoryImport()) {
        try (Source source = source(session, stage)) {
          if (source instanceof UrlSource url && !url.isKnown()) {
            unknown.add(url.location());
          }
        }
      }
    }
    return unknown;
  }

  /** Copies a source to a scratch directory, and from there by links to the cache. */
  private static Optional<Contents> bring(Session session, Source source) throws IOException {
    Path scratch = Files.createTempDirectory(session.project().tmp(), "import");
    try {
      Path data = scratch.resolve("data");
      source.copy(data);
      return session.workspace().reader().storing(session.workspace().store(), true).read(data);
    } finally {
      Checkout.remove(scratch);
    }
  }

  private static void warn(Session session, Stage stage, String why) {
    session
        .call()
        .warn(
            "WARNING: '%s' was not fetched: %s"
                .formatted(stage.id().addressing(session.from()), why));
  }
}

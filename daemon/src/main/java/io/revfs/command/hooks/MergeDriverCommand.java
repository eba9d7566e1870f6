package io.revfs.command.hooks;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFile;
import io.revfs.dvc.DvcFileWriter;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.Output;
import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.project.Project;
import io.revfs.text.AtomicFile;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code git-hook merge-driver}: merges two versions of a {@code .dvc} file that tracks a
 * directory, file by file of the directory. The result is written over ours. What cannot be merged
 * is left for Git to call a conflict.
 */
final class MergeDriverCommand implements Command {
  /** What may differ: the rest of an entry says how the data is treated. */
  private static final Set<String> OF_DATA = Set.of("md5", "size", "nfiles", "hash");

  private final Workspaces workspaces;

  MergeDriverCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "git-hook merge-driver";
  }

  @Override
  public void run(Invocation call) throws IOException {
    if (Project.findRoot(call.directory()).isEmpty()) {
      return;
    }
    Path ours = call.resolve(call.required("our"));
    Path theirs = call.resolve(call.required("their"));
    DvcFile ancestor = read(call.resolve(call.required("ancestor")));
    DvcFile our = read(ours);
    DvcFile their = read(theirs);
    if (their.outputs().isEmpty()) {
      return;
    }
    if (our.outputs().isEmpty()) {
      AtomicFile.replace(ours, Files.readAllBytes(theirs), call.umask());
      return;
    }
    checkMergeable(our);
    checkMergeable(their);
    if (!ancestor.outputs().isEmpty()) {
      checkMergeable(ancestor);
      checkAlike(our, ancestor);
    }
    checkAlike(our, their);
    try (Session session = Session.open(call, workspaces, "Merging")) {
      Output merged = merge(session.workspace().store(), ancestor, our, their);
      byte[] content =
          DvcFileWriter.updated(ours.toString(), Files.readAllBytes(ours), List.of(merged));
      AtomicFile.replace(ours, content, call.umask());
    }
  }

  private static DvcFile read(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    if (new String(content, java.nio.charset.StandardCharsets.UTF_8).isBlank()) {
      return new DvcFile(List.of(), List.of(), ".", false, Map.of(), List.of());
    }
    try {
      return DvcFile.parse(file.toString(), content);
    } catch (DvcFormatException e) {
      throw failed(String.valueOf(e.getMessage()));
    }
  }

  private static CommandFailure failed(String message) {
    return new CommandFailure(
        message, "take one version, or edit the file: git status", CommandFailure.FAILED);
  }

  private static void checkMergeable(DvcFile file) throws CommandFailure {
    if (file.outputs().size() != 1
        || !file.dependencies().isEmpty()
        || file.properties().containsKey("cmd")) {
      throw failed("unable to auto-merge DVC files that weren't created by `dvc add`");
    }
    if (!file.outputs().getFirst().key().map(ObjectKey::manifest).orElse(false)) {
      throw failed("unable to auto-merge outputs that are not directories");
    }
  }

  private static void checkAlike(DvcFile one, DvcFile other) throws CommandFailure {
    if (!settings(one).equals(settings(other)) || !algorithm(one).equals(algorithm(other))) {
      throw failed("unable to auto-merge outputs with different options");
    }
  }

  private static Digest.Algorithm algorithm(DvcFile file) {
    return file.outputs().getFirst().key().orElseThrow().digest().algorithm();
  }

  private static Map<String, @Nullable Object> settings(DvcFile file) {
    Map<String, @Nullable Object> settings =
        new java.util.HashMap<>(file.outputProperties().getFirst());
    settings.keySet().removeAll(OF_DATA);
    return settings;
  }

  private static Output merge(ObjectStore store, DvcFile ancestor, DvcFile our, DvcFile their)
      throws IOException {
    ManifestMerge merge =
        ManifestMerge.of(
            ancestor.outputs().isEmpty() ? List.of() : items(store, ancestor),
            items(store, our),
            items(store, their));
    if (!merge.conflicts().isEmpty()) {
      throw failed(
          "unable to auto-merge the following paths:\n" + String.join("\n", merge.conflicts()));
    }
    ManifestWriter writer = new ManifestWriter();
    merge.items().forEach(item -> writer.add(item.path(), item.digest().hex()));
    byte[] manifest = writer.toBytes();
    Hasher hasher = Hasher.of(algorithm(our), manifest.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(manifest));
    ObjectKey key = new ObjectKey(hasher.finish(), true);
    store.put(key, manifest);
    Output old = our.outputs().getFirst();
    return new Output(
        old.path(),
        Optional.of(key),
        size(store, merge.items()),
        OptionalLong.of(merge.items().size()),
        false,
        old.cached(),
        old.remote(),
        old.push(),
        List.of(),
        Map.of(),
        old.line());
  }

  private static List<ManifestItem> items(ObjectStore store, DvcFile file) throws IOException {
    ObjectKey manifest = file.outputs().getFirst().key().orElseThrow();
    Optional<List<ManifestItem>> items =
        store.check(manifest) ? store.items(manifest) : Optional.empty();
    if (items.isEmpty()) {
      throw new CommandFailure(
          "unable to auto-merge: the cache lacks the list %s".formatted(manifest.name()),
          "fetch both versions first: dvc fetch -a; then merge again",
          CommandFailure.FAILED);
    }
    return items.get();
  }

  /** The sum, if the cache has all files: their sizes are said nowhere else. */
  private static OptionalLong size(ObjectStore store, List<ManifestItem> items) throws IOException {
    long size = 0;
    for (ManifestItem item : items) {
      Path object = store.path(ObjectKey.file(item.digest()));
      if (!Files.exists(object)) {
        return OptionalLong.empty();
      }
      size += Files.size(object);
    }
    return OptionalLong.of(size);
  }
}

package io.revfs.metric;

import io.revfs.object.ObjectKey;
import io.revfs.project.Project;
import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.stage.view.FileView;
import io.revfs.stage.view.WorkTreeView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The work tree's files; those that are tracked and not there, from the cache or from HEAD. */
final class WorkTreeFiles implements DataFiles {
  private final Project project;
  private final StageIndex stages;
  private final Head head;
  private final WorkTreeView view;

  /** Opens HEAD's files. */
  @FunctionalInterface
  interface Head {
    DataFiles open() throws IOException;
  }

  WorkTreeFiles(Project project, StageIndex stages, Head head) {
    this.project = project;
    this.stages = stages;
    this.head = head;
    this.view = new WorkTreeView(project.root(), project.gitRoot());
  }

  @Override
  public Optional<byte[]> read(String path) throws IOException {
    Optional<byte[]> content = view.read(path);
    if (content.isPresent() || path.startsWith("/")) {
      return content;
    }
    Optional<Out> out = stages.outContaining(path);
    if (out.isEmpty() || !out.get().cached() || !out.get().isRecorded()) {
      return Optional.empty();
    }
    Optional<Path> object = out.get().path().equals(path) ? object(out.get()) : Optional.empty();
    if (object.isPresent()) {
      return Optional.of(Files.readAllBytes(object.get()));
    }
    return project.gitRoot().isEmpty() ? Optional.empty() : head.open().read(path);
  }

  @Override
  public OptionalLong size(String path) throws IOException {
    Path file = project.root().resolve(path);
    if (Files.isRegularFile(file)) {
      return OptionalLong.of(Files.size(file));
    }
    Optional<OnlyShown> shown = Passages.onlyShown(file);
    if (shown.isPresent() && !shown.get().directory()) {
      return OptionalLong.of(shown.get().size().get());
    }
    OptionalLong recorded = stages.outAt(path).map(Out::size).orElseGet(OptionalLong::empty);
    boolean isAtHead = stages.outContaining(path).isPresent() && project.gitRoot().isPresent();
    return recorded.isPresent() || !isAtHead ? recorded : head.open().size(path);
  }

  private Optional<Path> object(Out out) {
    ObjectKey key = out.key().orElseThrow();
    String name = key.name();
    Path cache = project.cacheDirectory();
    String within = name.substring(0, 2) + "/" + name.substring(2);
    return Stream.of(cache.resolve("files/md5").resolve(within), cache.resolve(within))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  @Override
  public FileView.Kind kind(String path) throws IOException {
    FileView.Kind kind = view.kind(path);
    if (kind != FileView.Kind.ABSENT) {
      return kind;
    }
    Optional<Out> out = stages.outContaining(path);
    if (out.isEmpty() || !out.get().isRecorded()) {
      return FileView.Kind.ABSENT;
    }
    boolean directory = out.get().key().map(ObjectKey::manifest).orElse(true);
    boolean whole = out.get().path().equals(path);
    return directory && whole ? FileView.Kind.DIRECTORY : FileView.Kind.FILE;
  }

  @Override
  public List<String> filesBelow(String directory) throws IOException {
    Path top = project.root().resolve(directory);
    List<String> onlyShown = onlyShown(top);
    if (!Files.isDirectory(top) && !onlyShown.isEmpty()) {
      return onlyShown;
    }
    if (!Files.isDirectory(top)) {
      return project.gitRoot().isEmpty() ? List.of() : head.open().filesBelow(directory);
    }
    try (Stream<Path> files = Passages.walk(top)) {
      return Stream.concat(
              onlyShown.stream(),
              files
                  .filter(Files::isRegularFile)
                  .map(file -> project.root().relativize(file).toString()))
          .sorted()
          .toList();
    }
  }

  private List<String> onlyShown(Path directory) throws IOException {
    Optional<Passages.Place> place = Passages.at(directory);
    if (place.isEmpty()) {
      return List.of();
    }
    List<String> paths = new ArrayList<>();
    Path top = place.get().covered().below();
    place
        .get()
        .covered()
        .visit(
            place.get().path(),
            file -> paths.add(project.root().relativize(top.resolve(file.path())).toString()));
    return paths.stream().sorted().toList();
  }
}

package io.revfs.command.look;

import io.revfs.browse.Places;
import io.revfs.browse.UnknownPlaceException;
import io.revfs.dvc.Dependency;
import io.revfs.dvc.OutputFile;
import io.revfs.dvc.manifest.ManifestReader;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import io.revfs.origin.DvcCacheSource;
import io.revfs.project.DvcIgnore;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.repository.DataRepository;
import io.revfs.repository.PlainRepository;
import io.revfs.repository.UnknownRevisionException;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.snapshot.TreeWalk;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageIndex;
import io.revfs.stage.StageLoader;
import io.revfs.stage.view.WorkTreeView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The work tree of a project as a snapshot that can be listed: files as they are, outputs as their
 * {@code .dvc} files and {@code dvc.lock} are now. What is in a directory that is recorded as HEAD
 * has it is found as for HEAD, wherever it is stored. For one thread.
 */
final class WorkTree implements Snapshot {
  private static final Origins NOWHERE = new Origins(List.of());

  private final Path root;
  private final DvcIgnore ignores;
  private final StageIndex index;
  private final DvcCacheSource cache;
  private final Optional<Snapshot> head;
  private final String prefix;

  private WorkTree(
      Project project, StageIndex index, Optional<Snapshot> head, String prefixInHead) {
    this.root = project.root();
    this.ignores = DvcIgnore.of(root);
    this.index = index;
    this.cache = new DvcCacheSource(project.cacheDirectory());
    this.head = head;
    this.prefix = prefixInHead;
  }

  /**
   * Returns a place in the work tree of the project that a location is in; empty if it is in none,
   * or no directory of this machine.
   *
   * @param below from the location
   * @throws UnknownPlaceException if there is nothing
   */
  static Optional<Places.Place> place(
      Places places, String location, String below, Map<String, String> environment)
      throws IOException {
    if (!location.startsWith("/") || places.isMounted(location)) {
      return Optional.empty();
    }
    Path at = Passages.below(Path.of(location).normalize());
    Optional<Path> root = Project.findRoot(at);
    if (root.isEmpty() || !Files.isDirectory(at)) {
      return Optional.empty();
    }
    Project project = Project.at(root.get(), environment);
    boolean inGit = project.gitRoot().isPresent();
    DataRepository repository =
        inGit ? places.root(location).repository() : new PlainRepository(project.root().toString());
    Optional<Snapshot> head = Optional.empty();
    try {
      head = Optional.of(repository.snapshot(repository.resolve("HEAD")));
    } catch (UnknownRevisionException e) {
      // nothing was committed yet
    }
    StageLoader loader =
        new StageLoader(
            new WorkTreeView(project.root(), project.gitRoot()), ParsingOptions.DEFAULT);
    WorkTree tree =
        new WorkTree(
            project,
            loader.load(problem -> {}),
            head,
            project.gitRoot().map(top -> top.relativize(project.root()).toString()).orElse(""));
    String path =
        Path.of("/" + project.relative(at)).resolve(below).normalize().toString().substring(1);
    Optional<Entry> entry = tree.find(path);
    if (entry.isEmpty() && inGit) {
      return Optional.empty(); // who asks HEAD is told that it is not there
    }
    return Optional.of(
        new Places.Place(
            repository,
            tree,
            path,
            entry.orElseThrow(
                () ->
                    new UnknownPlaceException(
                        UnknownPlaceException.Kind.NO_PATH,
                        "'%s' is not in the project %s".formatted(path, project.root()),
                        "list what is there: dvc list " + project.root())),
            false));
  }

  @Override
  public String commit() {
    return "";
  }

  @Override
  public SnapshotDirectory root() {
    return new Directory("");
  }

  private static String join(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  /** A directory of the work tree, with the outputs that are in it. */
  private final class Directory implements SnapshotDirectory {
    private final String path;

    Directory(String path) {
      this.path = path;
    }

    @Override
    public Optional<Entry> find(String name) throws IOException {
      Optional<Entry> out = output(name);
      if (out.isPresent()) {
        return out;
      }
      Path file = root.resolve(path).resolve(name);
      // No link is followed: it may lead into a mount, which only other processes may read.
      boolean directory = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
      boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      if (there && !ignores.in(path).ignores(name, directory)) {
        return Optional.of(file(file, name, directory));
      }
      boolean around = !there && hasOutputs(join(path, name));
      return around
          ? Optional.of(entry(name, Entry.Kind.DIRECTORY, -1, new Directory(join(path, name))))
          : Optional.empty();
    }

    private Entry file(Path file, String name, boolean directory) throws IOException {
      if (directory) {
        return entry(name, Entry.Kind.DIRECTORY, -1, new Directory(join(path, name)));
      }
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      boolean link = attributes.isSymbolicLink();
      return entry(
          name,
          link ? Entry.Kind.SYMBOLIC_LINK : Entry.Kind.FILE,
          link ? 0 : attributes.size(),
          null);
    }

    private Optional<Entry> output(String name) throws IOException {
      Optional<Out> out = index.outAt(join(path, name)).filter(Out::cached);
      return out.isPresent() && out.get().isRecorded()
          ? Optional.of(WorkTree.this.output(out.get(), name))
          : Optional.empty();
    }

    @Override
    public void list(long position, Visitor visitor) throws IOException {
      List<String> names = new ArrayList<>();
      Path here = root.resolve(path);
      if (Files.isDirectory(here)) {
        try (var files = Files.newDirectoryStream(here)) {
          files.forEach(file -> names.add(String.valueOf(file.getFileName())));
        }
      }
      for (Out out : index.outsBelow(path)) {
        String rest = path.isEmpty() ? out.path() : out.path().substring(path.length() + 1);
        String name = rest.contains("/") ? rest.substring(0, rest.indexOf('/')) : rest;
        if (!names.contains(name)) {
          names.add(name);
        }
      }
      names.sort(TreeWalk::compare);
      long passed = 0;
      for (String name : names) {
        Optional<Entry> entry = isPending(name) ? Optional.empty() : find(name);
        if (entry.isPresent() && passed++ >= position && !visitor.visit(entry.get())) {
          return;
        }
      }
    }

    /** Whether an output is never made, or was not fetched: {@link #pending} has it. */
    private boolean isPending(String name) {
      return index
          .outAt(join(path, name))
          .filter(out -> out.cached() && !out.isRecorded())
          .isPresent();
    }
  }

  private boolean hasOutputs(String path) {
    return index.outsBelow(path).stream().anyMatch(out -> out.cached() && out.isRecorded());
  }

  private static Entry entry(
      String name,
      Entry.Kind kind,
      long size,
      @org.jspecify.annotations.Nullable SnapshotDirectory directory) {
    return new Entry(
        name,
        kind,
        false,
        Optional.empty(),
        NOWHERE,
        size,
        Entry.Tracking.GIT,
        Optional.empty(),
        Optional.ofNullable(directory));
  }

  private Entry output(Out out, String name) throws IOException {
    Optional<Entry> committed =
        head.isPresent() ? head.get().find(join(prefix, out.path())) : Optional.empty();
    Optional<ObjectKey> key = out.key();
    boolean same =
        committed.isPresent()
            && committed.get().tracking() == Entry.Tracking.OUTPUT
            && key.isPresent()
            && committed.get().key().equals(key);
    if (same) {
      return committed.get();
    }
    boolean directory = !out.recorded().files().isEmpty() || key.orElseThrow().manifest();
    Optional<SnapshotDirectory> inside =
        directory ? Optional.of(ListedDirectory.of(names(out))) : Optional.empty();
    return new Entry(
        name,
        directory ? Entry.Kind.DIRECTORY : Entry.Kind.FILE,
        out.recorded().executable(),
        key,
        NOWHERE,
        out.size().orElse(-1),
        Entry.Tracking.OUTPUT,
        Optional.empty(),
        inside);
  }

  /** Returns what is recorded of the files in a directory, as far as it is known here. */
  private List<ListedDirectory.File> names(Out out) throws IOException {
    List<ListedDirectory.File> files = new ArrayList<>();
    for (OutputFile file : out.recorded().files()) {
      files.add(new ListedDirectory.File(file.path(), file.md5().map(ObjectKey::file)));
    }
    Optional<Path> manifest =
        out.key().isPresent() ? cache.localFile(out.key().get()) : Optional.empty();
    if (manifest.isPresent()) {
      Digest.Algorithm algorithm = out.key().orElseThrow().digest().algorithm();
      try (InputStream in = Files.newInputStream(manifest.get())) {
        ManifestReader.read(
            in,
            manifest.get().toString(),
            (path, hex, size, executable) ->
                files.add(
                    new ListedDirectory.File(
                        path, Optional.of(ObjectKey.file(new Digest(algorithm, hex))))));
      }
    }
    return files;
  }

  @Override
  public long totalBytes() {
    return index.outs().stream().mapToLong(out -> out.size().orElse(0)).sum();
  }

  @Override
  public long totalFiles() {
    return index.outs().stream().mapToLong(out -> out.recorded().fileCount().orElse(1)).sum();
  }

  @Override
  public List<Problem> problems() {
    return List.of();
  }

  @Override
  public List<PendingOutput> pending() {
    List<PendingOutput> pending = new ArrayList<>();
    for (Out out : index.outs()) {
      if (out.cached() && !out.isRecorded() && out.place().isInProject()) {
        Stage stage = index.owner(out);
        Optional<Dependency> source =
            stage.isImport() ? stage.deps().getFirst().source() : Optional.empty();
        pending.add(
            new PendingOutput(
                out.path(),
                source.flatMap(Dependency::key),
                source.map(Dependency::size).orElse(OptionalLong.empty())));
      }
    }
    pending.sort((a, b) -> TreeWalk.compare(a.path(), b.path()));
    return pending;
  }

  @Override
  public List<String> projects() {
    return List.of("");
  }

  @Override
  public Origins origins() {
    return NOWHERE;
  }

  /** What is ignored is not found at all. */
  @Override
  public boolean isIgnored(String path) {
    return false;
  }
}

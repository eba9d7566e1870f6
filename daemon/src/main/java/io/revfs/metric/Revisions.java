package io.revfs.metric;

import io.revfs.dvc.DvcFormatException;
import io.revfs.fuse.OpenFile;
import io.revfs.git.GitCommand;
import io.revfs.git.GitRepository;
import io.revfs.project.Project;
import io.revfs.repository.DataRepositories;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.OpenFileStream;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.TreeWalk;
import io.revfs.stage.StageIndex;
import io.revfs.stage.target.ProjectStages;
import io.revfs.stage.view.FileView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Opens a project at revisions; nothing is checked out. Thread-safe. */
public final class Revisions {
  private static final int SHORT_ID = 7;
  private static final long GIT_SECONDS = 60;

  private final DataRepositories repositories;
  private final FileContents contents;

  public Revisions(DataRepositories repositories, FileContents contents) {
    this.repositories = repositories;
    this.contents = contents;
  }

  /** Returns the work tree. Files that are absent there are read as HEAD has them, if tracked. */
  public Revision workspace(ProjectStages stages, Consumer<DvcFormatException> problems)
      throws IOException {
    StageIndex index = stages.loader().load(problems);
    WorkTreeFiles files =
        new WorkTreeFiles(stages.project(), index, () -> committed(stages.project(), "HEAD"));
    return new Revision(Revision.WORKSPACE, Optional.empty(), index, files);
  }

  /**
   * Returns the project at a revision, or the work tree for {@code workspace}.
   *
   * @throws io.revfs.repository.UnknownRevisionException naming near matches
   */
  public Revision at(ProjectStages stages, String revision, Consumer<DvcFormatException> problems)
      throws IOException {
    if (revision.equals(Revision.WORKSPACE)) {
      return workspace(stages, problems);
    }
    Project project = stages.project();
    Path gitRoot = gitRoot(project);
    String commit = repositories.open(gitRoot.toString()).resolve(revision);
    try (GitRepository git = GitRepository.open(gitRoot)) {
      StageIndex index = stages.loader(git, commit).load(problems);
      return new Revision(revision, Optional.of(commit), index, committed(project, commit));
    }
  }

  /**
   * Returns the project at a commit, for whoever looks at many: of a repository that is open
   * already, and of files that Git has without opening the commit's snapshot.
   *
   * @param commit its full id
   */
  public Revision commit(
      ProjectStages stages, GitRepository git, String commit, Consumer<DvcFormatException> problems)
      throws IOException {
    StageIndex index = stages.loader(git, commit).load(problems);
    DataFiles files = new CommitFiles(index, () -> committed(stages.project(), commit));
    return new Revision(commit, Optional.of(commit), index, files);
  }

  private DataFiles committed(Project project, String revision) throws IOException {
    Path gitRoot = gitRoot(project);
    DataRepository repository = repositories.open(gitRoot.toString());
    Snapshot snapshot = repository.snapshot(repository.resolve(revision));
    return new SnapshotFiles(snapshot, gitRoot.relativize(project.root()).toString());
  }

  /** Returns the branches and their commits. */
  public Map<String, String> branches(Project project) throws IOException {
    return repositories.open(gitRoot(project).toString()).branches();
  }

  /** Returns the tags and their commits. */
  public Map<String, String> tags(Project project) throws IOException {
    return repositories.open(gitRoot(project).toString()).tags();
  }

  /** Returns all commits that HEAD, a branch, a remote's branch or a tag leads to. */
  public Set<String> allCommits(Project project) throws IOException {
    try (GitRepository git = GitRepository.open(gitRoot(project))) {
      return git.allCommits();
    }
  }

  /** Returns the branch that is checked out; empty for a commit by itself, and without Git. */
  public Optional<String> currentBranch(Project project) throws IOException {
    if (project.gitRoot().isEmpty()) {
      return Optional.empty();
    }
    GitCommand.Result head =
        GitCommand.run(gitRoot(project), GIT_SECONDS, "symbolic-ref", "--short", "-q", "HEAD");
    return head.exit() == 0 ? Optional.of(head.output().strip()) : Optional.empty();
  }

  /** Returns whether nothing was ever committed: there is nothing to compare with then. */
  public boolean isEmpty(Project project) throws IOException {
    try (GitRepository git = GitRepository.open(gitRoot(project))) {
      return git.resolve("HEAD").isEmpty();
    }
  }

  /** Returns the commit that an experiment began at, shortened; empty if it is no experiment. */
  public Optional<String> baseline(Project project, String revision) throws IOException {
    DataRepository repository = repositories.open(gitRoot(project).toString());
    String commit = repository.resolve(revision);
    return repository.experiments().containsValue(commit)
        ? Optional.of(repository.resolve(commit + "^").substring(0, SHORT_ID))
        : Optional.empty();
  }

  /** Returns whether any file of Git's differs from HEAD; false before the first commit. */
  public boolean isChanged(Project project) throws IOException {
    return GitCommand.run(gitRoot(project), GIT_SECONDS, "diff", "--quiet", "HEAD").exit() == 1;
  }

  private static Path gitRoot(Project project) throws IOException {
    return project
        .gitRoot()
        .orElseThrow(() -> new IOException("there are no revisions without Git"));
  }

  /** A commit's files. */
  private final class SnapshotFiles implements DataFiles {
    private final Snapshot snapshot;
    private final String prefix;

    SnapshotFiles(Snapshot snapshot, String prefix) {
      this.snapshot = snapshot;
      this.prefix = prefix;
    }

    private Optional<Entry> find(String path) throws IOException {
      return snapshot.find(prefix + "/" + path);
    }

    @Override
    public Optional<byte[]> read(String path) throws IOException {
      Optional<Entry> entry = find(path);
      if (entry.isEmpty() || entry.get().directory().isPresent()) {
        return Optional.empty();
      }
      try (OpenFile file = contents.open(entry.get());
          OpenFileStream stream = new OpenFileStream(file)) {
        return Optional.of(stream.readAllBytes());
      }
    }

    @Override
    public OptionalLong size(String path) throws IOException {
      Optional<Entry> entry = find(path);
      if (entry.isEmpty() || entry.get().directory().isPresent()) {
        return OptionalLong.empty();
      }
      if (entry.get().size() >= 0) {
        return OptionalLong.of(entry.get().size());
      }
      try (OpenFile file = contents.open(entry.get())) { // asks the remote
        return OptionalLong.of(file.size());
      }
    }

    @Override
    public FileView.Kind kind(String path) throws IOException {
      Optional<Entry> entry = find(path);
      if (entry.isEmpty()) {
        return FileView.Kind.ABSENT;
      }
      return entry.get().directory().isPresent() ? FileView.Kind.DIRECTORY : FileView.Kind.FILE;
    }

    @Override
    public List<String> filesBelow(String directory) throws IOException {
      List<String> files = new ArrayList<>();
      Optional<Entry> entry = find(directory);
      if (entry.isPresent() && entry.get().directory().isPresent()) {
        String start = directory.isEmpty() ? "" : directory + "/";
        TreeWalk.files(entry.get().directory().get(), (path, file) -> files.add(start + path));
      }
      return files;
    }
  }
}

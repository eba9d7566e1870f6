package io.revfs.git;

import io.revfs.fuse.FileNames;
import io.revfs.reach.Passages;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.jgit.errors.AmbiguousObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.RevisionSyntaxException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevTag;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;
import org.eclipse.jgit.treewalk.TreeWalk;

/** A Git repository, read. Thread-safe. */
public final class GitRepository implements Closeable {
  private static final String EXPERIMENTS = "refs/exps/";
  private static final List<String> TEMPORARY =
      List.of("exec/", "apply/", "celery/", "temp/", "stash");
  private static final int TREES_KEPT = 4096;

  private final Repository repository;
  private final Map<String, List<GitEntry>> trees =
      java.util.Collections.synchronizedMap(
          new LinkedHashMap<>(256, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, List<GitEntry>> eldest) {
              return size() > TREES_KEPT;
            }
          });

  private GitRepository(Repository repository) {
    this.repository = repository;
  }

  /**
   * Opens the repository that a directory is in: a working copy, a place below one, or a bare one.
   *
   * @throws IOException if there is none
   */
  public static GitRepository open(Path directory) throws IOException {
    FileRepositoryBuilder builder = new FileRepositoryBuilder();
    if (Files.isDirectory(directory.resolve("objects"))
        && Files.exists(directory.resolve("HEAD"))) {
      builder.setGitDir(directory.toFile());
    } else {
      builder.findGitDir(directory.toFile());
    }
    if (builder.getGitDir() == null) {
      throw new IOException(directory + " is not in a Git repository");
    }
    if (Passages.at(directory).isPresent()) {
      // What a linked work tree says of places is where people have them.
      builder.setGitDir(Passages.below(builder.getGitDir().toPath()).toFile());
      top(directory).ifPresent(top -> builder.setWorkTree(top.toFile()));
    }
    return new GitRepository(builder.setMustExist(true).build());
  }

  private static Optional<Path> top(Path directory) {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(".git"), LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  /** Returns the top of the working copy; empty for a bare repository. */
  public Optional<Path> workTree() {
    return repository.isBare() ? Optional.empty() : Optional.of(repository.getWorkTree().toPath());
  }

  /** Returns the {@code .git} directory, or the bare repository itself. */
  public Path gitDirectory() {
    return repository.getDirectory().toPath();
  }

  /** Returns its refs by their full names. */
  public GitRefs gitRefs() {
    return new GitRefs(repository);
  }

  /**
   * Returns the commits that the log of a ref keeps.
   *
   * @param caller who changes them
   */
  public RefStash stash(GitCaller caller, String ref) {
    return new RefStash(repository, caller, ref);
  }

  /** Returns the full id of the commit that a revision names; empty if there is none. */
  public Optional<String> resolve(String revision) throws IOException {
    try {
      ObjectId id = repository.resolve(revision + "^{commit}");
      if (id == null && !isPlainName(revision)) {
        return parsedByGit(revision);
      }
      if (id == null) {
        // A branch that only the clone's origin has.
        id = repository.resolve("refs/remotes/origin/" + revision + "^{commit}");
      }
      return Optional.ofNullable(id).map(ObjectId::getName);
    } catch (AmbiguousObjectException e) {
      throw new IOException("'" + revision + "' names several commits", e);
    } catch (RevisionSyntaxException | IncorrectObjectTypeException | MissingObjectException e) {
      return parsedByGit(revision);
    }
  }

  /** Names of branches and the like are JGit's to find; whoever looks for one that is not there. */
  private static boolean isPlainName(String revision) {
    return revision.chars().allMatch(c -> Character.isLetterOrDigit(c) || "._/-".indexOf(c) >= 0);
  }

  /** What JGit does not know ({@code @}, {@code @{yesterday}}, {@code :/text}) the command may. */
  private Optional<String> parsedByGit(String revision) throws IOException {
    if (revision.startsWith("-")) {
      return Optional.empty();
    }
    // After ":/" all is text to look for, and what is found is a commit.
    String expression = revision.startsWith(":/") ? revision : revision + "^{commit}";
    GitCommand.Result result =
        GitCommand.run(
            gitDirectory(), 10, "rev-parse", "--verify", "--quiet", "--end-of-options", expression);
    String id = result.output().strip();
    return result.exit() == 0 && ObjectId.isId(id) ? Optional.of(id) : Optional.empty();
  }

  /**
   * Returns the branches and their commits: local ones, and those of the origin with no local one.
   */
  public Map<String, String> branches() throws IOException {
    Map<String, String> branches = refs("refs/remotes/origin/");
    branches.remove("HEAD");
    branches.putAll(refs(Constants.R_HEADS));
    return branches;
  }

  /** Returns the tags and the commits they peel to. */
  public Map<String, String> tags() throws IOException {
    return refs(Constants.R_TAGS);
  }

  /** Returns the tags that have an author, in the order in which they were made. */
  public List<AnnotatedTag> annotatedTags() throws IOException {
    List<AnnotatedTag> tags = new ArrayList<>();
    try (RevWalk walk = new RevWalk(repository)) {
      for (Ref ref : repository.getRefDatabase().getRefsByPrefix(Constants.R_TAGS)) {
        if (walk.parseAny(ref.getObjectId()) instanceof RevTag tag
            && walk.peel(tag) instanceof RevCommit commit) {
          walk.parseBody(tag);
          PersonIdent author = tag.getTaggerIdent();
          long time = author == null ? 0 : author.getWhenAsInstant().getEpochSecond();
          String name = ref.getName().substring(Constants.R_TAGS.length());
          tags.add(new AnnotatedTag(name, commit.getName(), time));
        }
      }
    }
    tags.sort(Comparator.comparingLong(AnnotatedTag::time).thenComparing(AnnotatedTag::name));
    return tags;
  }

  /** Returns finished experiments by name (FORMATS, section 8) and their commits. */
  public Map<String, String> experiments() throws IOException {
    Map<String, String> experiments = new TreeMap<>();
    for (Map.Entry<String, String> ref : refs(EXPERIMENTS).entrySet()) {
      String[] parts = ref.getKey().split("/", 3);
      boolean temporary = TEMPORARY.stream().anyMatch(ref.getKey()::startsWith);
      if (!temporary && parts.length == 3 && (parts[0] + parts[1]).matches("[0-9a-f]{40}")) {
        experiments.put(parts[2], ref.getValue());
      }
    }
    return experiments;
  }

  /** Returns these commits and all that are reachable from them. */
  public Set<String> ancestors(Collection<String> commits) throws IOException {
    Set<String> found = new LinkedHashSet<>();
    try (RevWalk walk = new RevWalk(repository)) {
      for (String commit : commits) {
        walk.markStart(walk.parseCommit(ObjectId.fromString(commit)));
      }
      for (RevCommit commit : walk) {
        found.add(commit.getName());
      }
    }
    return found;
  }

  /** Returns all commits that {@code HEAD}, a branch, a remote's branch or a tag leads to. */
  public Set<String> allCommits() throws IOException {
    Set<String> starts = new LinkedHashSet<>();
    resolve(Constants.HEAD).ifPresent(starts::add);
    starts.addAll(refs(Constants.R_HEADS).values());
    starts.addAll(refs(Constants.R_REMOTES).values());
    starts.addAll(tags().values());
    return ancestors(starts);
  }

  /** Returns the commits whose parents a shallow clone lacks; none in any other repository. */
  public Set<String> shallowCommits() throws IOException {
    Set<String> found = new LinkedHashSet<>();
    repository.getObjectDatabase().getShallowCommits().forEach(id -> found.add(id.getName()));
    return found;
  }

  /** Returns whether this is a shallow clone: {@code git fetch --unshallow} brings the rest. */
  public boolean isShallow() throws IOException {
    return !shallowCommits().isEmpty();
  }

  /** Returns when a commit was committed. */
  public Instant timeOf(String commit) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return Instant.ofEpochSecond(walk.parseCommit(ObjectId.fromString(commit)).getCommitTime());
    }
  }

  private Map<String, String> refs(String prefix) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (RevWalk walk = new RevWalk(repository)) {
      for (Ref ref : repository.getRefDatabase().getRefsByPrefix(prefix)) {
        ObjectId id = ref.getObjectId();
        if (id == null) {
          continue; // a symbolic ref to a branch not yet born
        }
        try {
          if (walk.peel(walk.parseAny(id)) instanceof RevCommit commit) {
            found.put(ref.getName().substring(prefix.length()), commit.getName());
          }
        } catch (MissingObjectException e) {
          // A ref that points nowhere is no revision.
        }
      }
    }
    return found;
  }

  /** Returns the commits that begin with these hexadecimal digits, at most a few. */
  public List<String> commitsWithPrefix(String prefix) throws IOException {
    List<String> commits = new ArrayList<>();
    try (ObjectReader reader = repository.newObjectReader();
        RevWalk walk = new RevWalk(reader)) {
      for (ObjectId id :
          reader.resolve(org.eclipse.jgit.lib.AbbreviatedObjectId.fromString(prefix))) {
        if (reader.has(id) && walk.parseAny(id) instanceof RevCommit) {
          commits.add(id.getName()); // a full id is resolved to itself, there or not
        }
      }
    }
    return commits;
  }

  /** Returns the id of a commit's tree. */
  public String treeOf(String commit) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return walk.parseCommit(ObjectId.fromString(commit)).getTree().getName();
    }
  }

  /** Returns the entries of a tree, in Git's order. */
  public List<GitEntry> tree(String id) throws IOException {
    List<GitEntry> known = trees.get(id);
    if (known != null) {
      return known;
    }
    List<GitEntry> entries = new ArrayList<>();
    try (ObjectReader reader = repository.newObjectReader()) {
      CanonicalTreeParser parser = new CanonicalTreeParser();
      parser.reset(reader, ObjectId.fromString(id));
      for (; !parser.eof(); parser.next(1)) {
        byte[] name = new byte[parser.getNameLength()];
        parser.getName(name, 0);
        entries.add(
            new GitEntry(
                FileNames.decode(name),
                kind(parser.getEntryFileMode()),
                parser.getEntryObjectId().getName()));
      }
    }
    List<GitEntry> result = List.copyOf(entries);
    trees.put(id, result);
    return result;
  }

  private static GitEntry.Kind kind(FileMode mode) {
    return switch (mode.getBits() & FileMode.TYPE_MASK) {
      case FileMode.TYPE_TREE -> GitEntry.Kind.TREE;
      case FileMode.TYPE_SYMLINK -> GitEntry.Kind.SYMBOLIC_LINK;
      case FileMode.TYPE_GITLINK -> GitEntry.Kind.SUBMODULE;
      default ->
          mode.equals(FileMode.EXECUTABLE_FILE) ? GitEntry.Kind.EXECUTABLE : GitEntry.Kind.FILE;
    };
  }

  /** Takes files of a walk. */
  @FunctionalInterface
  public interface FileVisitor {
    /** {@code path} from the root. */
    void visit(String path, String id) throws IOException;
  }

  /** Passes every file of a tree, at all depths, whose name the filter takes. */
  public void walk(
      String tree, java.util.function.Predicate<String> nameFilter, FileVisitor visitor)
      throws IOException {
    try (TreeWalk walk = new TreeWalk(repository)) {
      walk.addTree(ObjectId.fromString(tree));
      walk.setRecursive(true);
      while (walk.next()) {
        if (walk.getFileMode().getObjectType() == Constants.OBJ_BLOB
            && nameFilter.test(walk.getNameString())) {
          visitor.visit(FileNames.decode(walk.getRawPath()), walk.getObjectId(0).getName());
        }
      }
    }
  }

  /**
   * Returns a blob's size in bytes.
   *
   * @throws NoSuchFileException if there is none of this id
   */
  public long blobSize(String id) throws IOException {
    try (ObjectReader reader = repository.newObjectReader()) {
      return reader.getObjectSize(ObjectId.fromString(id), Constants.OBJ_BLOB);
    } catch (MissingObjectException e) {
      throw new NoSuchFileException(id);
    }
  }

  /** Returns a blob's bytes; for small ones. */
  public byte[] blob(String id) throws IOException {
    try (ObjectReader reader = repository.newObjectReader()) {
      return reader.open(ObjectId.fromString(id), Constants.OBJ_BLOB).getBytes();
    }
  }

  /** Opens a blob as a stream; the caller closes it. Fails as {@link #blobSize} does. */
  public InputStream blobStream(String id) throws IOException {
    try {
      return repository.open(ObjectId.fromString(id), Constants.OBJ_BLOB).openStream();
    } catch (MissingObjectException e) {
      throw new NoSuchFileException(id);
    }
  }

  @Override
  public void close() {
    repository.close();
  }
}

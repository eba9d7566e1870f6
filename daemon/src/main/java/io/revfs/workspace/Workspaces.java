package io.revfs.workspace;

import io.revfs.index.Index;
import io.revfs.workspace.store.Clock;
import io.revfs.workspace.store.FileModes;
import io.revfs.workspace.store.FileStates;
import io.revfs.workspace.store.Hashers;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.ObjectStore;
import io.revfs.workspace.watch.CleanTrees;
import io.revfs.workspace.watch.KeptWatches;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * The work trees of all projects that a daemon serves, and what it knows of their files.
 * Thread-safe.
 */
public final class Workspaces implements Closeable {
  private static final long MAP_BYTES = 64L << 20;

  private final Index index;
  private final FileStates states;
  private final Remembered remembered;
  private final Clock clock = new Clock();
  private volatile ShownOutputs shown = ShownOutputs.NONE;
  private final CleanTrees cleanTrees;

  private Workspaces(Index index, CleanTrees cleanTrees) {
    this.index = index;
    this.cleanTrees = cleanTrees;
    this.states = new FileStates(index);
    this.remembered = new Remembered(index);
  }

  /** Opens what is known, in a directory that is made if absent; made anew if it is damaged. */
  public static Workspaces open(Path directory) throws IOException {
    return new Workspaces(
        Index.openOrRebuild(directory, MAP_BYTES), new CleanTrees(CleanTrees.usualMost()));
  }

  /** As the other one; what is watched outlives this process. */
  public static Workspaces open(Path directory, KeptWatches kept) throws IOException {
    CleanTrees trees = new CleanTrees(CleanTrees.usualMost(), kept);
    return new Workspaces(Index.openOrRebuild(directory, MAP_BYTES), trees);
  }

  /**
   * How a project's cache is configured.
   *
   * @param directory {@code cache.dir}
   * @param links {@code cache.type}
   * @param shared {@code cache.shared=group}
   * @param verify {@code cache.verify}
   * @param umask of who makes files
   * @param hashers {@code core.checksum_jobs}
   */
  public record CacheSettings(
      Path directory,
      List<LinkType> links,
      boolean shared,
      boolean verify,
      int umask,
      OptionalInt hashers) {
    public CacheSettings {
      links = List.copyOf(links);
    }

    /** One that hashes on all cores. */
    public CacheSettings(
        Path directory, List<LinkType> links, boolean shared, boolean verify, int umask) {
      this(directory, links, shared, verify, umask, OptionalInt.empty());
    }
  }

  /** Says who knows of outputs that are only shown. */
  public void show(ShownOutputs outputs) {
    shown = outputs;
  }

  /** Returns where what is known of files is kept, for what else is known of projects. */
  public Index index() {
    return index;
  }

  /** Returns how many files were looked at, and how many of them had to be read. */
  public FileStates.Figures figures() {
    return states.figures();
  }

  /** Returns a reader of any work tree, which ignores nothing and stores nothing. */
  public TreeReader reader() {
    return new TreeReader(new TreeReader.Knowledge(states, clock, Hashers.of(OptionalInt.empty())));
  }

  /**
   * Returns a project's work tree.
   *
   * @param scratch a directory on the work tree's file system where files can be made
   */
  public Workspace of(CacheSettings cache, Path scratch) throws IOException {
    ObjectStore store =
        new ObjectStore(
            cache.directory(), FileModes.of(cache.shared(), cache.umask()), states, cache.verify());
    Workspace workspace =
        new Workspace(
            states,
            remembered,
            clock,
            cleanTrees,
            store,
            cache.links(),
            shown,
            Hashers.of(cache.hashers()));
    workspace.probe(scratch);
    return workspace;
  }

  @Override
  public void close() {
    cleanTrees.close();
    index.close();
  }
}

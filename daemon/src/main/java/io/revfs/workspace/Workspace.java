package io.revfs.workspace;

import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.workspace.store.Clock;
import io.revfs.workspace.store.FileStates;
import io.revfs.workspace.store.Hashers;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Linker;
import io.revfs.workspace.store.Names;
import io.revfs.workspace.store.ObjectStore;
import io.revfs.workspace.store.Progress;
import io.revfs.workspace.watch.CleanTrees;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The work tree of one project: its cache, and how files are read from and put into both.
 * Thread-safe; made for each command, as the configuration was then, and closed with it.
 */
public final class Workspace implements Closeable {
  private final FileStates states;
  private final Remembered remembered;
  private final Clock clock;
  private final ObjectStore store;
  private final Linker linker;
  private final TreeReader reader;
  private final CleanTrees cleanTrees;
  private final ShownOutputs shown;
  private final Hashers hashers;

  /**
   * @param links {@code cache.type}
   */
  Workspace(
      FileStates states,
      Remembered remembered,
      Clock clock,
      CleanTrees cleanTrees,
      ObjectStore store,
      List<LinkType> links,
      ShownOutputs shown,
      Hashers hashers) {
    this.shown = shown;
    this.cleanTrees = cleanTrees;
    this.states = states;
    this.remembered = remembered;
    this.clock = clock;
    this.store = store;
    this.linker = new Linker(store, links);
    this.hashers = hashers;
    this.reader = new TreeReader(new TreeReader.Knowledge(states, clock, hashers));
  }

  /** Returns the project's cache. */
  public ObjectStore store() {
    return store;
  }

  /** Returns how many files are hashed at once. */
  public Hashers hashers() {
    return hashers;
  }

  /** Returns who knows of outputs that are only shown. */
  ShownOutputs shown() {
    return shown;
  }

  /** Returns what was made of the outputs of all projects. */
  public Remembered remembered() {
    return remembered;
  }

  /** Returns the directories of all projects that are watched. */
  CleanTrees cleanTrees() {
    return cleanTrees;
  }

  /** Returns what gives the work tree objects of the cache. */
  public Linker linker() {
    return linker;
  }

  /** Returns a reader of the work tree, which ignores nothing and stores nothing. */
  public TreeReader reader() {
    return reader;
  }

  /** Returns a reader that stores what it reads in the project's cache. */
  public TreeReader storing(Path place, boolean relink) throws IOException {
    boolean asLinks = relink && !linker.typeFor(place).isOwn();
    return reader.storing(store, asLinks);
  }

  /** Returns what makes places hold what they should, reading them by {@code by}. */
  public Checkout checkout(TreeReader by, Progress progress) {
    return checkout(by, progress, Checkout.Known.NOTHING);
  }

  Checkout checkout(TreeReader by, Progress progress, Checkout.Known known) {
    return new Checkout(by, linker, states, clock, progress, known);
  }

  /** Tries how finely the file system of a directory tells times apart, if that is not known. */
  void probe(Path directory) throws IOException {
    int fd = Names.openDirectory(directory);
    try {
      FileStat stat = Posix.stat(fd);
      if (stat != null) {
        clock.probe(fd, stat.device());
      }
    } finally {
      Posix.close(fd);
    }
  }

  /** Closes what is held open of the cache. */
  @Override
  public void close() {
    store.close();
  }
}

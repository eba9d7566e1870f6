package io.revfs.mount;

import io.revfs.cache.Cache;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.device.UnavailableException;
import io.revfs.fuse.heard.HeardTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.fuse.serve.FuseMounts;
import io.revfs.reach.Passages;
import io.revfs.repository.DataRepositories;
import io.revfs.repository.DataRepository;
import io.revfs.tree.NodeJournal;
import io.revfs.workingcopy.WorkingCopy;
import io.revfs.workspace.TreeReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins to show a working copy with its data, or goes on with one that the process before has
 * left. Knows nothing of other copies.
 */
final class AttachOpener {
  private static final Logger log = LoggerFactory.getLogger(AttachOpener.class);

  /** How long the kernel keeps what it is told while somebody listens, so that more is heard. */
  private static final double HEARD_SECONDS = 1;

  private final DataRepositories repositories;
  private final Cache cache;
  private final TreeReader reader;
  private final KeptSessions kept;
  private final AttachPlaces places;

  AttachOpener(
      DataRepositories repositories,
      Cache cache,
      TreeReader reader,
      KeptSessions kept,
      AttachPlaces places) {
    this.repositories = repositories;
    this.cache = cache;
    this.reader = reader;
    this.kept = kept;
    this.places = places;
  }

  /**
   * Attaches; when this returns the mount answers.
   *
   * @param at the top of the working copy
   * @param environment has the credentials by which it asks remotes; empty for this process's own
   * @throws MountRefusedException saying why it cannot be
   */
  Serving open(Path at, MountOptions.Backend backend, Map<String, String> environment)
      throws IOException {
    Optional<KeptSessions.Inherited> inherited = kept.inherited(at);
    return inherited.isPresent()
        ? goOn(at, inherited.get(), environment)
        : begin(at, kept.newName(), backend, environment);
  }

  private Serving goOn(Path at, KeptSessions.Inherited inherited, Map<String, String> environment)
      throws IOException {
    Below below = places.again(at, inherited.beside());
    return open(
        at,
        inherited.name(),
        below,
        NodeJournal.restored(kept.nodes(inherited.name())),
        environment,
        tree ->
            FuseMounts.resume(tree, at, inherited.survival(), kept.openFiles(inherited.name())));
  }

  private Serving begin(
      Path at, String name, MountOptions.Backend backend, Map<String, String> environment)
      throws IOException {
    if (backend != MountOptions.Backend.AUTO) {
      return mount(at, name, backend, environment);
    }
    try {
      return mount(at, name, MountOptions.Backend.KERNEL, environment);
    } catch (MountRefusedException e) {
      if (!(e.getCause() instanceof UnavailableException)) {
        throw e;
      }
      log.info("{}; attaching by jnr-fuse instead", e.getMessage());
      return mount(at, name, MountOptions.Backend.JNR, environment);
    }
  }

  /** What the kernel's table says of which directory a mount is. */
  static String source(Path at) {
    return "revfs:" + at;
  }

  private Serving mount(
      Path at, String name, MountOptions.Backend backend, Map<String, String> environment)
      throws IOException {
    MountOptions options =
        new MountOptions(
            source(at),
            places.isRoot(),
            0,
            backend,
            MountOptions.Serve.PASSTHROUGH,
            kept.openFiles(name));
    // By paths nothing is known of a node once it was looked up, and no process goes on.
    NodeMemory nodes =
        backend == MountOptions.Backend.JNR ? NodeMemory.NONE : NodeJournal.fresh(kept.nodes(name));
    return open(
        at,
        name,
        places.fresh(at),
        nodes,
        environment,
        tree -> FuseMounts.mount(tree, at, options));
  }

  /** Begins to serve a tree. */
  @FunctionalInterface
  private interface Beginning {
    FuseSession serve(WritableTree tree) throws IOException;
  }

  private Serving open(
      Path at,
      String name,
      Below below,
      NodeMemory nodes,
      Map<String, String> environment,
      Beginning beginning)
      throws IOException {
    @Nullable WorkingCopy copy = null;
    try {
      DataRepository repository = repositories.openBelow(below.path(), at, environment);
      copy =
          WorkingCopy.open(
              at, below.path(), repository, cache, reader, places.hidden(at), nodes, below.held());
      CopyListeners listeners = new CopyListeners();
      FuseSession session =
          beginning.serve(HeardTree.ofOwnSession(copy.tree(), listeners, HEARD_SECONDS));
      copy.served(session);
      return new Serving(
          name, below, copy, repository, session, listeners, Passages.open(copy.covered()));
    } catch (IOException e) {
      if (copy != null) {
        copy.close();
      }
      places.leave(at, below);
      throw new MountRefusedException(String.valueOf(e.getMessage()), e);
    }
  }
}

package io.revfs.mount;

import io.revfs.cache.Cache;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.serve.FuseMounts;
import io.revfs.repository.DataRepository;
import io.revfs.seal.SealedMount;
import io.revfs.tree.RevisionTree;
import io.revfs.tree.ViewFile;
import io.revfs.tree.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Begins a mount of revisions, or goes on with one that the process before has left: builds its
 * tree, has it served, and its commits sealed. Knows nothing of other mounts.
 */
final class MountOpener {
  /**
   * How long the kernel may keep names. Long, because everything below {@code commits} is
   * immutable; a view or branch that moves is a link, which the kernel reads each time; a name that
   * was absent is asked for again each time.
   */
  private static final double ENTRY_SECONDS = 300;

  private final Cache cache;
  private final ViewFile views;
  private final KeptSessions kept;
  private final Sealing sealing;

  MountOpener(Cache cache, ViewFile views, KeptSessions kept, Sealing sealing) {
    this.cache = cache;
    this.views = views;
    this.kept = kept;
    this.sealing = sealing;
  }

  /**
   * Mounts; when this returns the mount answers.
   *
   * @throws MountRefusedException saying why it cannot be
   */
  Mounted open(MountRequest request, DataRepository repository) throws IOException {
    Path at = request.place();
    Optional<KeptSessions.Inherited> inherited = kept.inherited(at);
    String name = inherited.map(KeptSessions.Inherited::name).orElseGet(kept::newName);
    if (inherited.isEmpty()) {
      MountPlaces.prepare(request.repository(), at);
    }
    RevisionTree tree = tree(request, repository, name, inherited.isPresent());
    tree.names().repairViews();
    FuseSession session = serve(request, repository, tree, name, inherited);
    kept.keep(name, session);
    Optional<SealedMount> sealed = seal(request, repository, tree, session, inherited.isPresent());
    return new Mounted(request, Instant.now(), repository, tree, session, sealed, name, "");
  }

  private RevisionTree tree(
      MountRequest request, DataRepository repository, String name, boolean inherited)
      throws IOException {
    Views ownViews = new Views(views, request.place() + " " + repository.location());
    return request.backend() == MountOptions.Backend.JNR
        ? new RevisionTree(repository, cache, ownViews) // it ends with this process
        : RevisionTree.surviving(repository, cache, ownViews, kept.nodes(name), inherited);
  }

  private FuseSession serve(
      MountRequest request,
      DataRepository repository,
      RevisionTree tree,
      String name,
      Optional<KeptSessions.Inherited> inherited)
      throws IOException {
    try {
      if (inherited.isPresent()) {
        return FuseMounts.resume(
            tree, request.place(), inherited.get().survival(), kept.openFiles(name));
      }
      return FuseMounts.mount(
          tree,
          request.place(),
          new MountOptions(
              "revfs:" + repository.location(),
              request.allowOther(),
              ENTRY_SECONDS,
              request.backend(),
              MountPlaces.serve(request, repository),
              kept.openFiles(name)));
    } catch (IOException e) {
      throw new MountRefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private Optional<SealedMount> seal(
      MountRequest request,
      DataRepository repository,
      RevisionTree tree,
      FuseSession session,
      boolean resumed)
      throws IOException {
    if (request.recorded()) {
      return Optional.empty(); // who records needs to be asked for each open
    }
    try {
      return sealing
          .sealer()
          .open(Optional.ofNullable(request.seal()), repository, tree, session, resumed);
    } catch (IOException e) {
      session.close();
      throw new MountRefusedException(String.valueOf(e.getMessage()), e);
    }
  }
}

package io.revfs.mount;

import io.revfs.fuse.FuseSession;
import io.revfs.remote.Redaction;
import io.revfs.repository.DataRepository;
import io.revfs.seal.SealedMount;
import io.revfs.tree.RevisionTree;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A mount that is, or one that should be and failed.
 *
 * @param since when it was mounted, or failed
 * @param repository null if it failed, as are the next two
 * @param keptAs the name of its session with {@link KeptSessions}; empty if it failed
 * @param error why it failed; empty if it did not
 */
record Mounted(
    MountRequest remembered,
    Instant since,
    @Nullable DataRepository repository,
    @Nullable RevisionTree tree,
    @Nullable FuseSession session,
    Optional<SealedMount> sealed,
    String keptAs,
    String error) {
  static Mounted failed(MountRequest request, Throwable failure) {
    return new Mounted(
        request, Instant.now(), null, null, null, Optional.empty(), "", Redaction.message(failure));
  }

  /** Returns it as others see it. */
  MountManager.MountStatus status() throws IOException {
    SealedMount.Status commits =
        sealed
            .map(SealedMount::status)
            .orElseGet(() -> new SealedMount.Status(List.of(), Map.of()));
    return new MountManager.MountStatus(
        repository == null ? Redaction.url(remembered.repository()) : repository.location(),
        remembered.directory(),
        tree == null ? Map.of() : tree.names().views(),
        since.toString(),
        session == null ? "" : session.backend(),
        session == null ? "failed" : "mounted",
        error,
        commits.sealed(),
        commits.refused());
  }
}

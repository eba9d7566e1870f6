package io.revfs.transfer.garbage;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.transfer.Lanes;
import io.revfs.transfer.LeftOvers;
import io.revfs.transfer.ObjectKeys;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Objects of a remote that nothing uses. Nothing else is touched, but what broken uploads left. */
public final class RemoteGarbage {
  private static final int BATCH = 500;

  private RemoteGarbage() {}

  /**
   * Removes, or only counts, the objects of one kind that are not used; manifests first, so that
   * one that stays is complete.
   *
   * @param remove false: they are only counted
   * @return how many there were
   */
  public static long collect(
      Remote remote, Digest.Algorithm kind, Set<ObjectKey> used, boolean remove, int lanes)
      throws IOException {
    if (!remote.isThere()) {
      return 0;
    }
    ObjectKeys.Builder manifests = new ObjectKeys.Builder();
    ObjectKeys.Builder files = new ObjectKeys.Builder();
    LeftOvers leftOvers = new LeftOvers(Instant.now());
    remote.list(
        kind == Digest.Algorithm.MD5 ? ContentAddressedSource.MD5_PREFIX : "",
        object -> {
          Optional<ObjectKey> key = ContentAddressedSource.at(object.path());
          if (key.isEmpty()) {
            leftOvers.see(object);
          } else if (key.get().digest().algorithm() == kind && !used.contains(key.get())) {
            (key.get().manifest() ? manifests : files).add(key.get());
          }
          return true;
        });
    ObjectKeys unusedManifests = manifests.build();
    ObjectKeys unusedFiles = files.build();
    if (remove) {
      remove(remote, unusedManifests, lanes);
      remove(remote, unusedFiles, lanes);
      leftOvers.remove(remote);
    }
    return unusedManifests.size() + (long) unusedFiles.size();
  }

  private static void remove(Remote remote, ObjectKeys keys, int lanes) throws IOException {
    List<List<String>> batches = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (i % BATCH == 0) {
        batches.add(new ArrayList<>());
      }
      batches.getLast().add(ContentAddressedSource.place(keys.get(i)).path());
    }
    Lanes.run(batches, lanes, remote::deleteAll);
  }
}

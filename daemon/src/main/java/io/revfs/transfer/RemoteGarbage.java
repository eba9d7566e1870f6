package io.revfs.transfer;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Objects of a remote that nothing uses. Nothing but objects is ever touched. */
public final class RemoteGarbage {
  private static final Pattern OBJECT = Pattern.compile("[0-9a-f]{2}/[0-9a-f]{30}(\\.dir)?");
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
    Set<String> keep = new HashSet<>();
    for (ObjectKey key : used) {
      if (key.digest().algorithm() == kind) {
        keep.add(ContentAddressedSource.place(key).path());
      }
    }
    String prefix = kind == Digest.Algorithm.MD5 ? ContentAddressedSource.MD5_PREFIX : "";
    List<String> manifests = new ArrayList<>();
    List<String> files = new ArrayList<>();
    remote.list(
        prefix,
        object -> {
          String path = object.path();
          boolean unused =
              OBJECT.matcher(path.substring(prefix.length())).matches() && !keep.contains(path);
          if (unused) {
            (path.endsWith(".dir") ? manifests : files).add(path);
          }
          return true;
        });
    if (remove) {
      remove(remote, manifests, lanes);
      remove(remote, files, lanes);
    }
    return manifests.size() + (long) files.size();
  }

  private static void remove(Remote remote, List<String> paths, int lanes) throws IOException {
    List<List<String>> batches = new ArrayList<>();
    for (int i = 0; i < paths.size(); i += BATCH) {
      batches.add(paths.subList(i, Math.min(paths.size(), i + BATCH)));
    }
    Lanes.run(batches, lanes, remote::deleteAll);
  }
}

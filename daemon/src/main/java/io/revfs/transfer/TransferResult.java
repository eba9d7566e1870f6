package io.revfs.transfer;

import io.revfs.object.ObjectKey;
import java.util.Map;
import java.util.Set;

/**
 * What a transfer did.
 *
 * @param transferred how many objects are where they were not, manifests among them
 * @param failed objects that could not be transferred, with the reasons
 * @param missing objects that are neither here nor there
 */
public record TransferResult(
    long transferred, Map<ObjectKey, String> failed, Set<ObjectKey> missing) {
  /** Nothing was to be done. */
  public static final TransferResult NOTHING = new TransferResult(0, Map.of(), Set.of());

  public TransferResult {
    failed = Map.copyOf(failed);
    missing = Set.copyOf(missing);
  }

  /** Returns both together. */
  public TransferResult and(TransferResult other) {
    var allFailed = new java.util.HashMap<>(failed);
    allFailed.putAll(other.failed);
    var allMissing = new java.util.HashSet<>(missing);
    allMissing.addAll(other.missing);
    return new TransferResult(transferred + other.transferred, allFailed, allMissing);
  }
}

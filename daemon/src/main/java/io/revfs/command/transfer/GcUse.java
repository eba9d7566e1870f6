package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.object.ObjectKey;
import io.revfs.object.SourceUnreachableException;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.transfer.Fetch;
import io.revfs.transfer.Manifests;
import io.revfs.transfer.ObjectKeys;
import io.revfs.transfer.TransferListener;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What revisions use, by the remote that outputs name; those that name none are under the empty
 * name. For one thread.
 */
final class GcUse {
  private final Map<String, Set<ObjectKey>> byRemote = new LinkedHashMap<>();
  private final Map<ObjectKey, Set<ObjectKey>> contents = new HashMap<>();
  private final Set<ObjectKey> accepted = new HashSet<>();

  /** Adds what a project uses in the work tree and in commits. */
  void add(Session session, Transfers transfers, Set<String> commits) throws IOException {
    add(session, transfers, session.index());
    for (String commit : commits) {
      Invocation.checkInterrupted();
      try {
        add(session, transfers, session.completeIndexOf(commit));
      } catch (io.revfs.dvc.DvcFormatException e) {
        if (!session.call().flag("skip-failed")) {
          throw new CommandFailure(
              "Failed to collect '%s': %s".formatted(commit, e.getMessage()),
              "what it uses is not known, so nothing was removed; --skip-failed passes over it",
              CommandFailure.OTHER,
              e);
        }
        session.call().warn("WARNING: Failed to collect '%s', skipping".formatted(commit));
      }
    }
  }

  private void add(Session session, Transfers transfers, StageIndex index) throws IOException {
    for (Out out : index.outs()) {
      Optional<ObjectKey> key = out.cached() ? session.files().key(out) : Optional.empty();
      if (key.isEmpty()) {
        continue;
      }
      Set<ObjectKey> used = byRemote.computeIfAbsent(out.remote().orElse(""), r -> new HashSet<>());
      if (used.add(key.get()) && key.get().manifest()) {
        used.addAll(contents(session, transfers, out, key.get()));
      }
    }
  }

  private Set<ObjectKey> contents(Session session, Transfers transfers, Out out, ObjectKey manifest)
      throws IOException {
    Set<ObjectKey> known = contents.get(manifest);
    if (known != null) {
      return known;
    }
    ObjectStore store = session.workspace().store();
    Optional<ObjectKeys> found = Manifests.keys(store, manifest, "");
    if (found.isEmpty() && fetch(store, transfers, out, manifest)) {
      found = Manifests.keys(store, manifest, "");
    }
    if (found.isEmpty()) {
      confirmLoss(session, out, manifest);
    }
    Set<ObjectKey> keys = found.isEmpty() ? Set.of() : found.get();
    contents.put(manifest, keys);
    return keys;
  }

  /** A list that the cache lacks may be on the remote. */
  private static boolean fetch(ObjectStore store, Transfers transfers, Out out, ObjectKey manifest)
      throws IOException {
    try {
      String remote = transfers.remoteOf(out.remote());
      new Fetch(store, Optional.empty(), transfers.remote(remote), 1, TransferListener.NONE)
          .run(List.of(manifest));
      return true;
    } catch (CommandFailure | SourceUnreachableException e) {
      return false;
    }
  }

  private void confirmLoss(Session session, Out out, ObjectKey manifest) throws IOException {
    Invocation call = session.call();
    String message =
        "Missing cache for directory '%s'. Cache for files inside will be lost."
            .formatted(session.shown(out));
    if (call.flag("force") || call.flag("dry")) {
      if (accepted.add(manifest)) {
        call.warn("WARNING: " + message);
      }
      return;
    }
    if (!call.ask(message + " Would you like to continue?")) {
      throw new CommandFailure(
          "unable to fully collect used cache without cache for directory '%s'"
              .formatted(session.shown(out)),
          "bring it here first: dvc fetch; or let its files go: -f",
          CommandFailure.OTHER);
    }
  }

  /** Returns all objects that are used. */
  Set<ObjectKey> all() {
    Set<ObjectKey> all = new HashSet<>();
    byRemote.values().forEach(all::addAll);
    return all;
  }

  /** Returns what is used by the name of the remote; the empty name stands for the default. */
  Map<String, Set<ObjectKey>> byRemote() {
    return byRemote;
  }
}

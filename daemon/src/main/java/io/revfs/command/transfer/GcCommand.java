package io.revfs.command.transfer;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.RemoteLimits;
import io.revfs.transfer.Presence;
import io.revfs.transfer.garbage.CacheGarbage;
import io.revfs.transfer.garbage.RemoteGarbage;
import io.revfs.workspace.Workspaces;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code gc}: removes objects that nothing in scope names. What is used is known as a whole before
 * anything is removed, and lists of directories go before what they name.
 */
final class GcCommand implements Command {
  private static final List<Digest.Algorithm> KINDS =
      List.of(Digest.Algorithm.MD5, Digest.Algorithm.MD5_DOS2UNIX);

  private final Workspaces workspaces;
  private final RemoteLimits limits;

  GcCommand(Workspaces workspaces, RemoteLimits limits) {
    this.workspaces = workspaces;
    this.limits = limits;
  }

  @Override
  public String name() {
    return "gc";
  }

  @Override
  public void run(Invocation call) throws IOException {
    GcScope scope = new GcScope(call);
    call.warn("WARNING: This will remove all cache except items used in " + scope.description());
    boolean sure =
        call.flag("force") || call.flag("dry") || call.ask("Are you sure you want to proceed?");
    if (!sure) {
      call.exit(CommandFailure.FAILED);
      return;
    }
    try (Session session = Session.open(call, workspaces, "Collecting");
        var lock = session.lock(CommandFailure.OTHER);
        Transfers transfers = new Transfers(session, limits)) {
      GcUse use = new GcUse();
      addOthers(call, scope, use);
      use.add(session, transfers, scope.commits(session));
      collect(session, used(call, transfers, use));
      if (call.flag("cloud")) {
        collect(transfers, call, use);
      }
    } catch (SourceUnreachableException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()),
          "check the remote and its credentials, then collect again",
          CommandFailure.OTHER,
          e);
    }
  }

  /** All other projects are locked until it is known what they use. */
  private void addOthers(Invocation call, GcScope scope, GcUse use) throws IOException {
    Deque<Closeable> open = new ArrayDeque<>();
    try {
      for (String path : new LinkedHashSet<>(call.values("projects"))) {
        Session other = Session.open(call.in(call.resolve(path)), workspaces, "Collecting");
        open.push(other);
        open.push(other.lock(CommandFailure.OTHER));
        Transfers transfers = new Transfers(other, limits);
        open.push(transfers);
        use.add(other, transfers, scope.commits(other));
      }
    } finally {
      while (!open.isEmpty()) {
        open.pop().close();
      }
    }
  }

  private static Set<ObjectKey> used(Invocation call, Transfers transfers, GcUse use)
      throws IOException {
    if (!call.flag("not-in-remote")) {
      return use.all();
    }
    Set<ObjectKey> keep = new HashSet<>();
    for (Map.Entry<String, Set<ObjectKey>> one : byUrl(transfers, use).entrySet()) {
      keep.addAll(one.getValue());
      keep.removeAll(
          Presence.of(
              transfers.remote(one.getKey()), one.getValue(), transfers.lanes(one.getKey())));
    }
    return keep;
  }

  /** Outputs may name the default remote, or the same store by another name. */
  private static Map<String, Set<ObjectKey>> byUrl(Transfers transfers, GcUse use)
      throws IOException {
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, Set<ObjectKey>> merged = new LinkedHashMap<>();
    String other = transfers.remoteOf(Optional.empty());
    names.put(transfers.url(other), other);
    merged.put(other, new HashSet<>());
    for (Map.Entry<String, Set<ObjectKey>> one : use.byRemote().entrySet()) {
      String remote = one.getKey().isEmpty() ? other : one.getKey();
      String name = names.computeIfAbsent(transfers.url(remote), url -> remote);
      merged.computeIfAbsent(name, n -> new HashSet<>()).addAll(one.getValue());
    }
    return merged;
  }

  private static void collect(Session session, Set<ObjectKey> used) throws IOException {
    Invocation call = session.call();
    for (Digest.Algorithm kind : KINDS) {
      String cache = kind == Digest.Algorithm.MD5 ? "repo" : "legacy";
      long removed =
          CacheGarbage.collect(session.workspace().store(), kind, used, !call.flag("dry"));
      call.out(
          removed == 0
              ? "No unused '%s' cache to remove.".formatted(cache)
              : "Removed %d objects from %s cache.".formatted(removed, cache));
    }
    if (!call.flag("dry")) {
      int left = CacheGarbage.leftOvers(session.workspace().store(), Instant.now());
      if (left > 0) {
        call.out("Removed %d files that commands which died had left.".formatted(left));
      }
    }
  }

  /** Objects of DVC 2 are only on the default remote. */
  private static void collect(Transfers transfers, Invocation call, GcUse use) throws IOException {
    String other = transfers.remoteOf(Optional.empty());
    for (Map.Entry<String, Set<ObjectKey>> one : byUrl(transfers, use).entrySet()) {
      String name = one.getKey();
      for (Digest.Algorithm kind : name.equals(other) ? KINDS : KINDS.subList(0, 1)) {
        long removed =
            RemoteGarbage.collect(
                transfers.remote(name),
                kind,
                one.getValue(),
                !call.flag("dry"),
                transfers.lanes(name));
        call.out(
            removed == 0
                ? "No unused cache to remove from remote."
                : "Removed " + removed + " objects from remote.");
      }
    }
  }
}

package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.RemoteData;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.manifest.ManifestReader;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.SourceUnreachableException;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteLimits;
import io.revfs.transfer.ObjectSet;
import io.revfs.transfer.Presence;
import io.revfs.transfer.RemoteIndex;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.ManifestItem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Answers what other commands ask of remotes. */
public final class RemoteQuestions implements RemoteData {
  private final Workspaces workspaces;
  private final RemoteLimits limits;
  private final Optional<ObjectSource> nearer;

  /** {@code nearer}: local objects that need not come from a remote. */
  public RemoteQuestions(
      Workspaces workspaces, RemoteLimits limits, Optional<ObjectSource> nearer) {
    this.workspaces = workspaces;
    this.limits = limits;
    this.nearer = nearer;
  }

  @Override
  public void status(Invocation call) throws IOException {
    Map<String, String> differences = new TreeMap<>();
    try (Session session = Session.open(call, workspaces, "Comparing");
        Transfers transfers = new Transfers(session, limits)) {
      List<UsedOutputs.Used> used =
          new UsedOutputs(session)
              .find(true).stream().filter(one -> one.out().remote().isEmpty()).toList();
      if (transfers.isVersioned(transfers.remoteOf(Optional.empty()))) {
        throw new CommandFailure(
            "config file error: 'status' is unsupported for cloud versioned remotes",
            "compare with the work tree: dvc status",
            CommandFailure.FAILED);
      }
      for (Map.Entry<String, ObjectSet> one : transfers.objects(used, nearer).entrySet()) {
        Remote remote = transfers.remote(one.getKey());
        Set<ObjectKey> there = Presence.of(remote, one.getValue(), transfers.lanes(one.getKey()));
        Map<ObjectKey, String> words = new LinkedHashMap<>();
        for (ObjectKey key : one.getValue().all()) {
          boolean here = session.workspace().store().check(key);
          String word =
              here ? there.contains(key) ? "" : "new" : there.contains(key) ? "deleted" : "missing";
          if (!word.isEmpty()) {
            words.put(key, word);
          }
        }
        Map<ObjectKey, String> names =
            one.getValue().names(session.workspace().store(), words.keySet());
        words.forEach((key, word) -> differences.put(names.getOrDefault(key, key.name()), word));
      }
      answer(session, transfers, differences);
    } catch (SourceUnreachableException e) {
      throw unreachable(e);
    }
  }

  private static void answer(Session session, Transfers transfers, Map<String, String> differences)
      throws IOException {
    Invocation call = session.call();
    call.result(new LinkedHashMap<>(differences));
    if (call.flag("quiet")) {
      call.exit(differences.isEmpty() ? 0 : CommandFailure.FAILED);
      return;
    }
    if (differences.isEmpty()) {
      call.out(
          "Cache and remote '%s' are in sync.".formatted(transfers.remoteOf(Optional.empty())));
    }
    differences.forEach((name, word) -> call.out("\t" + "%-20s".formatted(word + ":") + name));
  }

  @Override
  public Set<ObjectKey> lacking(Invocation call, Collection<ObjectKey> objects) throws IOException {
    try (Session session = Session.open(call, workspaces, "Comparing");
        Transfers transfers = new Transfers(session, limits)) {
      String name = transfers.remoteOf(Optional.empty());
      Remote remote = transfers.remote(name);
      RemoteIndex index = new RemoteIndex(workspaces.index());
      Set<ObjectKey> there;
      if (call.flag("no-remote-refresh")) {
        there = index.remembered(remote, objects);
      } else {
        there = Presence.of(remote, objects, transfers.lanes(name));
        index.remember(remote, objects, there);
      }
      Set<ObjectKey> lacking = new HashSet<>(objects);
      lacking.removeAll(there);
      return lacking;
    } catch (SourceUnreachableException e) {
      throw unreachable(e);
    }
  }

  @Override
  public Optional<List<ManifestItem>> items(
      Invocation call, Optional<String> remote, ObjectKey manifest) throws IOException {
    try (Session session = Session.open(call, workspaces, "Comparing");
        Transfers transfers = new Transfers(session, limits)) {
      if (remote.or(session.project().config()::defaultRemote).isEmpty() && !call.has("remote")) {
        return Optional.empty();
      }
      if (transfers.isVersioned(transfers.remoteOf(remote))) {
        return Optional.empty(); // it stores files under their own names, and no lists
      }
      Digest.Algorithm algorithm = manifest.digest().algorithm();
      Optional<Hasher> hasher = Hasher.of(algorithm, 0);
      if (hasher.isEmpty()) {
        return Optional.empty(); // what cannot be verified is not believed
      }
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      long unused =
          transfers
              .remote(transfers.remoteOf(remote))
              .readAll(
                  ContentAddressedSource.place(manifest),
                  bytes -> {
                    hasher.get().update(bytes.duplicate());
                    byte[] some = new byte[bytes.remaining()];
                    bytes.get(some);
                    content.writeBytes(some);
                  });
      if (!hasher.get().finish().equals(manifest.digest())) {
        call.warn("WARNING: the list %s on the remote is damaged".formatted(manifest.name()));
        return Optional.empty();
      }
      List<ManifestItem> items = new ArrayList<>();
      ManifestReader.read(
          new ByteArrayInputStream(content.toByteArray()),
          manifest.name(),
          (path, hex, size, executable) ->
              items.add(new ManifestItem(path, new Digest(algorithm, hex))));
      return Optional.of(items);
    } catch (ObjectMissingException e) {
      return Optional.empty();
    } catch (SourceUnreachableException e) {
      call.warn(
          "WARNING: %s: of what is in directories that the cache does not know nothing is said"
              .formatted(e.getMessage()));
      return Optional.empty();
    }
  }

  private static CommandFailure unreachable(SourceUnreachableException e) {
    return new CommandFailure(
        String.valueOf(e.getMessage()),
        "check the remote: dvc remote list",
        CommandFailure.OTHER,
        e);
  }
}

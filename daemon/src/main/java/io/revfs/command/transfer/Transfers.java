package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFormatException;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.project.Project;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Remotes;
import io.revfs.transfer.Fetch;
import io.revfs.transfer.Manifests;
import io.revfs.transfer.ObjectSet;
import io.revfs.transfer.TransferListener;
import io.revfs.transfer.TransferResult;
import io.revfs.workspace.ObjectStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/** The remotes of one call, and the objects of outputs by the remote they belong to. */
final class Transfers implements Closeable {
  private final Session session;
  private final Invocation call;
  private final RemoteLimits limits;
  private final Map<String, OpenRemote> open = new LinkedHashMap<>();

  Transfers(Session session, RemoteLimits limits) {
    this.session = session;
    this.call = session.call();
    this.limits = limits;
  }

  private DvcConfig config() {
    return session.project().config();
  }

  /** Returns how many objects travel at once. */
  int lanes(String remote) {
    return (int)
        call.number("jobs")
            .orElseGet(
                () ->
                    config()
                        .get("remote." + remote, "jobs")
                        .map(Long::parseLong)
                        .orElse((long) limits.connections()));
  }

  /** Returns the name of the remote of an output: its own, or the call's, or the default. */
  String remoteOf(Optional<String> own) throws CommandFailure {
    return own.or(() -> call.value("remote"))
        .or(config()::defaultRemote)
        .orElseThrow(
            () ->
                new CommandFailure(
                    "no remote specified, and there is no default remote",
                    "set one: dvc remote default NAME; or name it: -r NAME",
                    CommandFailure.CONFIGURATION));
  }

  /** Returns where a remote is. */
  String url(String name) throws IOException {
    try {
      return config().remote(name).url();
    } catch (DvcFormatException e) {
      throw wrong(e);
    }
  }

  private static CommandFailure wrong(IOException e) {
    return new CommandFailure(
        "configuration error - " + e.getMessage(),
        "see: dvc remote list",
        CommandFailure.CONFIGURATION,
        e);
  }

  /** Opens a remote, once. */
  Remote remote(String name) throws IOException {
    OpenRemote known = open.get(name);
    if (known != null) {
      return known.remote();
    }
    try {
      DvcConfig.RemoteSection section = config().remote(name);
      if (isVersioned(section)) {
        throw new CommandFailure(
            "remote '" + name + "' is cloud-versioned, which this command does not support",
            "use a remote without version_aware and worktree",
            CommandFailure.CONFIGURATION);
      }
      OpenRemote opened =
          Remotes.open(
              new RemoteSettings(
                  name, section.url(), section.options(), limits, call.environment()));
      open.put(name, opened);
      return opened.remote();
    } catch (DvcFormatException | RemoteConfigurationException e) {
      throw wrong(e);
    }
  }

  private static boolean isVersioned(DvcConfig.RemoteSection section) {
    return Project.isTrue(section.options().getOrDefault("version_aware", "false"))
        || Project.isTrue(section.options().getOrDefault("worktree", "false"));
  }

  /**
   * Returns the objects of outputs by remote. Manifests that the cache lacks are fetched.
   *
   * @param nearer local objects that need not come from a remote
   */
  Map<String, ObjectSet> objects(List<UsedOutputs.Used> used, Optional<ObjectSource> nearer)
      throws IOException {
    ObjectStore store = session.workspace().store();
    Map<String, ObjectSet> byRemote = new LinkedHashMap<>();
    for (UsedOutputs.Used one : used) {
      Optional<ObjectKey> key = session.files().key(one.out());
      if (key.isEmpty()) {
        continue;
      }
      String name = session.shown(one.out());
      ObjectSet objects =
          byRemote.computeIfAbsent(remoteOf(one.out().remote()), r -> new ObjectSet());
      if (!key.get().manifest()) {
        objects.addFile(key.get(), name);
        continue;
      }
      Optional<List<Manifests.Entry>> entries = Manifests.read(store, key.get(), one.inside());
      if (entries.isEmpty()) {
        String remote = remoteOf(one.out().remote());
        add(
            new Fetch(store, nearer, remote(remote), 1, TransferListener.NONE)
                .run(List.of(key.get())));
        entries = Manifests.read(store, key.get(), one.inside());
      }
      objects.addDirectory(key.get(), name, entries.orElse(List.of()));
    }
    return byRemote;
  }

  private TransferResult manifests = TransferResult.NOTHING;

  private void add(TransferResult result) {
    manifests = manifests.and(new TransferResult(result.transferred(), result.failed(), Set.of()));
  }

  /** Returns what was transferred to learn what there is. */
  TransferResult ofManifests() {
    return manifests;
  }

  /** Returns a listener that shows progress. */
  TransferListener listener(String label) {
    AtomicLong total = new AtomicLong();
    AtomicLong done = new AtomicLong();
    return new TransferListener() {
      @Override
      public void expect(long objects) {
        total.addAndGet(objects);
      }

      @Override
      public void done(long objects) {
        call.progress(label, done.addAndGet(objects), total.get(), "files");
      }
    };
  }

  /** Tells of what is nowhere. */
  void warnOfMissing(TransferResult result) {
    if (!result.missing().isEmpty()) {
      Set<String> names = new TreeSet<>();
      result.missing().forEach(key -> names.add("md5: " + key.name()));
      call.warn(
          "WARNING: Some of the cache files do not exist neither locally nor on remote. Missing"
              + " cache files:\n"
              + String.join("\n", names));
    }
  }

  /** Returns the failure of objects that could not be transferred. */
  static CommandFailure failed(String what, Map<ObjectKey, String> failed) {
    return new CommandFailure(
        "%s - %d file%s failed, the first: %s"
            .formatted(
                what,
                failed.size(),
                failed.size() == 1 ? "" : "s",
                failed.values().iterator().next()),
        "try again; what was transferred stays",
        CommandFailure.FAILED);
  }

  /** Returns "N files WORD". */
  static String count(long n, String word) {
    return "%d file%s %s".formatted(n, n == 1 ? "" : "s", word);
  }

  @Override
  public void close() {
    open.values().forEach(OpenRemote::close);
  }
}

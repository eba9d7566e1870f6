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
import io.revfs.remote.scheme.Remotes;
import io.revfs.transfer.Fetch;
import io.revfs.transfer.Manifests;
import io.revfs.transfer.ObjectKeys;
import io.revfs.transfer.ObjectSet;
import io.revfs.transfer.TransferListener;
import io.revfs.transfer.TransferResult;
import io.revfs.workspace.store.ObjectStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
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
        call.number(call.has("remote-jobs") ? "remote-jobs" : "jobs")
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
            "config file error: this is unsupported for cloud versioned remotes ('%s')"
                .formatted(name),
            "use a remote without version_aware and worktree",
            CommandFailure.CONFIGURATION);
      }
      return open(name, section);
    } catch (DvcFormatException e) {
      throw wrong(e);
    }
  }

  /** Returns whether a remote stores files under their own names, in versions. */
  boolean isVersioned(String name) throws IOException {
    try {
      return isVersioned(config().remote(name));
    } catch (DvcFormatException e) {
      throw wrong(e);
    }
  }

  /** Returns whether a remote is a mirror of the work tree. */
  boolean isWorktree(String name) throws IOException {
    try {
      return isOn(config().remote(name), "worktree");
    } catch (DvcFormatException e) {
      throw wrong(e);
    }
  }

  /**
   * Opens a remote that stores files under their own names, once.
   *
   * @throws CommandFailure if it cannot keep versions
   */
  Remote versioned(String name) throws IOException {
    OpenRemote known = open.get(name);
    Remote remote;
    try {
      remote = known == null ? open(name, config().remote(name)) : known.remote();
    } catch (DvcFormatException e) {
      throw wrong(e);
    }
    if (!remote.capabilities().contains(Remote.Capability.VERSIONS)) {
      throw new CommandFailure(
          "configuration error - remote '%s' can keep no versions".formatted(name),
          "take version_aware and worktree out of its options",
          CommandFailure.CONFIGURATION);
    }
    return remote;
  }

  private Remote open(String name, DvcConfig.RemoteSection section) throws IOException {
    try {
      OpenRemote opened =
          Remotes.open(
              new RemoteSettings(
                  name, section.url(), section.options(), limits, call.environment()));
      open.put(name, opened);
      return opened.remote();
    } catch (RemoteConfigurationException e) {
      throw wrong(e);
    }
  }

  private static boolean isVersioned(DvcConfig.RemoteSection section) {
    return isOn(section, "version_aware") || isOn(section, "worktree");
  }

  private static boolean isOn(DvcConfig.RemoteSection section, String option) {
    return Project.isTrue(section.options().getOrDefault(option, "false"));
  }

  /** Takes out of a list what belongs to remotes with versions, and returns that by remote. */
  Map<String, List<UsedOutputs.Used>> takeVersioned(List<UsedOutputs.Used> used)
      throws IOException {
    Map<String, List<UsedOutputs.Used>> versioned = new LinkedHashMap<>();
    for (UsedOutputs.Used one : List.copyOf(used)) {
      Optional<String> remote =
          one.out().remote().or(() -> call.value("remote")).or(config()::defaultRemote);
      if (remote.isPresent() && isVersioned(remote.get())) {
        versioned.computeIfAbsent(remote.get(), name -> new ArrayList<>()).add(one);
        used.remove(one);
      }
    }
    return versioned;
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
      Optional<ObjectKeys> contents = Manifests.keys(store, key.get(), one.inside());
      if (contents.isEmpty()) {
        String remote = remoteOf(one.out().remote());
        add(
            new Fetch(store, nearer, remote(remote), 1, TransferListener.NONE)
                .run(List.of(key.get())));
        contents = Manifests.keys(store, key.get(), one.inside());
      }
      objects.addDirectory(key.get(), one.inside(), name, contents.orElse(ObjectKeys.NONE));
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

  /** Returns a listener that shows progress: in bytes where it is known how many there are. */
  TransferListener listener(String label) {
    AtomicLong total = new AtomicLong();
    AtomicLong totalBytes = new AtomicLong();
    AtomicLong done = new AtomicLong();
    AtomicLong moved = new AtomicLong();
    return new TransferListener() {
      @Override
      public void expect(long objects, long bytes) {
        total.addAndGet(objects);
        totalBytes.addAndGet(bytes);
      }

      @Override
      public void moved(long bytes) {
        long now = moved.addAndGet(bytes);
        if (now < totalBytes.get()) {
          call.progress(label, now, totalBytes.get(), "bytes");
        }
      }

      @Override
      public void done(long objects) {
        long now = done.addAndGet(objects);
        if (moved.get() >= totalBytes.get() || now >= total.get()) {
          call.progress(label, now, total.get(), "files");
        }
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

package io.revfs.command.transfer;

import io.revfs.command.tracking.Session;
import io.revfs.dvc.CloudVersion;
import io.revfs.dvc.Output;
import io.revfs.dvc.OutputFile;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.stage.Out;
import io.revfs.transfer.Fetch;
import io.revfs.transfer.TransferResult;
import io.revfs.transfer.VersionedPush;
import io.revfs.workspace.store.ManifestItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Outputs on a remote that stores files under their own names, in versions, which {@code .dvc}
 * files and {@code dvc.lock} record (FORMATS, section 11). For one thread.
 */
final class VersionedOutputs {
  private final Session session;
  private final Transfers transfers;
  private final String name;

  /** {@code name}: the remote's. */
  VersionedOutputs(Session session, Transfers transfers, String name) {
    this.session = session;
    this.transfers = transfers;
    this.name = name;
  }

  private static Optional<CloudVersion> version(Map<String, CloudVersion> cloud, String remote) {
    return Optional.ofNullable(cloud.get(remote)).or(() -> Optional.ofNullable(cloud.get("")));
  }

  private Optional<CloudVersion> version(OutputFile file) {
    return version(file.cloud(), name)
        .or(
            () ->
                file.versionId()
                    .map(id -> new CloudVersion(file.etag(), Optional.of(id), Optional.empty())));
  }

  /** Returns the files of an output, or of the part of it that is meant. */
  private List<VersionedPush.VersionedFile> files(UsedOutputs.Used used) throws IOException {
    Output recorded = used.out().recorded();
    String path = used.out().path();
    List<VersionedPush.VersionedFile> files = new ArrayList<>();
    if (!recorded.files().isEmpty()) {
      for (OutputFile file : recorded.files()) {
        if (file.md5().isPresent() && isMeant(used, file.path())) {
          ObjectKey key = ObjectKey.file(file.md5().get());
          files.add(new VersionedPush.VersionedFile(path + "/" + file.path(), key, version(file)));
        }
      }
      return files;
    }
    Optional<ObjectKey> key = recorded.key();
    if (key.isPresent() && !key.get().manifest()) {
      files.add(new VersionedPush.VersionedFile(path, key.get(), version(recorded.cloud(), name)));
    } else if (key.isPresent()) {
      for (ManifestItem item : session.files().items(key.get()).orElse(List.of())) {
        if (isMeant(used, item.path())) {
          files.add(
              new VersionedPush.VersionedFile(
                  path + "/" + item.path(), ObjectKey.file(item.digest()), Optional.empty()));
        }
      }
    }
    return files;
  }

  private static boolean isMeant(UsedOutputs.Used used, String path) {
    String inside = used.inside();
    return inside.isEmpty() || path.equals(inside) || path.startsWith(inside + "/");
  }

  /** Fetches, by their versions, those files that have one. */
  TransferResult fetch(List<UsedOutputs.Used> used) throws IOException {
    Map<ObjectKey, RemoteKey> places = new LinkedHashMap<>();
    Set<String> unversioned = new LinkedHashSet<>();
    Remote remote = transfers.versioned(name);
    for (UsedOutputs.Used one : used) {
      Optional<ObjectKey> manifest = session.files().key(one.out()); // made of the list of files
      if (manifest.isPresent() && session.files().isCached(manifest.get())) {
        continue;
      }
      for (VersionedPush.VersionedFile file : files(one)) {
        Optional<String> version = file.version().flatMap(CloudVersion::versionId);
        if (version.isPresent()) {
          places.putIfAbsent(file.key(), new RemoteKey(file.path(), version));
        } else if (!session.workspace().store().check(file.key())) {
          unversioned.add(remote.url().replaceFirst("/$", "") + "/" + file.path());
        }
      }
    }
    if (!unversioned.isEmpty()) {
      session
          .call()
          .warn(
              "WARNING: Some files are missing cloud version information and will not be fetched"
                  + " from the remote:\n"
                  + String.join("\n", unversioned));
    }
    return new Fetch(
            session.workspace().store(),
            Optional.empty(),
            remote,
            transfers.lanes(name),
            transfers.listener("Fetching"))
        .at(places)
        .run(places.keySet());
  }

  /**
   * Pushes files, and records the versions that they got.
   *
   * @return how many were sent, and what the cache lacks
   */
  TransferResult push(List<UsedOutputs.Used> used) throws IOException {
    Map<Out, List<VersionedPush.VersionedFile>> byOut = new LinkedHashMap<>();
    List<VersionedPush.VersionedFile> all = new ArrayList<>();
    for (UsedOutputs.Used one : used) {
      List<VersionedPush.VersionedFile> files = files(one);
      byOut.computeIfAbsent(one.out(), out -> new ArrayList<>()).addAll(files);
      all.addAll(files);
    }
    VersionedPush push =
        new VersionedPush(
            session.workspace().store(),
            transfers.versioned(name),
            transfers.lanes(name),
            transfers.listener("Pushing"));
    Map<String, RemoteObject> made = push.run(all);
    OutputWriter writer = new OutputWriter(session);
    for (Map.Entry<Out, List<VersionedPush.VersionedFile>> one : byOut.entrySet()) {
      if (one.getValue().stream().anyMatch(file -> made.containsKey(file.path()))) {
        writer.write(one.getKey(), pushed(one.getKey(), one.getValue(), made));
      }
    }
    writer.finish();
    return new TransferResult(push.sent(), Map.of(), push.missing());
  }

  /** Returns what is to be recorded of an output that was pushed. */
  private Output pushed(
      Out out, List<VersionedPush.VersionedFile> files, Map<String, RemoteObject> made) {
    Output recorded = out.recorded();
    boolean file = recorded.files().isEmpty() && !recorded.key().orElseThrow().manifest();
    if (file) {
      RemoteObject object = made.get(out.path());
      return recorded.with(List.of(), object == null ? recorded.cloud() : cloud(object), false);
    }
    Map<String, OutputFile> before = new HashMap<>();
    recorded.files().forEach(one -> before.put(one.path(), one));
    List<OutputFile> now = new ArrayList<>();
    Set<String> listed = new LinkedHashSet<>();
    for (VersionedPush.VersionedFile one : files) {
      String path = one.path().substring(out.path().length() + 1);
      RemoteObject object = made.get(one.path());
      OutputFile known = before.get(path);
      listed.add(path);
      now.add(
          object == null && known != null
              ? known
              : file(path, one.key().digest(), Optional.ofNullable(object)));
    }
    recorded.files().stream().filter(one -> !listed.contains(one.path())).forEach(now::add);
    now.sort((a, b) -> io.revfs.text.PythonJson.compareCodePoints(a.path(), b.path()));
    return recorded.with(now, Map.of(), false);
  }

  private OutputFile file(String path, Digest digest, Optional<RemoteObject> object) {
    return new OutputFile(
        path,
        Optional.of(digest),
        object.isPresent() ? OptionalLong.of(object.get().size()) : OptionalLong.empty(),
        false,
        object.map(this::cloud).orElse(Map.of()),
        Optional.empty(),
        Optional.empty());
  }

  private Map<String, CloudVersion> cloud(RemoteObject object) {
    return Map.of(name, new CloudVersion(object.etag(), object.version(), Optional.empty()));
  }
}

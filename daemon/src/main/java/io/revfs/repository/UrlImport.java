package io.revfs.repository;

import io.revfs.dvc.Dependency;
import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.Output;
import io.revfs.dvc.OutputFile;
import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.object.ByteConsumer;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.origin.VersionedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Objects of {@code import-url} outputs, read again from where they were imported from. */
final class UrlImport {
  private UrlImport() {}

  /** Returns a source for the output's objects, if its dependency says enough to find them. */
  static Optional<ObjectSource> source(
      DvcConfig config,
      RepositoryRemotes remotes,
      String directory,
      Dependency dependency,
      Output output)
      throws IOException {
    if (dependency.path().isEmpty() || output.key().isEmpty()) {
      return Optional.empty();
    }
    String url = dependency.path();
    String below;
    Remote remote;
    Optional<DvcConfig.RemoteSection> referred = config.referredRemote(url);
    if (referred.isPresent()) {
      remote = remotes.remote(referred.get());
      below = DvcConfig.below(url);
    } else {
      String absolute = url;
      if (!url.contains("://")) {
        Optional<Path> top = remotes.workTree();
        if (top.isEmpty() && !url.startsWith("/")) {
          return Optional.empty(); // relative to a working copy that is not there
        }
        absolute =
            top.map(t -> t.resolve(directory).resolve(url).normalize().toString()).orElse(url);
      }
      int slash = absolute.lastIndexOf('/');
      remote =
          remotes.remote(
              new DvcConfig.RemoteSection("import", absolute.substring(0, slash), Map.of()));
      below = absolute.substring(slash + 1);
    }
    ObjectKey key = output.key().get();
    if (!key.manifest()) {
      return Optional.of(
          new VersionedSource(remote, Map.of(key, new RemoteKey(below, dependency.versionId()))));
    }
    return dependency.files().isEmpty()
        ? Optional.empty()
        : Optional.of(directory(remote, below, dependency));
  }

  /** A version-aware directory: S3's tags of files stored in one part are their MD5. */
  private static ObjectSource directory(Remote remote, String below, Dependency dependency) {
    Map<ObjectKey, RemoteKey> places = new HashMap<>();
    ManifestWriter manifest = new ManifestWriter();
    for (OutputFile file : dependency.files()) {
      Optional<String> md5 =
          file.md5().map(Digest::hex).or(() -> file.etag().filter(e -> e.matches("[0-9a-f]{32}")));
      if (md5.isPresent()) {
        manifest.add(file.path(), md5.get());
        places.put(
            ObjectKey.file(Digest.md5(md5.get())),
            new RemoteKey(below + "/" + file.path(), file.versionId()));
      }
    }
    return new DirectorySource(new VersionedSource(remote, places), manifest.toBytes());
  }

  /** The files as they are stored, and the manifest, which nobody stored, as it must have been. */
  private record DirectorySource(VersionedSource files, byte[] manifest) implements ObjectSource {
    @Override
    public String name() {
      return files.name();
    }

    @Override
    public long size(ObjectKey key) throws IOException {
      return key.manifest() ? manifest.length : files.size(key);
    }

    @Override
    public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
        throws IOException {
      if (!key.manifest()) {
        files.read(key, offset, length, consumer);
        return;
      }
      if (offset + length > manifest.length) {
        throw new ObjectMissingException(key, name());
      }
      consumer.accept(ByteBuffer.wrap(manifest, (int) offset, (int) length));
    }
  }
}

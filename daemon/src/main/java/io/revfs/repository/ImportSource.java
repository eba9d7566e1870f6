package io.revfs.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.dvc.Dependency;
import io.revfs.dvc.Output;
import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.object.ByteConsumer;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.SourceUnreachableException;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.OpenFileStream;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An import's objects, from the repository it was imported from, at the commit it was locked to.
 * What is tracked by Git there, or is a part of a directory, has no object of its own: its bytes
 * are hashed, and its manifest written, when first asked for. Thread-safe.
 */
final class ImportSource implements ObjectSource {
  private static final org.slf4j.Logger log = org.slf4j.LoggerFactory.getLogger(ImportSource.class);

  private final Dependency dependency;
  private final Output output;
  private final Opener opener;

  @GuardedBy("this")
  private @Nullable Map<ObjectKey, Content> contents;

  /** Opens the repositories that imports come from. */
  interface Opener extends Closeable {
    /**
     * Returns one for another caller, by whose credentials remotes are asked; who gets it, closes
     * it.
     */
    Opener by(ConfigOverrides overrides);

    /** See {@link DataRepository#calledWith}; without effect for one that is nobody's own. */
    void calledWith(Map<String, String> environment);

    @Override
    void close();

    /** Returns the snapshot of a commit of the repository that {@code url} names. */
    Snapshot open(String url, String commit) throws IOException;

    /** Opens the bytes of an entry. */
    io.revfs.fuse.OpenFile open(Entry entry) throws IOException;
  }

  /** Where an object's bytes are: an entry of the source's, or a manifest written here. */
  private record Content(@Nullable Entry entry, byte[] bytes) {}

  ImportSource(Dependency dependency, Output output, Opener opener) {
    this.dependency = dependency;
    this.output = output;
    this.opener = opener;
  }

  @Override
  public String name() {
    return "import of " + repository().url();
  }

  private Dependency.RepositoryDependency repository() {
    return dependency.repository().orElseThrow();
  }

  private Content content(ObjectKey key) throws IOException {
    Content content = contents().get(key);
    if (content == null) {
      throw new ObjectMissingException(key, name());
    }
    return content;
  }

  private synchronized Map<ObjectKey, Content> contents() throws IOException {
    if (contents == null) {
      contents = collect();
    }
    return contents;
  }

  private Map<ObjectKey, Content> collect() throws IOException {
    Snapshot source;
    Optional<Entry> found;
    try {
      source = opener.open(repository().url(), repository().revLock().orElseThrow());
      found = source.find(dependency.path());
    } catch (ObjectMissingException | SourceUnreachableException e) {
      throw e;
    } catch (IOException e) {
      throw new SourceUnreachableException(name(), String.valueOf(e.getMessage()), false, e);
    }
    if (found.isEmpty()) {
      throw new SourceUnreachableException(
          name(), dependency.path() + " is not there at " + source.commit(), false, null);
    }
    Map<ObjectKey, Content> result = new HashMap<>();
    if (found.get().directory().isEmpty()) {
      Digest.Algorithm algorithm = algorithm();
      add(result, found.get(), algorithm);
      return result;
    }
    ManifestWriter manifest = new ManifestWriter();
    collect(result, manifest, found.get().directory().get(), "", algorithm());
    byte[] json = manifest.toBytes();
    Hasher hasher = Hasher.of(algorithm(), json.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(json));
    result.put(new ObjectKey(hasher.finish(), true), new Content(null, json));
    return result;
  }

  private Digest.Algorithm algorithm() {
    return output.key().map(key -> key.digest().algorithm()).orElse(Digest.Algorithm.MD5);
  }

  private void collect(
      Map<ObjectKey, Content> into,
      ManifestWriter manifest,
      SnapshotDirectory directory,
      String prefix,
      Digest.Algorithm algorithm)
      throws IOException {
    directory.list(
        0,
        entry -> {
          String path = prefix + entry.name();
          if (entry.directory().isPresent()) {
            collect(into, manifest, entry.directory().get(), path + "/", algorithm);
          } else if (entry.kind() == Entry.Kind.FILE && !isDvcsOwn(entry.name())) {
            manifest.add(path, add(into, entry, algorithm).hex());
          }
          return true;
        });
  }

  /** DVC does not import what describes data. */
  private static boolean isDvcsOwn(String name) {
    return name.endsWith(".dvc") || name.equals("dvc.yaml") || name.equals(".dvcignore");
  }

  private Digest add(Map<ObjectKey, Content> into, Entry entry, Digest.Algorithm algorithm)
      throws IOException {
    Optional<ObjectKey> own = entry.key().filter(k -> k.digest().algorithm() == algorithm);
    Digest digest = own.isPresent() ? own.get().digest() : hash(entry, algorithm);
    into.put(ObjectKey.file(digest), new Content(entry, new byte[0]));
    return digest;
  }

  private Digest hash(Entry entry, Digest.Algorithm algorithm) throws IOException {
    try (var file = opener.open(entry);
        var in = new OpenFileStream(file)) {
      Hasher hasher = Hasher.of(algorithm, file.size()).orElseThrow();
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hasher.update(ByteBuffer.wrap(buffer, 0, n));
      }
      return hasher.finish();
    }
  }

  @Override
  public long size(ObjectKey key) throws IOException {
    Content content = content(key);
    Entry entry = content.entry();
    if (entry == null) {
      return content.bytes().length;
    }
    ObjectKey own = entry.key().orElse(key);
    return first(entry, own, source -> source.size(own));
  }

  // Not through the cache: most imports have the very key of what they import, and the cache is
  // waiting for these bytes already.
  @Override
  public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    Content content = content(key);
    Entry entry = content.entry();
    if (entry == null) {
      consumer.accept(ByteBuffer.wrap(content.bytes(), (int) offset, (int) length));
      return;
    }
    ObjectKey own = entry.key().orElse(key);
    long[] given = {0};
    first(
        entry,
        own,
        source -> {
          source.read(
              own,
              offset + given[0],
              length - given[0],
              bytes -> {
                given[0] += bytes.remaining();
                consumer.accept(bytes);
              });
          return given[0];
        });
  }

  /** Asks an entry's origins in order until one has it. */
  private long first(Entry entry, ObjectKey key, Request request) throws IOException {
    IOException failure = new ObjectMissingException(key, entry.origins().names());
    for (ObjectSource source : entry.origins().sources()) {
      try {
        return request.ask(source);
      } catch (ObjectMissingException e) {
        log.debug("{}: {}", name(), e.getMessage());
      } catch (SourceUnreachableException e) {
        failure = e; // says more than that it is absent elsewhere
      }
    }
    throw failure;
  }

  private interface Request {
    long ask(ObjectSource source) throws IOException;
  }
}

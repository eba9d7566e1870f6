package io.revfs.transfer;

import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.Upload;
import io.revfs.url.ExternalData;
import io.revfs.url.ExternalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Brings data of a store, or of this machine, to a remote as objects, without keeping it here. A
 * file waits here only while it travels: its name on the remote is known when all of it was read.
 */
public final class Conveyor {
  private final Remote remote;
  private final Path scratch;
  private final int lanes;
  private final TransferListener listener;

  /**
   * @param scratch a directory where files may wait
   * @param lanes how many files travel at once
   */
  public Conveyor(Remote remote, Path scratch, int lanes, TransferListener listener) {
    this.remote = remote;
    this.scratch = scratch;
    this.lanes = lanes;
    this.listener = listener;
  }

  /**
   * What was brought.
   *
   * @param key the file's object, or the directory's manifest
   * @param size in bytes; of a directory the sum of its files
   * @param fileCount of a directory
   */
  public record Conveyed(ObjectKey key, long size, OptionalLong fileCount) {}

  /**
   * Brings it; a directory's manifest last.
   *
   * @throws IOException if any of it cannot be read or written; what was brought before stays
   */
  public Conveyed convey(ExternalData data) throws IOException {
    if (!data.isDirectory()) {
      ExternalFile file = data.file();
      listener.expect(1, file.size());
      return new Conveyed(bring(data, file), file.size(), OptionalLong.empty());
    }
    List<ExternalFile> files = new ArrayList<>();
    data.files(files::add);
    listener.expect(files.size(), files.stream().mapToLong(ExternalFile::size).sum());
    ManifestWriter manifest = new ManifestWriter();
    Lanes.run(
        files,
        lanes,
        file -> {
          ObjectKey key = bring(data, file);
          synchronized (manifest) {
            manifest.add(file.path(), key.digest().hex());
          }
        });
    byte[] list = manifest.toBytes();
    Hasher hasher = hasher();
    hasher.update(ByteBuffer.wrap(list));
    ObjectKey key = new ObjectKey(hasher.finish(), true);
    Path waiting = Files.createTempFile(scratch, "conveyed", "");
    try {
      Files.write(waiting, list);
      send(key, waiting);
    } finally {
      Files.deleteIfExists(waiting);
    }
    long size = files.stream().mapToLong(ExternalFile::size).sum();
    return new Conveyed(key, size, OptionalLong.of(files.size()));
  }

  private static Hasher hasher() {
    return Hasher.of(Digest.Algorithm.MD5, 0).orElseThrow();
  }

  private ObjectKey bring(ExternalData data, ExternalFile file) throws IOException {
    Path waiting = Files.createTempFile(scratch, "conveyed", "");
    try {
      Hasher hasher = hasher();
      try (FileChannel out = FileChannel.open(waiting, StandardOpenOption.WRITE)) {
        data.read(
            file,
            0,
            file.size(),
            bytes -> {
              hasher.update(bytes.duplicate());
              listener.moved(bytes.remaining());
              while (bytes.hasRemaining()) {
                out.write(bytes);
              }
            });
      }
      ObjectKey key = ObjectKey.file(hasher.finish());
      send(key, waiting);
      listener.done(1);
      return key;
    } finally {
      Files.deleteIfExists(waiting);
    }
  }

  private void send(ObjectKey key, Path file) throws IOException {
    RemoteKey place = ContentAddressedSource.place(key);
    if (!isThere(place)) {
      var unused = remote.write(place.path(), Upload.of(file));
    }
  }

  private boolean isThere(RemoteKey place) throws IOException {
    if (!remote.isThere()) {
      return false;
    }
    try {
      var unused = remote.stat(place);
      return true;
    } catch (ObjectMissingException e) {
      return false;
    }
  }
}

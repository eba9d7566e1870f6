package io.revfs.seal;

import io.revfs.image.ErofsImage;
import io.revfs.image.ImageSettings;
import io.revfs.object.ObjectSource;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.snapshot.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Images of commits, in a directory of the cache. A name says what is in an image: the commit, and
 * all else that its bytes depend on. The time of modification is that of the last use. Thread-safe.
 */
final class ImageStore {
  /** To be raised when images of the same commit become other ones. */
  private static final int FORMAT = 2;

  private static final String SUFFIX = ".erofs";
  private static final String UNFINISHED = ".new";
  private static final int HASH_DIGITS = 16;

  private final Path directory;
  private final ImageSettings settings;

  ImageStore(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.settings =
        new ImageSettings(
            FixedAttributes.TIME_SECONDS,
            (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"),
            (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid"),
            List.of(ImageSettings.REDIRECT, FixedAttributes.DIGEST));
    for (Path file : files(UNFINISHED)) {
      Files.deleteIfExists(file);
    }
  }

  private List<Path> files(String suffix) throws IOException {
    try (var all = Files.list(directory)) {
      return new ArrayList<>(all.filter(f -> f.toString().endsWith(suffix)).toList());
    }
  }

  /** Returns where the image of a commit is, or would be. */
  Path path(DataRepository repository, Snapshot snapshot) {
    StringBuilder parameters = new StringBuilder();
    parameters.append(FORMAT).append('\n').append(settings).append('\n');
    parameters.append(SnapshotImage.INLINE_BYTES).append('\n').append(repository.location());
    for (ObjectSource source : snapshot.origins().sources()) {
      parameters.append('\n').append(source.name());
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(parameters.toString().getBytes(StandardCharsets.UTF_8));
      String digits = HexFormat.of().formatHex(hash).substring(0, HASH_DIGITS);
      return directory.resolve(snapshot.commit() + "-" + digits + SUFFIX);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes an image where there is none. */
  void make(Path image, SnapshotImage content) throws IOException {
    if (Files.exists(image)) {
      Files.setLastModifiedTime(image, FileTime.from(Instant.now()));
      return;
    }
    Path unfinished = image.resolveSibling(image.getFileName() + UNFINISHED);
    Files.createDirectories(directory); // who clears the cache by hand takes it away too
    Files.deleteIfExists(unfinished);
    var unused = ErofsImage.write(content.root(), unfinished, settings);
    content.rememberSizes();
    Files.move(unfinished, image, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Returns the bytes of all images. */
  long bytes() throws IOException {
    long sum = 0;
    for (Path file : files(SUFFIX)) {
      sum += Files.size(file);
    }
    return sum;
  }

  /** Removes images that are not in use, the least recently used first, down to a size. */
  void evict(Set<Path> used, long targetBytes) throws IOException {
    List<Path> all = files(SUFFIX);
    List<Aged> aged = new ArrayList<>();
    long sum = 0;
    for (Path file : all) {
      aged.add(new Aged(file, Files.getLastModifiedTime(file), Files.size(file)));
      sum += aged.getLast().bytes();
    }
    aged.sort(Comparator.comparing(Aged::used));
    for (Aged one : aged) {
      if (sum <= targetBytes) {
        return;
      }
      if (!used.contains(one.file())) {
        Files.deleteIfExists(one.file());
        sum -= one.bytes();
      }
    }
  }

  private record Aged(Path file, FileTime used, long bytes) {}
}

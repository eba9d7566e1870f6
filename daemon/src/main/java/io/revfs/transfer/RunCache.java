package io.revfs.transfer;

import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.TemporaryNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The history of runs, {@code runs/} of the cache, and what recorded runs took in, {@code
 * revfs/inputs/}: copied as they are; what is there stays.
 */
public final class RunCache {
  private static final List<String> PREFIXES = List.of("runs/", "revfs/inputs/");
  private static final Pattern ENTRY =
      Pattern.compile(
          "runs/[0-9a-f]{2}/[0-9a-f]{64}/[0-9a-f]{64}"
              + "|revfs/inputs/[0-9a-f]{2}/[0-9a-f]{64}/[0-9a-f]{64}/[0-9a-f]{32}");

  private RunCache() {}

  private static List<String> here(Path cache) throws IOException {
    List<String> entries = new ArrayList<>();
    for (String prefix : PREFIXES) {
      Path runs = cache.resolve(prefix);
      if (!Files.isDirectory(runs)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(runs)) {
        files
            .map(file -> cache.relativize(file).toString())
            .filter(path -> ENTRY.matcher(path).matches())
            .forEach(entries::add);
      }
    }
    return entries;
  }

  private static Set<String> there(Remote remote) throws IOException {
    Set<String> entries = new HashSet<>();
    for (String prefix : remote.isThere() ? PREFIXES : List.<String>of()) {
      remote.list(
          prefix,
          object -> {
            if (ENTRY.matcher(object.path()).matches()) {
              entries.add(object.path());
            }
            return true;
          });
    }
    return entries;
  }

  private static boolean isSupported(Remote remote) {
    return remote.capabilities().contains(Remote.Capability.LIST);
  }

  /** Brings entries to a remote that can be listed; returns how many. */
  public static long push(Path cache, Remote remote, int lanes) throws IOException {
    if (!isSupported(remote)) {
      return 0;
    }
    List<String> entries = here(cache);
    entries.removeAll(entries.isEmpty() ? Set.of() : there(remote));
    AtomicLong sent = new AtomicLong();
    Lanes.run(
        entries,
        lanes,
        path -> {
          Path file = cache.resolve(path);
          remote.write(path, new Upload(file, Files.size(file), false, n -> {}));
          sent.incrementAndGet();
        });
    return sent.get();
  }

  /** Brings entries from a remote that can be listed; returns how many. */
  public static long fetch(Path cache, Remote remote, int lanes) throws IOException {
    if (!isSupported(remote)) {
      return 0;
    }
    Set<String> entries = there(remote);
    here(cache).forEach(entries::remove);
    AtomicLong had = new AtomicLong();
    Lanes.run(
        entries,
        lanes,
        path -> {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          remote.readAll(
              RemoteKey.of(path),
              some -> {
                byte[] copy = new byte[some.remaining()];
                some.get(copy);
                bytes.writeBytes(copy);
              });
          write(cache.resolve(path), bytes.toByteArray());
          had.incrementAndGet();
        });
    return had.get();
  }

  private static void write(Path file, byte[] content) throws IOException {
    Path temporary = Path.of(TemporaryNames.beside(file.toString()));
    try {
      Files.createDirectories(file.getParent());
      Files.write(temporary, content);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}

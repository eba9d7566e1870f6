package io.revfs.project;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.reach.Passages;
import io.revfs.text.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * DVC's locks on paths, {@code .dvc/tmp/rwlock}: what a stage that runs reads and writes while it
 * does not have the project's lock. They are taken only by those who have the project's lock; so
 * whoever keeps that until it is done need not take them, only look that nobody has them. An entry
 * whose process is gone counts for nothing and is removed. For one thread.
 */
public final class PathLocks {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WRITE = "write";
  private static final String READ = "read";
  private static final int USUAL_UMASK = 022;

  private final Path file;
  private final LockFile guard;
  private final Consumer<String> warnings;

  /** {@code warnings} are told of entries that were left behind. */
  public PathLocks(Project project, Consumer<String> warnings) throws IOException {
    this.file = project.tmp().resolve("rwlock");
    this.guard =
        new LockFile(project.tmp().resolve("rwlock.lock"), ProjectLock.byHardLink(project));
    this.warnings = warnings;
  }

  private PathLocks(Path directory, boolean byHardLink) {
    this.file = directory.resolve("rwlock");
    this.guard = new LockFile(directory.resolve("rwlock.lock"), byHardLink);
    this.warnings = warning -> {};
  }

  /** Returns those on the refs of experiments, which DVC keeps apart; names of refs are paths. */
  public static PathLocks ofExperiments(Project project) throws IOException {
    Path directory = Files.createDirectories(project.tmp().resolve("exps"));
    Passages.changed(
        directory); // who locks goes by the mount, and others may have made it just now
    return new PathLocks(directory, ProjectLock.byHardLink(project));
  }

  /**
   * Makes sure that nobody writes what is to be read or written, nor reads what is to be written.
   *
   * @param read absolute paths
   * @param write absolute paths
   * @throws LockedException if somebody does
   */
  public void check(Collection<Path> read, Collection<Path> write) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (Closeable guarded = guarded()) {
      ObjectNode locks = load();
      if (checkFree(locks, shown(read), shown(write))) {
        save(locks);
      }
    }
  }

  /**
   * Takes paths; closing gives them back.
   *
   * @param command what is done with them, for others to see
   * @throws LockedException if somebody has them
   */
  public Closeable take(String command, Collection<Path> read, Collection<Path> write)
      throws IOException {
    ObjectNode owner = JSON.createObjectNode();
    owner.put("pid", ProcessHandle.current().pid());
    owner.put("cmd", command);
    List<Path> reads = shown(read);
    List<Path> writes = shown(write);
    try (Closeable guarded = guarded()) {
      ObjectNode locks = load();
      boolean unused = checkFree(locks, reads, writes);
      reads.forEach(path -> array(group(locks, READ), path.toString()).add(owner));
      writes.forEach(path -> group(locks, WRITE).set(path.toString(), owner));
      save(locks);
    }
    return () -> giveBack(owner, reads, writes);
  }

  /** Others have these paths as people do. */
  private static List<Path> shown(Collection<Path> paths) {
    return paths.stream().map(Passages::shown).toList();
  }

  /** A thread that was interrupted gives back too: it lives on, so nobody else would. */
  private void giveBack(ObjectNode owner, List<Path> read, List<Path> write) throws IOException {
    boolean interrupted = Thread.interrupted();
    try (Closeable guarded = guarded()) {
      ObjectNode locks = load();
      read.forEach(path -> release(locks, READ, path.toString(), owner));
      write.forEach(path -> release(locks, WRITE, path.toString(), owner));
      save(locks);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Closeable guarded() throws IOException {
    return guard
        .take(false)
        .orElseThrow(
            () ->
                new LockedException(
                    "Unable to acquire the lock of '" + file + "'",
                    "try again; if no other DVC process runs, remove " + file + ".lock"));
  }

  private ObjectNode load() throws IOException {
    byte[] content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    if (content.length == 0) {
      return JSON.createObjectNode();
    }
    try {
      if (JSON.readTree(content) instanceof ObjectNode locks
          && isGroup(locks.path(READ))
          && isGroup(locks.path(WRITE))) {
        return locks;
      }
    } catch (JsonProcessingException e) {
      // The same as what is JSON and not this.
    }
    throw new LockedException(
        "Unable to read RWLock-file '" + file + "'. JSON structure is corrupted",
        "if no other DVC process runs, remove it");
  }

  private static boolean isGroup(JsonNode node) {
    return node.isMissingNode() || node.isObject();
  }

  private void save(ObjectNode locks) throws IOException {
    byte[] content = JSON.writeValueAsString(locks).getBytes(StandardCharsets.UTF_8);
    AtomicFile.replace(file, content, USUAL_UMASK);
    Passages.changed(file); // others look at it while the command goes on
  }

  /** Returns whether entries were removed. */
  private boolean checkFree(ObjectNode locks, Collection<Path> read, Collection<Path> write)
      throws LockedException {
    List<Path> both = new ArrayList<>(read);
    both.addAll(write);
    boolean ofWriters = checkFree(locks, WRITE, both);
    boolean ofReaders = checkFree(locks, READ, write);
    return ofWriters || ofReaders;
  }

  private boolean checkFree(ObjectNode locks, String mode, Collection<Path> wanted)
      throws LockedException {
    boolean changed = false;
    for (String held : names(locks.path(mode))) {
      Path path = Path.of(held);
      List<Path> wanting = wanted.stream().filter(one -> overlap(one, path)).toList();
      if (wanting.isEmpty()) {
        continue;
      }
      for (JsonNode owner : owners(locks.path(mode).path(held))) {
        if (ProcessHandle.of(owner.path("pid").asLong()).isPresent()) {
          throw busy(wanting.getFirst(), owner);
        }
        warnings.accept(
            "WARNING: Process '%s' with (Pid %s), in RWLock-file '%s' had been killed. Auto removed it from the lock file."
                .formatted(owner.path("cmd").asText(), owner.path("pid").asText(), held));
        release(locks, mode, held, owner);
        changed = true;
      }
    }
    return changed;
  }

  private LockedException busy(Path path, JsonNode owner) {
    return new LockedException(
        "'%s' is busy, it is being blocked by: (PID %s): %s"
            .formatted(path, owner.path("pid").asText(), owner.path("cmd").asText()),
        "wait until that ends; if there is no such process, remove " + file);
  }

  private static boolean overlap(Path one, Path other) {
    return one.startsWith(other) || other.startsWith(one);
  }

  private static List<String> names(JsonNode group) {
    List<String> names = new ArrayList<>();
    group.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<JsonNode> owners(JsonNode entry) {
    List<JsonNode> owners = new ArrayList<>();
    if (entry.isArray()) {
      entry.forEach(owners::add);
    } else {
      owners.add(entry);
    }
    return owners;
  }

  private static ObjectNode group(ObjectNode locks, String mode) {
    return locks.path(mode) instanceof ObjectNode group ? group : locks.putObject(mode);
  }

  private static ArrayNode array(ObjectNode group, String path) {
    return group.path(path) instanceof ArrayNode array ? array : group.putArray(path);
  }

  private static boolean isSame(JsonNode one, JsonNode other) {
    return one.path("pid").asLong() == other.path("pid").asLong()
        && one.path("cmd").equals(other.path("cmd"));
  }

  private static void release(ObjectNode locks, String mode, String path, JsonNode owner) {
    ObjectNode group = group(locks, mode);
    if (group.path(path) instanceof ArrayNode array) {
      for (int i = array.size() - 1; i >= 0; i--) {
        if (isSame(array.get(i), owner)) {
          array.remove(i);
          break;
        }
      }
      if (array.isEmpty()) {
        group.remove(path);
      }
    } else if (isSame(group.path(path), owner)) {
      group.remove(path);
    }
    if (group.isEmpty()) {
      locks.remove(mode);
    }
  }
}

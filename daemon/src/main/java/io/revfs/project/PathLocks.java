package io.revfs.project;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.text.AtomicFile;
import io.revfs.text.PythonJson;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * DVC's locks on paths, {@code .dvc/tmp/rwlock} (FORMATS, section 9): who reads and who writes
 * which path while a stage runs and the project's own lock is free for others. Thread-safe; shared
 * with other processes, of either kind.
 */
public final class PathLocks {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Object ONE_AT_A_TIME = new Object(); // a process has a file lock once

  private final Path file;
  private final Path guard;
  private final String command;

  /**
   * @param tmp {@code .dvc/tmp}
   * @param command what holds the locks, for those who wait
   */
  public PathLocks(Path tmp, String command) {
    this.file = tmp.resolve("rwlock");
    this.guard = tmp.resolve("rwlock.lock");
    this.command = command;
  }

  /** A path that somebody else holds. */
  public static final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    BusyException(String message) {
      super(message);
    }
  }

  /**
   * Holds paths until it is closed.
   *
   * @param reads absolute paths that must not change
   * @param writes absolute paths that nobody else may look at
   * @throws BusyException if another process holds one of them, or what is around or inside it
   */
  public Closeable hold(Collection<Path> reads, Collection<Path> writes) throws IOException {
    edit(
        held -> {
          for (Path path : writes) {
            check(held, path, "write");
            check(held, path, "read");
          }
          for (Path path : reads) {
            check(held, path, "write");
          }
          writes.forEach(path -> section(held, "write").set(path.toString(), owner()));
          reads.forEach(path -> section(held, "read").withArray(escaped(path)).add(owner()));
        });
    return () -> edit(held -> release(held, reads, writes));
  }

  private static String escaped(Path path) {
    return "/" + path.toString().replace("~", "~0").replace("/", "~1");
  }

  private ObjectNode owner() {
    return JSON.createObjectNode().put("pid", ProcessHandle.current().pid()).put("cmd", command);
  }

  private static ObjectNode section(ObjectNode held, String name) {
    return held.path(name) instanceof ObjectNode there ? there : held.putObject(name);
  }

  private void check(ObjectNode held, Path path, String kind) throws BusyException {
    List<String> owners = new ArrayList<>();
    held.path(kind)
        .properties()
        .forEach(
            entry -> {
              Path other = Path.of(entry.getKey());
              if (other.startsWith(path) || path.startsWith(other)) {
                owners(entry.getValue()).stream()
                    .filter(owner -> !isOwn(owner) && isAlive(owner))
                    .forEach(owner -> owners.add(described(owner)));
              }
            });
    if (!owners.isEmpty()) {
      throw new BusyException(
          "'%s' is busy, it is being blocked by: %s".formatted(path, String.join(", ", owners)));
    }
  }

  private static List<JsonNode> owners(JsonNode value) {
    List<JsonNode> owners = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(owners::add);
    } else {
      owners.add(value);
    }
    return owners;
  }

  private static String described(JsonNode owner) {
    return "%s (PID %s)".formatted(owner.path("cmd").asText(), owner.path("pid").asText());
  }

  private boolean isOwn(JsonNode owner) {
    return owner.path("pid").asLong() == ProcessHandle.current().pid()
        && owner.path("cmd").asText().equals(command);
  }

  private static boolean isAlive(JsonNode owner) {
    return ProcessHandle.of(owner.path("pid").asLong()).map(ProcessHandle::isAlive).orElse(false);
  }

  private void release(ObjectNode held, Collection<Path> reads, Collection<Path> writes) {
    ObjectNode writing = section(held, "write");
    writes.forEach(path -> writing.remove(path.toString()));
    ObjectNode reading = section(held, "read");
    for (Path path : reads) {
      if (reading.path(path.toString()) instanceof ArrayNode owners) {
        for (int i = owners.size() - 1; i >= 0; i--) {
          if (isOwn(owners.get(i))) {
            owners.remove(i);
            break;
          }
        }
        if (owners.isEmpty()) {
          reading.remove(path.toString());
        }
      }
    }
  }

  private interface Edit {
    void of(ObjectNode held) throws IOException;
  }

  private void edit(Edit edit) throws IOException {
    synchronized (ONE_AT_A_TIME) {
      try (FileChannel channel =
              FileChannel.open(guard, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        ObjectNode held = read();
        edit.of(held);
        byte[] json = PythonJson.of(held).getBytes(StandardCharsets.US_ASCII);
        AtomicFile.replace(file, json, 0);
      }
    }
  }

  /** A file that cannot be read was cut by a crash, and holds nothing. */
  private ObjectNode read() throws IOException {
    if (!Files.exists(file)) {
      return JSON.createObjectNode();
    }
    try {
      return Optional.ofNullable(JSON.readTree(Files.readAllBytes(file)))
          .filter(JsonNode::isObject)
          .map(node -> (ObjectNode) node)
          .orElseGet(JSON::createObjectNode);
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }
}

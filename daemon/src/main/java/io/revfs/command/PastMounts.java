package io.revfs.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.revfs.reach.Covered;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a command that is called in an attached working copy work past the mount over it: it is
 * called where the daemon reaches that directory, and what it says names the paths that people
 * have. Before the caller is asked for anything, and before it hears the end, the mount shows what
 * the command changed. Thread-safe.
 */
public final class PastMounts {
  private static final Logger log = LoggerFactory.getLogger(PastMounts.class);
  private static final long SECOND = 1_000_000_000L;

  /** A clock of files may be behind ours by a tick. */
  private static final long TICKS = 50_000_000L;

  /**
   * Commands that change nothing past the mount but what they keep in {@code .dvc/tmp}; what {@code
   * run} does beside that says so itself ({@link #changing}).
   */
  private static final Set<String> LOOKING =
      Set.of(
          "run",
          "trace list",
          "trace show",
          "trace diff",
          "why",
          "uses",
          "exp show",
          "exp list",
          "exp diff",
          "queue status",
          "queue logs",
          "status",
          "data status",
          "diff",
          "metrics show",
          "metrics diff",
          "params diff",
          "plots diff",
          "dag",
          "stage list",
          "ls",
          "list",
          "root",
          "check-ignore",
          "remote list",
          "version",
          "doctor");

  private PastMounts() {}

  /** Returns what a command that is called somewhere works past, if anything covers that place. */
  public static Optional<Covered> find(Path directory) {
    return Passages.at(Passages.below(directory)).map(Passages.Place::covered);
  }

  /** Returns the same call, where the daemon reaches its directory. */
  public static Invocation call(
      Invocation.Caller caller, JsonNode arguments, Conversation conversation) {
    Invocation.Caller there =
        new Invocation.Caller(
            Passages.below(caller.directory()),
            caller.environment(),
            caller.interactive(),
            caller.umask());
    return new Invocation(there, arguments, conversation);
  }

  /** Returns what tells the caller of paths as it has them. */
  public static Conversation conversation(String command, Covered covered, Conversation caller) {
    return new Shown(caller, covered, !LOOKING.contains(command));
  }

  /** What changes files. */
  @FunctionalInterface
  public interface Change {
    void run() throws IOException;
  }

  /** Changes files in a directory; when this returns, a mount over it shows them. */
  public static void changing(Path directory, Change change) throws IOException {
    long since = now() - TICKS;
    try {
      change.run();
    } finally {
      Optional<Passages.Place> place = Passages.at(directory);
      if (place.isPresent()) {
        place.get().covered().settle(since);
      }
    }
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * SECOND + now.getNano();
  }

  private static final class Shown implements Conversation {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENDS = Set.of("exit", "error");

    private final Conversation caller;
    private final Covered covered;
    private final boolean changes;
    private final long since = now() - TICKS;

    Shown(Conversation caller, Covered covered, boolean changes) {
      this.caller = caller;
      this.covered = covered;
      this.changes = changes;
    }

    @Override
    public void send(String name, Object content) {
      if (ENDS.contains(name)) {
        try {
          settle();
        } catch (IOException | RuntimeException e) {
          log.warn("{} may show what was there before: {}", covered.shown(), e.toString());
        }
      }
      caller.send(name, shown(content));
    }

    @Override
    public JsonNode ask(String name, Object content) throws IOException {
      settle();
      return caller.ask(name, shown(content));
    }

    private void settle() throws IOException {
      if (changes) {
        for (Covered each : Passages.around(covered.below())) {
          each.settle(since);
        }
      }
    }

    private static Object shown(Object content) {
      return content instanceof String text
          ? Passages.shown(text)
          : content instanceof Number ? content : shown(JSON.valueToTree(content));
    }

    private static JsonNode shown(JsonNode node) {
      if (node.isTextual()) {
        return TextNode.valueOf(Passages.shown(node.textValue()));
      }
      if (node.isArray()) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode(node.size());
        node.forEach(each -> array.add(shown(each)));
        return array;
      }
      if (node.isObject()) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
          object.set(Passages.shown(field.getKey()), shown(field.getValue()));
        }
        return object;
      }
      return node;
    }
  }
}

package io.revfs.command.experiment.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.Command;
import io.revfs.command.Conversation;
import io.revfs.command.Invocation;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Runs stages and says which of them ran: they name the experiment. */
final class ReproOfExperiment {
  /** What {@code repro} says of a stage that it ran; its id from the root, {@code file:name}. */
  private static final String RAN = "ran";

  /** What {@code repro} says of a run that was recorded; its id. */
  private static final String TRACED = "traced";

  /** What {@code repro} says of a stage that would not see what is shown; why. */
  private static final String UNSEEN = "unseen";

  private static final String LOCK = "dvc.lock";

  private ReproOfExperiment() {}

  /**
   * What was heard of a run, or of several one after another.
   *
   * @param ran ids of stages that ran
   * @param traces ids of what was recorded
   * @param unseen why stages would not have seen what is shown
   */
  record Heard(Collection<String> ran, Collection<String> traces, Collection<String> unseen) {
    Heard() {
      this(
          new ConcurrentLinkedQueue<>(),
          new ConcurrentLinkedQueue<>(),
          new ConcurrentLinkedQueue<>());
    }
  }

  /**
   * Runs them.
   *
   * @param root the project's
   * @return what {@code dvc.lock} has of those that ran, by name
   */
  static Map<String, Object> run(Command repro, Invocation call, Path root, Heard heard)
      throws IOException {
    repro.run(call.through(conversation -> new Listener(conversation, heard)));
    Map<String, Object> entries = new LinkedHashMap<>();
    for (String id : heard.ran()) {
      int colon = id.lastIndexOf(':');
      String file = colon < 0 ? "dvc.yaml" : id.substring(0, colon);
      if (colon < 0 && id.endsWith(".dvc")) {
        continue; // data that was recorded anew
      }
      String name = id.substring(colon + 1);
      Object entry = lock(root.resolve(file).resolveSibling(LOCK)).get(name);
      if (entry != null) {
        entries.put(name, entry);
      }
    }
    return entries;
  }

  /** Returns what {@code dvc.lock} files have of all stages, by name. */
  static Map<String, Object> locked(List<Path> locks) throws IOException {
    Map<String, Object> entries = new LinkedHashMap<>();
    for (Path file : locks) {
      lock(file)
          .forEach(
              (name, entry) -> {
                if (entry != null) {
                  entries.put(String.valueOf(name), entry);
                }
              });
    }
    return entries;
  }

  private static Map<?, ?> lock(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      Object stages = YamlDocument.parse(text).value().get("stages");
      return stages instanceof Map<?, ?> map ? map : Map.of();
    } catch (YamlSyntaxException e) {
      throw new IOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private record Listener(Conversation conversation, Heard heard) implements Conversation {
    @Override
    public void send(String name, Object content) {
      switch (name) {
        case RAN -> heard.ran().add(String.valueOf(content));
        case TRACED -> heard.traces().add(String.valueOf(content));
        case UNSEEN -> heard.unseen().add(String.valueOf(content));
        default -> conversation.send(name, content);
      }
    }

    @Override
    public JsonNode ask(String name, Object content) throws IOException {
      return conversation.ask(name, content);
    }
  }
}

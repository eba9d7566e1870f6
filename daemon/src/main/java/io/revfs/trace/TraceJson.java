package io.revfs.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.object.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** Traces as JSON: what {@code trace show --json} prints, and what is kept. */
public final class TraceJson {
  static final ObjectMapper JSON = new ObjectMapper();

  private TraceJson() {}

  /** Returns a trace as an object. */
  public static ObjectNode write(Trace trace) {
    ObjectNode node = write(trace.summary());
    ArrayNode processes = node.putArray("processes");
    for (TracedProcess process : trace.processes()) {
      ObjectNode one = processes.addObject().put("pid", process.pid());
      one.put("parent", process.parent());
      strings(one.putArray("command"), process.command());
      one.put("executable", process.executable()).put("firstMillis", process.firstMillis());
    }
    paths(node.putArray("paths"), trace.paths());
    paths(node.putArray("outside"), trace.outside());
    return node.put("outsideGap", trace.outsideGap());
  }

  /** Returns what is known of a trace without its paths. */
  public static ObjectNode write(TraceSummary summary) {
    ObjectNode node = JSON.createObjectNode().put("id", summary.id());
    strings(node.putArray("command"), summary.command());
    node.put("root", summary.root()).put("directory", summary.directory());
    node.put("commit", summary.commit());
    node.put("began", summary.began().toString()).put("ended", summary.ended().toString());
    if (summary.exit() == Trace.NO_EXIT) {
      node.putNull("exit");
    } else {
      node.put("exit", summary.exit());
    }
    node.put("complete", summary.incomplete().isEmpty());
    node.put("incomplete", summary.incomplete());
    return node.put("inputs", summary.inputs()).put("outputs", summary.outputs());
  }

  private static void strings(ArrayNode array, List<String> words) {
    words.forEach(array::add);
  }

  private static void paths(ArrayNode array, List<TracedPath> paths) {
    for (TracedPath path : paths) {
      ObjectNode one = array.addObject().put("path", path.path());
      ArrayNode deeds = one.putArray("deeds");
      path.deeds().forEach(deed -> deeds.add(deed.word()));
      path.before().ifPresent(digest -> one.put("before", digest.toString()));
      path.after().ifPresent(digest -> one.put("after", digest.toString()));
      path.listing().ifPresent(digest -> one.put("listing", digest.toString()));
      if (!path.from().isEmpty()) {
        one.put("from", path.from());
      }
      ArrayNode processes = one.putArray("processes");
      path.processes().forEach(processes::add);
      one.put("firstMillis", path.firstMillis());
    }
  }

  /**
   * Returns what {@link #write(Trace)} wrote.
   *
   * @throws IOException if it did not write this
   */
  public static Trace read(JsonNode node) throws IOException {
    try {
      TraceSummary summary = readSummary(node);
      List<TracedProcess> processes = new ArrayList<>();
      for (JsonNode one : node.path("processes")) {
        processes.add(
            new TracedProcess(
                one.path("pid").asInt(),
                one.path("parent").asInt(),
                strings(one.path("command")),
                one.path("executable").asText(),
                one.path("firstMillis").asLong()));
      }
      return new Trace(
          summary.id(),
          summary.command(),
          summary.root(),
          summary.directory(),
          summary.commit(),
          summary.began(),
          summary.ended(),
          summary.exit(),
          summary.incomplete(),
          processes,
          paths(node.path("paths")),
          paths(node.path("outside")),
          node.path("outsideGap").asText(Trace.NOT_RECORDED));
    } catch (RuntimeException e) {
      throw new IOException("this is no trace: " + e.getMessage(), e);
    }
  }

  /** Returns what {@link #write(TraceSummary)} wrote. */
  static TraceSummary readSummary(JsonNode node) {
    return new TraceSummary(
        node.path("id").asText(),
        strings(node.path("command")),
        node.path("root").asText(),
        node.path("directory").asText(),
        node.path("commit").asText(),
        Instant.parse(node.path("began").asText()),
        Instant.parse(node.path("ended").asText()),
        node.path("exit").asInt(Trace.NO_EXIT),
        node.path("incomplete").asText(),
        node.path("inputs").asInt(),
        node.path("outputs").asInt());
  }

  private static List<String> strings(JsonNode array) {
    List<String> words = new ArrayList<>();
    array.forEach(word -> words.add(word.asText()));
    return words;
  }

  private static List<TracedPath> paths(JsonNode array) {
    List<TracedPath> paths = new ArrayList<>();
    for (JsonNode one : array) {
      EnumSet<Deed> deeds = EnumSet.noneOf(Deed.class);
      one.path("deeds").forEach(word -> deeds.add(Deed.ofWord(word.asText())));
      List<Integer> processes = new ArrayList<>();
      one.path("processes").forEach(pid -> processes.add(pid.asInt()));
      paths.add(
          new TracedPath(
              one.path("path").asText(),
              deeds,
              digest(one, "before"),
              digest(one, "after"),
              digest(one, "listing"),
              one.path("from").asText(""),
              processes,
              one.path("firstMillis").asLong()));
    }
    return paths;
  }

  private static Optional<Digest> digest(JsonNode node, String name) {
    return DigestText.parse(node.path(name).asText(""));
  }
}

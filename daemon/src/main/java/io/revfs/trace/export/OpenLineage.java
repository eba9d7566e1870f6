package io.revfs.trace.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.object.Digest;
import io.revfs.trace.OfTheSystem;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A trace as the events of a run in OpenLineage (2-0-2, RunEvent): that it began, which names the
 * job, and how it ended, with what it read and wrote. Files are datasets of the namespace {@code
 * file}, by absolute path; their version is their digest.
 */
final class OpenLineage {
  private static final String PRODUCER = "urn:revfs:run";
  private static final String EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json";
  private static final String FACETS = "https://openlineage.io/spec/facets/";
  private static final String SHELL = "shell";

  /** A shell's exit status of a command that a signal killed: this and its number. */
  private static final int SIGNALS = 128;

  private OpenLineage() {}

  /** Returns the events, in the order of their times: the body that a server's batches have. */
  public static ArrayNode of(Trace trace) {
    return JsonNodeFactory.instance.arrayNode().add(began(trace)).add(ended(trace));
  }

  private static ObjectNode event(Trace trace, String type, Instant at) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("eventType", type);
    event.put("eventTime", at.toString());
    event.put("producer", PRODUCER);
    event.put("schemaURL", EVENT + "#/$defs/RunEvent");
    event.putObject("run").put("runId", runId(trace).toString());
    event
        .putObject("job")
        .put("namespace", "file")
        .put("name", trace.root() + ": " + trace.commandLine());
    return event;
  }

  /** What is known before the command does anything. */
  private static ObjectNode began(Trace trace) {
    ObjectNode event = event(trace, "START", trace.began());
    ObjectNode facets = ((ObjectNode) event.get("job")).putObject("facets");
    ObjectNode code = facet(facets, "sourceCode", "1-0-1/SourceCodeJobFacet.json");
    code.put("language", SHELL).put("sourceCode", trace.commandLine());
    if (!trace.commit().isEmpty()) {
      ObjectNode place =
          facet(facets, "sourceCodeLocation", "1-0-1/SourceCodeLocationJobFacet.json");
      place.put("type", "git").put("url", Path.of(trace.root()).toUri().toString());
      place.put("version", trace.commit());
    }
    return event;
  }

  /** A record may be incomplete of a command that did what it should: that is no failure of it. */
  private static String ending(Trace trace) {
    boolean killed = trace.exit() == Trace.NO_EXIT || trace.exit() > SIGNALS;
    return killed ? "ABORT" : trace.exit() == 0 ? "COMPLETE" : "FAIL";
  }

  private static ObjectNode ended(Trace trace) {
    ObjectNode event = event(trace, ending(trace), trace.ended());
    ObjectNode facets = ((ObjectNode) event.get("run")).putObject("facets");
    ObjectNode time = facet(facets, "nominalTime", "1-0-1/NominalTimeRunFacet.json");
    time.put("nominalStartTime", trace.began().toString());
    time.put("nominalEndTime", trace.ended().toString());
    if (trace.exit() != 0 || !trace.isComplete()) {
      String exit = trace.exit() == Trace.NO_EXIT ? "" : "exit status " + trace.exit();
      String join = exit.isEmpty() || trace.isComplete() ? "" : ": ";
      facet(facets, "errorMessage", "1-0-1/ErrorMessageRunFacet.json")
          .put("message", exit + join + trace.incomplete())
          .put("programmingLanguage", SHELL);
    }
    ArrayNode inputs = event.putArray("inputs");
    ArrayNode outputs = event.putArray("outputs");
    for (List<TracedPath> part : List.of(trace.paths(), trace.outside())) {
      for (TracedPath path : part) {
        if (OfTheSystem.is(path.path())) {
          continue;
        }
        if (path.isInput()) {
          inputs.add(dataset(trace, path, path.before()));
        }
        if (path.isOutput()) {
          outputs.add(dataset(trace, path, path.after()));
        }
      }
    }
    return event;
  }

  /** Returns the run's name as OpenLineage wants it: the same for the same run each time. */
  static UUID runId(Trace trace) {
    return UUID.nameUUIDFromBytes(
        (trace.root() + "\0" + trace.id()).getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode facet(ObjectNode facets, String name, String schema) {
    ObjectNode facet = facets.putObject(name);
    return facet.put("_producer", PRODUCER).put("_schemaURL", FACETS + schema);
  }

  private static ObjectNode dataset(Trace trace, TracedPath path, Optional<Digest> version) {
    ObjectNode dataset = JsonNodeFactory.instance.objectNode();
    boolean outside = path.path().startsWith("/");
    dataset.put("namespace", "file");
    dataset.put("name", outside ? path.path() : trace.root() + "/" + path.path());
    ObjectNode facets = dataset.putObject("facets");
    version.ifPresent(
        digest ->
            facet(facets, "version", "1-0-1/DatasetVersionDatasetFacet.json")
                .put("datasetVersion", digest.toString()));
    return dataset;
  }
}

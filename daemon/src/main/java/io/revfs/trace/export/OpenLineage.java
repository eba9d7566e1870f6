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
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A trace as the event that ends a run in OpenLineage (2-0-2, RunEvent). Files are datasets of the
 * namespace {@code file}, by absolute path; their version is their digest.
 */
final class OpenLineage {
  private static final String PRODUCER = "urn:revfs:run";
  private static final String EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json";
  private static final String FACETS = "https://openlineage.io/spec/facets/";

  private OpenLineage() {}

  /** Returns the event. */
  public static ObjectNode of(Trace trace) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("eventType", !trace.isComplete() ? "ABORT" : trace.exit() == 0 ? "COMPLETE" : "FAIL");
    event.put("eventTime", trace.ended().toString());
    event.put("producer", PRODUCER);
    event.put("schemaURL", EVENT + "#/$defs/RunEvent");
    ObjectNode run = event.putObject("run");
    run.put("runId", runId(trace).toString());
    ObjectNode runFacets = run.putObject("facets");
    ObjectNode time = facet(runFacets, "nominalTime", "1-0-1/NominalTimeRunFacet.json");
    time.put("nominalStartTime", trace.began().toString());
    time.put("nominalEndTime", trace.ended().toString());
    ObjectNode job = event.putObject("job");
    job.put("namespace", "file").put("name", trace.root() + ": " + trace.commandLine());
    ObjectNode jobFacets = job.putObject("facets");
    ObjectNode code = facet(jobFacets, "sourceCode", "1-0-1/SourceCodeJobFacet.json");
    code.put("language", "shell").put("sourceCode", trace.commandLine());
    if (!trace.commit().isEmpty()) {
      ObjectNode place =
          facet(jobFacets, "sourceCodeLocation", "1-0-1/SourceCodeLocationJobFacet.json");
      place.put("type", "git").put("url", Path.of(trace.root()).toUri().toString());
      place.put("version", trace.commit());
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

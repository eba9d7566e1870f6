package io.revfs.trace.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.object.Digest;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What other programs read of a trace. */
class ExportsTest {
  private static final Digest ONE = Digest.md5("0123456789abcdef0123456789abcdef");
  private static final Digest TWO = Digest.md5("fedcba9876543210fedcba9876543210");

  private static TracedPath path(String path, EnumSet<Deed> deeds, Digest before, Digest after) {
    return new TracedPath(
        path,
        deeds,
        Optional.ofNullable(before),
        Optional.ofNullable(after),
        Optional.empty(),
        "",
        List.of(),
        0);
  }

  private static Trace trace(int exit, String incomplete) {
    return new Trace(
        "20260301-100000.000-0001",
        List.of("python", "train.py"),
        "/repo",
        "",
        "c0ffee",
        Instant.parse("2026-03-01T10:00:00Z"),
        Instant.parse("2026-03-01T10:01:00Z"),
        exit,
        incomplete,
        List.of(),
        List.of(
            path("data", EnumSet.of(Deed.READ), ONE, null),
            path("model", EnumSet.of(Deed.CREATED, Deed.WRITTEN), null, TWO),
            path("nothing", EnumSet.of(Deed.ABSENT), null, null)),
        List.of(path("/mnt/repo/current/x", EnumSet.of(Deed.READ), ONE, null)),
        "");
  }

  /** The event that ends a run. */
  private static JsonNode ending(Trace trace) {
    return OpenLineage.of(trace).get(1);
  }

  @Test
  void openLineage_hasInputsAndOutputsWithVersions() {
    JsonNode event = ending(trace(0, ""));
    assertEquals("COMPLETE", event.path("eventType").asText());
    assertEquals("/repo/data", event.at("/inputs/0/name").asText());
    assertEquals("/mnt/repo/current/x", event.at("/inputs/1/name").asText());
    assertEquals(2, event.path("inputs").size());
    assertEquals(1, event.path("outputs").size());
    assertEquals(TWO.toString(), event.at("/outputs/0/facets/version/datasetVersion").asText());
    assertTrue(event.at("/run/runId").asText().matches("[0-9a-f-]{36}"));
  }

  @Test
  void openLineage_isTheEventsOfOneRun_fromItsStartToItsEnd() {
    JsonNode events = OpenLineage.of(trace(0, ""));
    assertEquals(2, events.size());
    JsonNode start = events.get(0);
    assertEquals("START", start.path("eventType").asText());
    assertEquals("2026-03-01T10:00:00Z", start.path("eventTime").asText());
    assertEquals("2026-03-01T10:01:00Z", events.at("/1/eventTime").asText());
    assertEquals(start.at("/run/runId"), events.at("/1/run/runId"));
    for (String name : List.of("namespace", "name")) {
      assertEquals(start.path("job").path(name), events.at("/1/job").path(name));
    }
    assertEquals("c0ffee", start.at("/job/facets/sourceCodeLocation/version").asText());
  }

  @Test
  void openLineage_saysHowTheCommandEnded_notHowItsRecordDid() {
    assertEquals("FAIL", ending(trace(1, "")).path("eventType").asText());
    assertEquals("exit status 1", message(trace(1, "")));
    assertEquals("ABORT", ending(trace(137, "killed")).path("eventType").asText());
    assertEquals("exit status 137: killed", message(trace(137, "killed")));
    assertEquals("ABORT", ending(trace(Trace.NO_EXIT, "gone")).path("eventType").asText());
    assertEquals("gone", message(trace(Trace.NO_EXIT, "gone")));
    assertEquals("COMPLETE", ending(trace(0, "others changed x")).path("eventType").asText());
    assertEquals("exit status 0: others changed x", message(trace(0, "others changed x")));
  }

  private static String message(Trace trace) {
    return ending(trace).at("/run/facets/errorMessage/message").asText();
  }

  /** What the schema of OpenLineage 2-0-2 and those of the facets require. */
  @Test
  void openLineage_hasWhatItsSchemaRequires() {
    for (Trace trace : List.of(trace(0, ""), trace(3, ""), trace(Trace.NO_EXIT, "gone"))) {
      for (JsonNode event : OpenLineage.of(trace)) {
        checkEvent(event);
      }
    }
  }

  private static void checkEvent(JsonNode event) {
    Set<String> allowed =
        Set.of(
            "eventType", "eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs");
    assertTrue(allowed.containsAll(names(event)), "" + names(event));
    assertTrue(
        Set.of("START", "COMPLETE", "FAIL", "ABORT").contains(event.path("eventType").asText()));
    OffsetDateTime.parse(event.path("eventTime").asText());
    assertTrue(URI.create(event.path("producer").asText()).isAbsolute());
    assertTrue(URI.create(event.path("schemaURL").asText()).isAbsolute());
    UUID.fromString(event.at("/run/runId").asText());
    checkFacets(
        event.path("run"),
        Map.of(
            "nominalTime", List.of("nominalStartTime"),
            "errorMessage", List.of("message", "programmingLanguage")));
    checkNamed(event.path("job"));
    checkFacets(
        event.path("job"),
        Map.of(
            "sourceCode", List.of("language", "sourceCode"),
            "sourceCodeLocation", List.of("type", "url")));
    for (String side : List.of("inputs", "outputs")) {
      for (JsonNode dataset : event.path(side)) {
        checkNamed(dataset);
        checkFacets(dataset, Map.of("version", List.of("datasetVersion")));
      }
    }
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static void checkNamed(JsonNode node) {
    assertTrue(node.path("namespace").isTextual() && node.path("name").isTextual(), "" + node);
  }

  private static void checkFacets(JsonNode of, Map<String, List<String>> required) {
    assertTrue(required.keySet().containsAll(names(of.path("facets"))), of.toString());
    for (Map.Entry<String, JsonNode> facet : of.path("facets").properties()) {
      assertTrue(URI.create(facet.getValue().path("_producer").asText()).isAbsolute());
      assertTrue(URI.create(facet.getValue().path("_schemaURL").asText()).isAbsolute());
      for (String name : java.util.Objects.requireNonNull(required.get(facet.getKey()))) {
        assertTrue(facet.getValue().path(name).isTextual(), facet.toString());
      }
    }
  }

  @Test
  void whatIsOfTheSystem_isNoDataset() {
    Trace whole = trace(0, "");
    Trace more =
        new Trace(
            whole.id(),
            whole.command(),
            whole.root(),
            whole.directory(),
            whole.commit(),
            whole.began(),
            whole.ended(),
            whole.exit(),
            whole.incomplete(),
            whole.processes(),
            whole.paths(),
            List.of(
                path("/data/with space", EnumSet.of(Deed.READ), ONE, null),
                path("/home/u/.venv/x.py", EnumSet.of(Deed.READ), ONE, null),
                path("/opt/lib/libz.so.1", EnumSet.of(Deed.READ), ONE, null),
                path("/usr/bin/cat", EnumSet.of(Deed.EXECUTED), ONE, null)),
            "");
    assertEquals(2, ending(more).path("inputs").size());
    Set<String> entities = names(Prov.of(more).path("entity"));
    assertEquals(3, entities.size());
    assertTrue(entities.contains("revfs:file/data/with%20space@" + ONE), entities.toString());
  }

  @Test
  void prov_relatesTheRunToWhatItUsedAndGenerated() {
    JsonNode document = Prov.of(trace(0, ""));
    String run = document.path("activity").fieldNames().next();
    // All that the schema of PROV-JSON lets stand beside each other, and what it requires.
    assertEquals(Set.of("prefix", "entity", "activity", "used", "wasGeneratedBy"), names(document));
    for (JsonNode prefix : document.path("prefix")) {
      assertTrue(URI.create(prefix.asText()).isAbsolute());
    }
    OffsetDateTime.parse(document.at("/activity").path(run).path("prov:startTime").asText());
    for (String kind : List.of("used", "wasGeneratedBy")) {
      for (JsonNode relation : document.path(kind)) {
        assertTrue(document.path("activity").has(relation.path("prov:activity").asText()));
        assertTrue(document.path("entity").has(relation.path("prov:entity").asText()));
      }
    }
    assertEquals(3, document.path("entity").size());
    assertEquals(2, document.path("used").size());
    assertEquals(run, document.at("/wasGeneratedBy/_:g0/prov:activity").asText());
    String model = document.at("/wasGeneratedBy/_:g0/prov:entity").asText();
    assertEquals(TWO.toString(), document.path("entity").path(model).path("revfs:digest").asText());
  }
}

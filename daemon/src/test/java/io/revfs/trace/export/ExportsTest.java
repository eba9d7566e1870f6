package io.revfs.trace.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.object.Digest;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
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
        List.of(path("/mnt/repo/current/x", EnumSet.of(Deed.READ), ONE, null)));
  }

  @Test
  void openLineage_hasInputsAndOutputsWithVersions() {
    JsonNode event = OpenLineage.of(trace(0, ""));
    assertEquals("COMPLETE", event.path("eventType").asText());
    assertEquals("/repo/data", event.at("/inputs/0/name").asText());
    assertEquals("/mnt/repo/current/x", event.at("/inputs/1/name").asText());
    assertEquals(2, event.path("inputs").size());
    assertEquals(1, event.path("outputs").size());
    assertEquals(TWO.toString(), event.at("/outputs/0/facets/version/datasetVersion").asText());
    assertTrue(event.at("/run/runId").asText().matches("[0-9a-f-]{36}"));
    assertEquals("c0ffee", event.at("/job/facets/sourceCodeLocation/version").asText());
    assertEquals("FAIL", OpenLineage.of(trace(1, "")).path("eventType").asText());
    assertEquals("ABORT", OpenLineage.of(trace(137, "killed")).path("eventType").asText());
  }

  @Test
  void prov_relatesTheRunToWhatItUsedAndGenerated() {
    JsonNode document = Prov.of(trace(0, ""));
    String run = document.path("activity").fieldNames().next();
    assertEquals(3, document.path("entity").size());
    assertEquals(2, document.path("used").size());
    assertEquals(run, document.at("/wasGeneratedBy/_:g0/prov:activity").asText());
    String model = document.at("/wasGeneratedBy/_:g0/prov:entity").asText();
    assertEquals(TWO.toString(), document.path("entity").path(model).path("revfs:digest").asText());
  }
}

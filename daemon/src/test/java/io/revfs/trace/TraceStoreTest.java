package io.revfs.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.Digest;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces kept, found, followed, and let go. */
class TraceStoreTest {
  private static final String ROOT = "/work tree";
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  @TempDir Path directory;

  static String id(Instant at) {
    return RunIds.at(at, new Random(1));
  }

  static TracedPath read(String path, String text) {
    return path(path, EnumSet.of(Deed.READ), text, null);
  }

  static TracedPath made(String path, String text) {
    return path(path, EnumSet.of(Deed.CREATED, Deed.WRITTEN), null, text);
  }

  private static TracedPath path(String path, EnumSet<Deed> deeds, String before, String after) {
    return new TracedPath(
        path, deeds, digest(before), digest(after), Optional.empty(), "", List.of(), 0);
  }

  private static Optional<Digest> digest(String text) {
    return Optional.ofNullable(text)
        .map(is -> new Digest(Digest.Algorithm.MD5, TestData.md5(is.getBytes(UTF_8))));
  }

  static Trace trace(Instant at, String command, TracedPath... paths) {
    return new Trace(
        id(at),
        List.of(command),
        ROOT,
        "",
        "c0ffee",
        at,
        at.plusSeconds(1),
        0,
        "",
        List.of(),
        List.of(paths),
        List.of(),
        "");
  }

  private TraceStore open(Duration keep, long bytes) throws IOException {
    return TraceStore.open(directory.resolve("traces"), keep, bytes);
  }

  @Test
  void traces_areThereAfterItIsOpenedAgain() throws IOException {
    Trace trace = trace(NOW, "make", read("a.c", "a"), made("a.o", "o"));
    try (TraceStore store = open(Duration.ZERO, Long.MAX_VALUE)) {
      store.put(trace);
    }
    try (TraceStore store = open(Duration.ZERO, Long.MAX_VALUE)) {
      assertEquals(Optional.of(trace), store.get(trace.id()));
      assertEquals(List.of(trace.summary()), store.list(ROOT));
      assertEquals(List.of(), store.list("/another"));
      assertEquals(
          List.of(new TraceStore.Use(trace.id(), true, false, digest("a"), Optional.empty())),
          store.uses(ROOT, "a.c"));
      assertEquals(List.of(), store.uses(ROOT, "a"));
      assertEquals(Optional.empty(), store.get("no such"));
      assertEquals(Optional.empty(), store.get("schön"));
    }
  }

  @Test
  void whatIsTooOld_goes_andWhatLeadsToIt() throws IOException {
    try (TraceStore store = open(Duration.ofDays(10), Long.MAX_VALUE)) {
      store.put(trace(NOW.minus(Duration.ofDays(11)), "old", made("a", "1")));
      Trace young = trace(NOW, "young", made("a", "2"));
      store.put(young);
      assertEquals(List.of(young.summary()), store.list(""));
      assertEquals(1, store.uses(ROOT, "a").size());
    }
  }

  @Test
  void whatIsTooMuch_goes_theOldestFirst_andTheNewestStays() throws IOException {
    try (TraceStore store = open(Duration.ZERO, 1)) {
      for (int i = 0; i < 5; i++) {
        store.put(trace(NOW.plusSeconds(i), "run " + i, made("a", "" + i)));
      }
      assertEquals(List.of("run 4"), store.list("").getFirst().command());
      assertEquals(1, store.list("").size());
      assertEquals(1, store.uses(ROOT, "a").size());
    }
  }

  @Test
  void why_goesBackToTheSources() throws IOException {
    try (TraceStore store = open(Duration.ZERO, Long.MAX_VALUE)) {
      store.put(trace(NOW, "prepare", read("raw", "r"), made("clean", "c")));
      store.put(trace(NOW.plusSeconds(10), "train", read("clean", "c"), made("model", "m")));
      store.put(
          trace(NOW.plusSeconds(20), "prepare again", read("raw", "r2"), made("clean", "c2")));
      Lineage lineage = new Lineage(store, ROOT);
      Lineage.Origin model = lineage.why("model", digest("m"));
      assertEquals("train", model.run().orElseThrow().commandLine());
      assertTrue(model.exact());
      Lineage.Origin clean = model.from().getFirst();
      assertEquals("prepare", clean.run().orElseThrow().commandLine(), "not the later one");
      Lineage.Origin raw = clean.from().getFirst();
      assertEquals("raw", raw.path());
      assertTrue(raw.run().isEmpty());
      Lineage.Origin changed = lineage.why("model", digest("edited"));
      assertEquals("train", changed.run().orElseThrow().commandLine());
      assertEquals(false, changed.exact());
    }
  }

  @Test
  void uses_followWhatWasMade() throws IOException {
    try (TraceStore store = open(Duration.ZERO, Long.MAX_VALUE)) {
      store.put(trace(NOW, "prepare", read("raw", "r"), made("clean", "c")));
      store.put(trace(NOW.plusSeconds(10), "train", read("clean", "c"), made("model", "m")));
      Lineage lineage = new Lineage(store, ROOT);
      List<Lineage.Usage> usages = lineage.uses("raw", digest("r"));
      assertEquals("prepare", usages.getFirst().run().commandLine());
      Lineage.Made clean = usages.getFirst().made().getFirst();
      assertEquals("clean", clean.path());
      assertEquals("train", clean.usedBy().getFirst().run().commandLine());
      assertEquals(List.of(), lineage.uses("raw", digest("other")));
      assertEquals(1, lineage.uses("raw", Optional.empty()).size());
    }
  }

  @Test
  void aRunThatReadsWhatItWroteBefore_doesNotGoRoundInCircles() throws IOException {
    try (TraceStore store = open(Duration.ZERO, Long.MAX_VALUE)) {
      List<Trace> runs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        EnumSet<Deed> both = EnumSet.of(Deed.READ, Deed.WRITTEN);
        runs.add(trace(NOW.plusSeconds(i), "step " + i, path("state", both, "" + i, "" + (i + 1))));
        store.put(runs.getLast());
      }
      Lineage.Origin at = new Lineage(store, ROOT).why("state", digest("4"));
      int depth = 0;
      while (at.run().isPresent()) {
        at = at.from().getFirst();
        depth++;
      }
      assertEquals(4, depth);
    }
  }

  @Test
  void differences_areByPath() {
    Trace older = trace(NOW, "x", read("same", "1"), read("changed", "1"), read("gone", "1"));
    Trace newer = trace(NOW, "x", read("same", "1"), read("changed", "2"), made("new", "1"));
    List<TraceDiff.Change> changes = TraceDiff.between(older, newer);
    assertEquals(
        List.of("changed", "gone", "new"), changes.stream().map(TraceDiff.Change::path).toList());
    assertTrue(changes.getFirst().isOtherInput());
    assertEquals(List.of(), TraceDiff.between(older, older));
  }
}

package io.revfs.dvc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.dvc.lock.DvcLock;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.dvc.lock.LockFileWriter;
import io.revfs.text.YamlDocument;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A stage is replaced in the text, and nothing else is touched. */
class LockFileWriterTest {
  private static LockFileWriter writer(String text) throws DvcFormatException {
    return LockFileWriter.of("dvc.lock", Optional.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static LockEntry entry(String command, Object value) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("path", "out");
    out.put("hash", "md5");
    out.put("md5", "b026324c6904b2a9cb4b88d6d61c81d1");
    return new LockEntry(
        command, List.of(), Map.of("params.yaml", Map.of("a", value)), List.of(out));
  }

  @Test
  void aNewFile_hasTheSchema() throws DvcFormatException {
    LockFileWriter lock = LockFileWriter.of("dvc.lock", Optional.empty());
    lock.put("one", entry("x", 1L));
    lock.put("two@a", entry("y", 2L));
    String text = new String(lock.toBytes(), StandardCharsets.UTF_8);
    assertTrue(text.startsWith("schema: '2.0'\nstages:\n  one:\n    cmd: x\n"), text);
    assertTrue(text.contains("\n  two@a:\n    cmd: y\n"), text);
    assertEquals(
        2, DvcLock.parse("dvc.lock", text.getBytes(StandardCharsets.UTF_8)).stages().size());
  }

  @Test
  void commentsAndOtherKeys_stay() throws DvcFormatException {
    String text =
        """
        # top
        schema: '2.0'
        stages:
          # before one
          one:
            cmd: x # why
            # inside
          two:
            cmd: |
              several
            # two's
        # after

        datasets:
        - name: d
          type: url
        """;
    LockFileWriter lock = writer(text);
    assertNull(lock.stage("three"));
    lock.put("two", entry("y", 1L));
    lock.put("three", entry("z", 1L));
    String after = lock.toString();
    assertTrue(after.startsWith(text.substring(0, text.indexOf("  two:"))), after);
    assertTrue(after.endsWith("datasets:\n- name: d\n  type: url\n"), after);
    assertTrue(after.indexOf("  three:") < after.indexOf("datasets:"), after);
    assertEquals(3, DvcLock.parse("x", after.getBytes(StandardCharsets.UTF_8)).stages().size());
  }

  @Test
  void oddForms_areWrittenAsAWhole() throws DvcFormatException {
    for (String text :
        List.of(
            "schema: '2.0'\nstages: {one: {cmd: x}}\n",
            "schema: '2.0'\nstages:\n  'one': {cmd: x}\n",
            "schema: '2.0'\nstages:\n    one:\n        cmd: x\n",
            "stages:\n  one: &a\n    cmd: x\n  other: *a\nschema: '2.0'\n",
            "schema: '2.0'\nstages:\n  one:\n    cmd: x")) {
      LockFileWriter lock = writer(text);
      lock.put("two", entry("y", 1L));
      assertTrue(lock.isChanged());
      DvcLock read = DvcLock.parse("x", lock.toBytes());
      assertEquals("x", read.stages().get("one").command(), text);
      assertEquals("y", read.stages().get("two").command(), text);
    }
  }

  /** The short way does what editing the whole document does. */
  @Test
  void randomStages_areAsInTheDocument() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    LockFileWriter lock = LockFileWriter.of("dvc.lock", Optional.empty());
    YamlDocument document = YamlDocument.parse("");
    document.apply(Map.of("schema", "2.0"));
    List<Object> values = List.of(1L, 0.5, "text", "it's: odd", true, "123", "ü\n", List.of(1L));
    for (int i = 0; i < 200; i++) {
      String name = "s" + random.nextInt(12) + (random.nextBoolean() ? "@k-1.5" : "");
      LockEntry entry =
          entry("run " + random.nextInt(3), values.get(random.nextInt(values.size())));
      lock.put(name, entry);
      document.put(List.of("stages", name), entry.toMap());
      assertEquals(document.toString(), lock.toString(), "-Drevfs.seed=" + seed);
      assertEquals(
          ((Map<?, ?>) document.value().get("stages")).get(name), lock.stage(name), "" + seed);
    }
  }
}

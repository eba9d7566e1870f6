package io.revfs.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Texts in DVC's style, and changes that leave the rest alone. */
class YamlDocumentTest {
  private static final List<String> WORDS =
      List.of(
          "a",
          "12",
          "1e5",
          "012",
          "true",
          "null",
          "",
          "a: b",
          "it's",
          "l1\nl2",
          " lead",
          "日本",
          "python train.py --epochs 10",
          "0123456789",
          "12e4");

  @Test
  void texts_areQuotedAndFoldedAsInDvcFiles() {
    Map<String, Object> stage = new LinkedHashMap<>();
    stage.put(
        "cmd",
        "printf '%s\\n' \"tool --verbose --name 'two words' --sizes 1 2 --nested.depth 3\" >"
            + " dictcmd.txt");
    assertEquals(
        """
        cmd: printf '%s\\n' "tool --verbose --name 'two words' --sizes 1 2 --nested.depth 3"
          > dictcmd.txt
        """,
        YamlDocument.write(stage));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("md5", "12345678901234567890123456789012");
    out.put("path", "quo'te \"x\" #1.txt");
    out.put("desc", null);
    out.put("labels", List.of());
    assertEquals(
        """
        outs:
        - md5: '12345678901234567890123456789012'
          path: "quo'te \\"x\\" #1.txt"
          desc:
          labels: []
        """,
        YamlDocument.write(Map.of("outs", List.of(out))));
  }

  @Test
  void aChange_keepsCommentsAndOrder() throws Exception {
    YamlDocument document =
        YamlDocument.parse(
            """
            # Source: measured by hand
            outs:
            - md5: aaa
              size: 29  # bytes
              path: data.csv
            meta: {owner: me}
            """);
    document.apply(
        Map.of(
            "outs",
            List.of(new LinkedHashMap<>(Map.of("md5", "bbb", "size", 7, "path", "data.csv"))),
            "meta",
            Map.of("owner", "me"),
            "frozen",
            true));
    assertEquals(
        """
        # Source: measured by hand
        outs:
        - md5: bbb
          size: 7   # bytes
          path: data.csv
        meta: {owner: me}
        frozen: true
        """,
        document.toString());
  }

  @Test
  void randomChanges_haveTheValueThatWasWanted() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      Map<String, Object> before = map(random, 0);
      Map<String, Object> after = map(random, 0);
      String text = YamlDocument.write(before);
      YamlDocument document = YamlDocument.parse(text);
      String message = "seed " + seed + "\n" + text + "\n" + after;
      assertEquals(text, YamlDocument.write(document.value()), message);
      document.apply(after);
      assertEquals(after, document.value(), message);
      document.apply(before);
      assertEquals(before, document.value(), message);
    }
  }

  private static Map<String, Object> map(Random random, int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      map.put("k" + random.nextInt(4), value(random, depth + 1));
    }
    return map;
  }

  private static Object value(Random random, int depth) {
    int kind = random.nextInt(depth > 3 ? 3 : 6);
    if (kind == 3) {
      return map(random, depth);
    }
    if (kind == 4) {
      List<Object> list = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        list.add(value(random, depth + 1));
      }
      return list;
    }
    return kind == 0
        ? (Object) (long) random.nextInt(100)
        : WORDS.get(random.nextInt(WORDS.size()));
  }
}

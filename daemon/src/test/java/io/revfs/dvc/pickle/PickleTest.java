package io.revfs.dvc.pickle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcSide;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pickles, read and written by real Python too. */
class PickleTest {
  private static final String VALUE =
      """
      {"args": (), "kwargs": {"t": ["a", "b", "a"], "yes": True, "no": False, "none": None,
       "i": [0, 255, 65535, -1, 2147483648, 123456789012345678901234567890], "f": [2.5, -1e300],
       "s": "Gr\\u00fc\\u00dfe \\U0001F600 \\\\ \\n", "empty": [{}, [], (), ""], "tuple": (1, (2, 3), (4, 5, 6), (7, 8, 9, 0)),
       "long": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}
      """;

  @TempDir Path directory;

  private static Map<?, ?> map(@Nullable Object value) {
    return (Map<?, ?>) value;
  }

  @Test
  void read_pythonsOfAllProtocols_areTheirValues() throws IOException {
    DvcSide python = new DvcSide(directory, directory);
    for (int protocol = 0; protocol <= 5; protocol++) {
      byte[] pickle = HexFormat.of().parseHex(python.run(VALUE, "pickle", protocol + ""));
      Map<?, ?> all = map(PickleReader.read(pickle));
      assertEquals(List.of(), all.get("args"));
      Map<?, ?> named = map(all.get("kwargs"));
      assertEquals(List.of("a", "b", "a"), named.get("t"));
      assertEquals(true, named.get("yes"));
      assertEquals(false, named.get("no"));
      assertTrue(named.containsKey("none") && named.get("none") == null);
      assertEquals(
          "[0, 255, 65535, -1, 2147483648, 123456789012345678901234567890]",
          String.valueOf(named.get("i")));
      assertEquals(List.of(2.5, -1e300), named.get("f"));
      assertEquals("Gr\u00fc\u00dfe \ud83d\ude00 \\ \n", named.get("s"));
      assertEquals("[{}, [], [], ]", String.valueOf(named.get("empty")));
      assertEquals("[1, [2, 3], [4, 5, 6], [7, 8, 9, 0]]", String.valueOf(named.get("tuple")));
      assertTrue(String.valueOf(named.get("long")).matches("x{256,}"));
      mutate(pickle, protocol);
    }
  }

  /** Whatever is in it, it is read or refused; nothing else happens. */
  private static void mutate(byte[] pickle, int protocol) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] broken = Arrays.copyOf(pickle, 1 + random.nextInt(pickle.length));
      for (int change = random.nextInt(4); change > 0; change--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      }
      try {
        var unused = PickleReader.read(broken);
      } catch (PickleException e) {
        assertTrue(String.valueOf(e.getMessage()).length() > 5);
      } catch (RuntimeException e) {
        throw new AssertionError("protocol " + protocol + ", seed " + seed + ", " + i, e);
      }
    }
  }

  @Test
  void written_isWhatPythonReads() throws IOException {
    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put("args", new Object[] {1, "two"});
    value.put("flags", Arrays.asList(true, false, null));
    value.put("text", "Gr\u00fc\u00dfe \ud83d\ude00 \\u0041 'q' \n");
    value.put("numbers", List.of(-5, 1L << 40, 2.5));
    value.put("nested", Map.of("a", Map.of("b", List.of())));
    Path file = directory.resolve("written");
    Files.writeString(file, PickleWriter.write(value), StandardCharsets.US_ASCII);
    assertEquals(
        "{\"args\": [1, \"two\"], \"flags\": [true, false, null], \"nested\": {\"a\": {\"b\": []}},"
            + " \"numbers\": [-5, 1099511627776, 2.5],"
            + " \"text\": \"Gr\\u00fc\\u00dfe \\ud83d\\ude00 \\\\u0041 'q' \\n\"}",
        new DvcSide(directory, directory).run("", "arguments", file.toString()));
  }

  private static void assertRefused(String why, byte[] pickle) {
    PickleException refused = assertThrows(PickleException.class, () -> PickleReader.read(pickle));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void programs_areRefused_andNotRun() {
    String touch = "touch " + directory.resolve("ran");
    assertRefused("not run", latin("cos\nsystem\n(V" + touch + "\ntR."));
    assertRefused("not run", latin("\u0080\u0004\u008c\u0005posix\u008c\u0006system\u0093."));
    assertRefused("not run", latin("(V" + touch + "\nios\nsystem\n."));
    assertRefused("more than plain", latin("\u0080\u0003C\u0001x.")); // bytes
    assertTrue(Files.notExists(directory.resolve("ran")));
  }

  @Test
  void whatHoldsItself_orUnfoldsToTooMuch_isRefused() {
    assertRefused("holds itself", latin("]q\0h\0a."));
    ByteArrayOutputStream laughs = new ByteArrayOutputStream();
    laughs.writeBytes(latin("]q\0"));
    for (int i = 1; i < 40; i++) {
      laughs.writeBytes(latin("]q" + (char) i + "(" + ("h" + (char) (i - 1)).repeat(9) + "e"));
    }
    laughs.writeBytes(latin("."));
    assertRefused("too large", laughs.toByteArray());
    assertRefused("cut off", new byte[0]);
    assertRefused("cut off", latin("}q\0X\u00ff\u00ff\u00ff\u007f"));
  }
}

package io.revfs.experiment.override;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.dvc.pipeline.PythonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hydra's grammar of overrides, as its documentation has it. */
class OverrideParserTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a=1             | 1
          a=-7            | -7
          a=1_000         | 1000
          a=0.1           | 0.1
          a=1e-3          | 0.001
          a=.5            | 0.5
          a=nan           | nan
          a=-inf          | -inf
          a=true          | True
          a=False         | False
          a=null          | None
          a=              | ''
          a=text          | 'text'
          a=two words     | 'two words'
          a='1'           | '1'
          a="it's"        | "it's"
          a='it\\'s'      | "it's"
          a=a/b-c.d@e     | 'a/b-c.d@e'
          a=012           | '012'
          a=[1,2.5,x]     | [1, 2.5, 'x']
          a=[]            | []
          a=[[1],[2, 3]]  | [[1], [2, 3]]
          a={b:1,c:{d:x}} | {'b': 1, 'c': {'d': 'x'}}
          a=one\\,two     | 'one,two'
          a=${b.c}        | '${b.c}'
          a=int('3')      | 3
          a=float(3)      | 3.0
          a=str(3)        | '3'
          a=bool(1)       | True
          a=sort([3,1,2]) | [1, 2, 3]
          a.b.c=1         | 1
          a@b=x           | 'x'
          """)
  void singleValues(String override, String repr) throws IOException {
    ParamOverride parsed = OverrideParser.parse(override);
    assertFalse(parsed.isSweep());
    assertEquals(repr.strip(), PythonText.repr(parsed.single()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a=1,2,3                    | [a=1, a=2, a=3]
          a=x,'y z',[1,2]            | [a=x, a=y z, a=[1,2]]
          +a=1,2                     | [+a=1, +a=2]
          a=choice(1,x)              | [a=1, a=x]
          a=range(1,4)               | [a=1, a=2, a=3]
          a=range(3)                 | [a=0, a=1, a=2]
          a=range(0,1,0.25)          | [a=0.0, a=0.25, a=0.5, a=0.75]
          a=range(0.1,0.4,0.1)       | [a=0.1, a=0.2, a=0.3]
          a=range(5,1,-2)            | [a=5, a=3]
          a=range(start=1,stop=3)    | [a=1, a=2]
          a=sort(3,1,2)              | [a=1, a=2, a=3]
          a=sort(1,2,3,reverse=true) | [a=3, a=2, a=1]
          a='1','true'               | [a='1', a='true']
          """)
  void sweeps(String override, String each) throws IOException {
    assertEquals(each.strip(), OverrideParser.parse(override).each().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "=1",
        "a",
        "+a",
        "a=[1",
        "a={b:1",
        "a={b}",
        "a='x",
        "a=1,,2",
        "a=,1",
        "a=1]",
        "a=f(1)",
        "a=range(1,2,0)",
        "a=range(2,1)",
        "a=range(x,2)",
        "a=choice()",
        "a=interval(0,1)",
        "a=glob(*)",
        "a=[choice(1,2)]",
        "a=x(y",
        "~a=1,2",
        "a=int(x)",
        "a=bool(x)",
        "a=x[1]"
      })
  void whatIsNoOverride_isRefusedInOneLine(String override) {
    OverrideException e =
        assertThrows(OverrideException.class, () -> OverrideParser.parse(override));
    assertTrue(e.getMessage().startsWith("Invalid `--set-param` value"), e.getMessage());
    assertFalse(e.getMessage().contains("\n"));
  }

  @Test
  void aGrid_isAllCombinations_theLastFastest() throws IOException {
    Map<String, List<String>> files =
        Overrides.byFile(List.of("a=1,2", "x.toml:b=5", "c=range(0,2)", "d=7"));
    assertEquals(
        "[a=1, c=0, d=7] [a=1, c=1, d=7] [a=2, c=0, d=7] [a=2, c=1, d=7]",
        String.join(
            " ",
            Overrides.grid(files).stream()
                .map(one -> String.valueOf(one.get("params.yaml")))
                .distinct()
                .toList()));
    assertEquals(List.of("b=5"), Overrides.grid(files).getFirst().get("x.toml"));
  }

  @Test
  void valuesOfAnyKind_areReadBackFromHowASweepWritesThem() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      Object value = random(random, 3);
      String override = "a=" + OverrideText.of(value) + ",0";
      ParamOverride parsed = OverrideParser.parse(override);
      List<?> values = ((ParamOverride.Value.Sweep) parsed.value().orElseThrow()).values();
      assertEquals(
          PythonText.repr(value), PythonText.repr(values.getFirst()), override + " " + seed);
    }
  }

  private static Object random(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextGaussian() * Math.pow(10, random.nextInt(-20, 20));
      case 2 -> random.nextBoolean();
      case 3, 4, 5 -> {
        String alphabet = "ab1.,:'\"\\[]{}()= -_$nulltrue";
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(8); n > 0; n--) {
          text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        yield text.toString();
      }
      case 6 -> {
        List<Object> list = new ArrayList<>();
        for (int n = random.nextInt(4); n > 0; n--) {
          list.add(random(random, depth - 1));
        }
        yield list;
      }
      default -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int n = random.nextInt(4); n > 0; n--) {
          map.put("k" + n, random(random, depth - 1));
        }
        yield map;
      }
    };
  }

  @Test
  void files_keepTheirCommentsAndTheirStyle() throws IOException {
    assertEquals(
        "# top\na: 5 # one\nb:\n  c: [1, 2]\n  d: x\n",
        apply("p.yaml", "# top\na: 1 # one\nb:\n  c: [1, 2]\n", "a=5", "+b.d=x"));
    assertEquals(
        "# top\na = 5 # one\n[b]\nc = \"x # y\" # two\nd = true\n",
        apply(
            "p.toml",
            "# top\na = 1 # one\n[b]\nc = \"w\" # two\n",
            "a=5",
            "b.c='x # y'",
            "+b.d=true"));
    assertEquals(
        "{\"a\": 5, \"b\": [1, 2.5]}", apply("p.json", "{\n \"a\": 1}", "a=5", "+b=[1,2.5]"));
    assertEquals(
        "import os\nA = 5  # one\n\nclass Train:\n    lr = 0.5\n",
        apply(
            "p.py",
            "import os\nA = 1  # one\n\nclass Train:\n    lr = 0.1\n",
            "A=5",
            "Train.lr=0.5"));
    assertEquals("a: 1\n", apply("p.yaml", "a: 1\nb: 2\n", "~b"));
    assertEquals(
        "a:\n  b: 1\n  c: 2\n",
        apply("p.yaml", "a:\n  b: 1\n", "a={c:2}").replace("c: 2\n", "c: 2\n"));
    assertThrows(OverrideException.class, () -> apply("p.py", "A = f(\n 1)\nB = 1\n", "+C={d:1}"));
  }

  private static String apply(String name, String text, String... overrides) throws IOException {
    return new String(
        ParamFile.apply(name, text.getBytes(StandardCharsets.UTF_8), List.of(overrides)),
        StandardCharsets.UTF_8);
  }
}

package io.revfs.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.dvc.DvcFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What .dvcignore hides; the rules and answers of DVC 3.67.1 where a comment does not say else. */
class DvcIgnoreTest {
  private final Map<String, String> files = new HashMap<>();

  private DvcIgnore rules(String... filesAndTexts) {
    for (int i = 0; i < filesAndTexts.length; i += 2) {
      files.put(filesAndTexts[i], filesAndTexts[i + 1]);
    }
    return new DvcIgnore(
        new DvcIgnore.Source() {
          @Override
          public Optional<byte[]> read(String path) {
            return Optional.ofNullable(files.get(path))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
          }

          @Override
          public boolean isProject(String directory) {
            return Set.of("projects/second").contains(directory);
          }
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '"',
      value = {
        "data/x.tmp .dvcignore:2:*.tmp",
        "data/x.txt -",
        "data/deep/cache/y.txt .dvcignore:4:data/**/cache/",
        "data/keep/cache/z.txt -",
        "data/build/o.txt .dvcignore:6:build/",
        "data/build.txt -",
        "data/a.bak .dvcignore:7:*.bak",
        "data/important.bak -",
        "data/#literal .dvcignore:9:\\#literal",
        "data/secret .dvcignore:11:**/secret",
        "data/s/secret/in.txt .dvcignore:11:**/secret",
        "data/abc .dvcignore:12:a?c",
        "data/abbc -",
        "data/x.dat .dvcignore:13:[xy].dat",
        "data/z.dat -",
        "data/doc/a.txt -",
        "doc/a.txt .dvcignore:10:doc/*.txt",
        "doc/sub/a.txt -",
        "logs/run.log .dvcignore:3:/logs/",
        "area/set/a.skip area/.dvcignore:1:*.skip",
        "area/set/only-here area/.dvcignore:2:/set/only-here",
        "area/set/sub/only-here -",
        "area/set/x.tmp -",
        "area/set/deep/d.txt area/.dvcignore:4:/set/deep/",
        "area/set/other/deep/e.txt -",
        "projects/second/items/1.txt \"in sub_repo:second\"",
        ".git :.git",
        "a/.git :.git",
        ".dvc/config :.dvc/",
      })
  void dvcsOwnTable(String path, String rule) throws IOException {
    DvcIgnore ignore =
        rules(
            ".dvcignore",
            "# comment\n*.tmp\n/logs/\ndata/**/cache/\n!data/keep/cache/\nbuild/\n*.bak\n"
                + "!important.bak\n\\#literal\ndoc/*.txt\n**/secret\na?c\n[xy].dat\n",
            "area/.dvcignore",
            "*.skip\n/set/only-here\n!x.tmp\n/set/deep/\n");
    DvcIgnore.Verdict verdict = ignore.verdict(path, false);
    assertEquals(rule, verdict.ignored() ? verdict.rule().orElse("?") : "-");
  }

  /** Git would ignore it: there an exception of a directory says nothing of what is in it. */
  @Test
  void anException_countsForWhatIsBelowToo() throws IOException {
    DvcIgnore ignore = rules(".dvcignore", "*.txt\n!keep\n");
    assertTrue(ignore.verdict("drop/a.txt", false).ignored());
    assertEquals(
        new DvcIgnore.Verdict(false, Optional.of(".dvcignore:2:!keep")),
        ignore.verdict("keep/deep/a.txt", false));
  }

  @Test
  void nothingBelowWhatIsHidden_isSeenAgain() throws IOException {
    DvcIgnore ignore = rules(".dvcignore", "out/\n!out/keep.txt\n", "out/.dvcignore", "!*\n");
    assertEquals(
        new DvcIgnore.Verdict(true, Optional.of(".dvcignore:1:out/")),
        ignore.verdict("out/keep.txt", false));
  }

  @Test
  void rulesForDirectories_sayNothingOfFiles() throws IOException {
    DvcIgnore ignore = rules(".dvcignore", "build/\nall/**\n*.d/\n");
    assertTrue(!ignore.verdict("build", false).ignored());
    assertTrue(ignore.verdict("build", true).ignored());
    assertTrue(ignore.verdict("all", true).ignored());
    assertTrue(ignore.verdict("all/x", false).ignored());
    assertTrue(ignore.verdict("x.d/y", false).ignored());
    assertTrue(!ignore.verdict("x.d", false).ignored());
  }

  @Test
  void aFileOfRulesThatIsHidden_isNotRead() throws IOException {
    DvcIgnore ignore = rules(".dvcignore", "/area/.dvcignore\n", "area/.dvcignore", "*.txt\n");
    assertTrue(!ignore.verdict("area/x.txt", false).ignored());
  }

  @Test
  void rarePatterns() throws IOException {
    DvcIgnore ignore =
        rules(
            ".dvcignore",
            "  *.sp \n[z-a]\n[!a]b\n[]x]c\nd[\n\\!e\n/\n!\n\n**\n!**/*.txt\nf\\*g\n\r\n*.cr\r\n");
    assertTrue(ignore.verdict("a.sp", false).rule().orElse("").endsWith(":10:**"));
    DvcIgnore some = rules(".dvcignore", "  *.sp \n[z-a]\n[!a]b\n[]x]c\nd[\n\\!e\nf\\*g\n*.cr\r\n");
    for (String hidden : "a.sp bb xc ]c !e f*g a.cr".split(" ")) {
      assertTrue(some.verdict(hidden, false).ignored(), hidden);
    }
    for (String seen : "ab yc d[ e fxg".split(" ")) {
      assertTrue(!some.verdict(seen, false).ignored(), seen);
    }
  }

  @Test
  void aBackslashAtTheEnd_isAnErrorThatNamesTheLine() {
    DvcIgnore ignore = rules(".dvcignore", "x\ny\\ \n");
    var failure = assertThrows(DvcFormatException.class, () -> ignore.verdict("x", false));
    assertEquals(".dvcignore:2: Invalid git pattern: 'y\\'", failure.getMessage());
  }
}

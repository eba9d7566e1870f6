package io.revfs.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground;
import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@code docs/experiments.md}: blocks with a file's name are written into that file, those of
 * a console are run line by line. What a command prints is as the page has it, {@code …} standing
 * for anything.
 */
class ExperimentsPageIT {
  private static final Path PAGE = Path.of("../docs/experiments.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+) ?(\\S*)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir Path directory;

  @Test
  void page_doesWhatItSays() throws IOException {
    String text = Files.readString(PAGE);
    Path here = Files.createDirectories(directory.resolve("try"));
    int commands = 0;
    try (Playground playground = new Playground(directory)) {
      Matcher blocks = BLOCK.matcher(text);
      while (blocks.find()) {
        if (!blocks.group(2).isEmpty()) {
          Files.writeString(here.resolve(blocks.group(2)), blocks.group(3));
          continue;
        }
        assertEquals("console", blocks.group(1), "what a block is for");
        for (String part : blocks.group(3).split("(?m)^\\$ ")) {
          if (!part.isEmpty()) {
            List<String> lines = part.lines().toList();
            check(lines.getFirst(), lines.subList(1, lines.size()), playground, here);
            commands++;
          }
        }
      }
    }
    assertTrue(commands > 20, commands + " commands");
    Path kept = Files.createDirectories(Path.of("target/experiments-page")); // to be looked at
    Matcher pictures = Pattern.compile("\\(pictures/(.*?)\\.png\\)").matcher(text);
    while (pictures.find()) {
      String name = pictures.group(1);
      assertTrue(Files.exists(PAGE.resolveSibling("pictures/" + name + ".png")), name);
      Files.copy(
          here.resolve(name + "/loss.tsv.png"),
          kept.resolve(name + ".png"),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void check(String command, List<String> expected, Playground playground, Path here)
      throws IOException {
    Outcome outcome = playground.run(here, command);
    assertEquals(0, outcome.exit(), () -> command + "\n" + outcome);
    List<String> lines = new ArrayList<>();
    outcome.out().lines().forEach(line -> lines.add(line.stripTrailing()));
    assertTrue(
        pattern(expected).matcher(String.join("\n", lines)).matches(),
        () -> command + " printed\n" + outcome.out() + outcome.err());
  }

  private static Pattern pattern(List<String> lines) {
    return Pattern.compile(
        lines.stream()
            .map(line -> List.of(line.split("…", -1)))
            .map(parts -> parts.stream().map(Pattern::quote).collect(Collectors.joining(".*")))
            .collect(Collectors.joining("\n")));
  }
}

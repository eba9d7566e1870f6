package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plots by the command as it is shipped: what it opens and draws is the caller's doing. */
class PlotsIT {
  @TempDir static Path directory;
  private static Playground playground;
  private static Path copy;

  @BeforeAll
  static void begin() throws IOException {
    playground = new Playground(directory);
    copy = playground.fresh(playground.unpack("06-experiments"), "main");
  }

  @AfterAll
  static void end() throws IOException {
    playground.close();
  }

  private static Outcome sh(String script) throws IOException {
    return playground.run(copy.resolve("repo"), script);
  }

  @Test
  void open_letsTheCallersBrowserShowThePage() throws IOException {
    Outcome opened =
        sh(
            "printf '#!/bin/sh\\necho \"$1\" >opened\\n' >../browser && chmod 755 ../browser"
                + " && BROWSER=$PWD/../browser dvc plots diff base main --open -o page");
    assertEquals(0, opened.exit(), opened.toString());
    Path page = copy.resolve("repo/page/index.html");
    assertEquals(page.toUri() + "\n", opened.out());
    assertEquals(page.toUri() + "\n", Files.readString(page.resolveSibling("opened")));
    Outcome none = sh("BROWSER=/nowhere dvc plots show --open -o page");
    assertEquals(1, none.exit());
    assertTrue(none.err().contains("no browser could be opened"), none.err());
  }

  @Test
  void export_runsTheCallersBrowser_andSaysIfThereIsNone() throws IOException {
    Outcome drawn = sh("SHELL=/bin/bash dvc plots diff base main --export svg -o drawn");
    assertEquals(0, drawn.exit(), drawn.toString());
    assertEquals(copy.resolve("repo/drawn/loss.csv.svg") + "\n", drawn.out());
    assertTrue(Files.readString(copy.resolve("repo/drawn/loss.csv.svg")).startsWith("<svg"));
    Path bare = Files.createDirectories(directory.resolve("bare"));
    for (String program : List.of("sh", "id", "timeout", "readlink")) {
      Files.createSymbolicLink(bare.resolve(program), Path.of("/usr/bin", program).toRealPath());
    }
    Outcome none =
        sh("dvc=$(command -v dvc); PATH=%s $dvc plots show --export png -o n".formatted(bare));
    assertEquals(255, none.exit(), none.toString());
    assertTrue(none.err().contains("needs Chromium or Chrome, and there is none"), none.err());
    assertTrue(none.err().contains("apt-get install chromium"), none.err());
    assertFalse(Files.exists(copy.resolve("repo/n")));
    Outcome broken = sh("REVFS_BROWSER=/bin/false dvc plots show --export png -o n");
    assertEquals(255, broken.exit());
    assertTrue(broken.err().contains("the browser failed (1)"), broken.err());
    Outcome unknown = sh("dvc plots show --export pdf");
    assertEquals(254, unknown.exit());
  }
}

package io.revfs.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real browser without a window, and without a network. */
public record Chromium(Path directory) {
  private static final long LIMIT_SECONDS = 120;

  /** Returns what the page is after its scripts have run. */
  public String dump(Path page) throws IOException {
    Path dump = directory.resolve("dump.html");
    run(dump, "--virtual-time-budget=100000", "--dump-dom", page.toUri().toString());
    return Files.readString(dump);
  }

  /** Takes a picture of a page. */
  public void screenshot(Path page, int width, int height, Path picture) throws IOException {
    run(
        directory.resolve("out.txt"),
        "--virtual-time-budget=100000",
        "--hide-scrollbars",
        "--window-size=" + width + "," + height,
        "--screenshot=" + picture,
        page.toUri().toString());
  }

  private void run(Path output, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "chromium",
                "--headless",
                "--no-sandbox", // tests run as root
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--user-data-dir=" + directory.resolve("profile")));
    command.addAll(List.of(words));
    Path log = directory.resolve("chromium.log");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(log.toFile())
            .start();
    try {
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      if (!ended || process.exitValue() != 0) {
        throw new IOException("chromium: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}

package io.revfs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.fuse.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A new project for each test, and one daemon for all. */
public abstract class DaemonProject {
  /** What DVC writes of a directory with the files {@code a} ("1") and {@code sub/b} ("22"). */
  protected static final String OF_DATA =
      """
      outs:
      - md5: deb8aa26b8e1feb9d4130410df092ed3.dir
        size: 5
        nfiles: 2
        hash: md5
        path: data
      """;

  @TempDir static Path shared;
  private static TestDaemon daemon;
  @TempDir protected Path directory;
  protected DaemonCalls dvc;

  @BeforeAll
  protected static void start() throws IOException {
    daemon = TestDaemon.start(shared.resolve("d"), "");
  }

  @AfterAll
  protected static void stop() throws IOException {
    daemon.close();
  }

  @BeforeEach
  protected final void makeProject() throws IOException {
    dvc = new DaemonCalls(daemon, Files.createDirectories(directory.resolve("p")));
    init();
  }

  /** Makes the project of a test in its directory. */
  protected void init() throws IOException {
    sh("git init -q");
    dvc.ok("init");
  }

  /** Takes another project from now on. */
  protected final void enter(Path root) {
    dvc = new DaemonCalls(daemon, root);
  }

  protected final Path path(String path) {
    return dvc.directory().resolve(path);
  }

  protected final String read(String path) throws IOException {
    return Files.readString(path(path));
  }

  protected final void write(String path, String text) throws IOException {
    Files.createDirectories(path(path).getParent());
    Files.writeString(path(path), text);
  }

  protected final String sh(String command) throws IOException {
    Shell.Result result = Shell.run(dvc.directory(), command);
    assertEquals(0, result.exit(), result::output);
    return result.output().strip();
  }
}

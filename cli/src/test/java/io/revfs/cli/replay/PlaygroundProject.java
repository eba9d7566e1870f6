package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A new project for each test, and one daemon for all of a class. The command is as shipped. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PlaygroundProject {
  private Path shared;
  private Playground playground;
  private Path project;

  @BeforeAll
  final void begin(@TempDir Path directory) throws IOException {
    shared = directory;
    playground = new Playground(directory);
  }

  @AfterAll
  final void end() throws IOException {
    playground.close();
  }

  @BeforeEach
  final void makeProject(TestInfo test) throws IOException {
    enter(Files.createDirectories(shared.resolve(test.getTestMethod().orElseThrow().getName())));
    init();
  }

  /** Makes the project of a test in its directory. */
  void init() throws IOException {
    sh("git init -q && dvc init -q && echo 1 > in.txt");
  }

  /** Takes another project from now on. */
  final void enter(Path directory) {
    project = directory;
  }

  final Path shared() {
    return shared;
  }

  final Playground playground() {
    return playground;
  }

  final Path project() {
    return project;
  }

  final void pipeline(String yaml) throws IOException {
    Files.writeString(project.resolve("dvc.yaml"), yaml);
  }

  /** Runs a script in the project. */
  Outcome run(String script) throws IOException {
    return playground.run(project, script);
  }

  /** Runs a script that must go well; returns what it printed. */
  final String sh(String script) throws IOException {
    Outcome outcome = run(script);
    assertEquals(0, outcome.exit(), outcome::toString);
    return outcome.out().strip();
  }
}

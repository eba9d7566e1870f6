package io.revfs.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DVC's locks: of the project, by flock and by hard links, and of paths. */
class LocksTest {
  @TempDir Path directory;
  private Project project;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void make() throws IOException {
    project = project("[core]\n    no_scm = True\n");
  }

  private Project project(String configuration) throws IOException {
    Files.createDirectories(directory.resolve(".dvc"));
    Files.writeString(directory.resolve(".dvc/config"), configuration);
    return Project.find(directory, Map.of("HOME", directory.toString()));
  }

  private Project hardLinked() throws IOException {
    return project("[core]\n    no_scm = True\n    hardlink_lock = true\n");
  }

  private Path path(String path) {
    return directory.resolve(path);
  }

  private Path file() throws IOException {
    return project.tmp().resolve("rwlock");
  }

  private JsonNode locks() throws IOException {
    return new ObjectMapper().readTree(Files.readString(file()));
  }

  private PathLocks paths() throws IOException {
    return new PathLocks(project, warnings::add);
  }

  @Test
  void projectLock_ofAnotherProcess_isHonoured() throws IOException {
    Path lock = project.tmp().resolve("lock");
    Process other =
        new ProcessBuilder("flock", lock.toString(), "sh", "-c", "echo locked; exec cat").start();
    try {
      assertEquals('l', other.getInputStream().read());
      assertThrows(LockedException.class, () -> ProjectLock.take(project, false));
    } finally {
      other.getOutputStream().close();
      other.onExit().join();
    }
    try (Closeable held = ProjectLock.take(project, false)) {
      int exit =
          new ProcessBuilder("flock", "-n", lock.toString(), "true")
              .start()
              .onExit()
              .join()
              .exitValue();
      assertEquals(1, exit);
      assertTrue(Files.readString(lock).strip().matches("\\d+"));
    }
  }

  @Test
  void projectLock_waits_untilItIsGivenBack() throws Exception {
    for (Project one : List.of(project, hardLinked())) {
      Closeable first = ProjectLock.take(one, false);
      CountDownLatch begun = new CountDownLatch(1);
      FutureTask<Boolean> second =
          new FutureTask<>(
              () -> {
                begun.countDown();
                ProjectLock.take(one, true).close();
                return true;
              });
      Thread.ofVirtual().start(second);
      begun.await();
      assertFalse(second.isDone());
      first.close();
      assertTrue(second.get());
    }
  }

  @Test
  void hardLinkLock_isALinkOfTwo_andLeavesNothing() throws IOException {
    Project linked = hardLinked();
    Path lock = linked.tmp().resolve("lock");
    try (Closeable held = ProjectLock.take(linked, false)) {
      assertEquals(2, Files.getAttribute(lock, "unix:nlink"));
      assertTrue(Files.getLastModifiedTime(lock).toInstant().isAfter(Instant.now()));
      assertThrows(LockedException.class, () -> ProjectLock.take(linked, false));
    }
    try (Stream<Path> left = Files.list(linked.tmp())) {
      assertEquals(List.of(), left.toList());
    }
    Files.writeString(lock, "left behind");
    Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minusSeconds(60)));
    ProjectLock.take(linked, false).close();
  }

  @Test
  void paths_takenForWriting_areBusyForAll_forReading_onlyForWriters() throws IOException {
    try (Closeable held = paths().take("run", List.of(path("in")), List.of(path("out")))) {
      assertEquals("run", locks().path("write").path(path("out").toString()).path("cmd").asText());
      assertEquals(
          ProcessHandle.current().pid(),
          locks().path("read").path(path("in").toString()).path(0).path("pid").asLong());
      paths().check(List.of(path("in"), path("other")), List.of(path("free")));
      for (Path busy : List.of(path("out"), path("out/below"), directory)) {
        assertThrows(LockedException.class, () -> paths().check(List.of(busy), List.of()));
      }
      var failure =
          assertThrows(
              LockedException.class, () -> paths().check(List.of(), List.of(path("in/x"))));
      assertTrue(failure.getMessage().contains("/in/x' is busy"), failure.getMessage());
      assertTrue(failure.getMessage().contains(": run"), failure.getMessage());
      paths().take("other", List.of(path("in")), List.of()).close();
    }
    assertEquals("{}", Files.readString(file()));
  }

  @Test
  void entriesOfProcessesThatAreGone_areRemoved() throws IOException {
    Process gone = new ProcessBuilder("true").start();
    gone.onExit().join();
    String entry = "{\"pid\": " + gone.pid() + ", \"cmd\": \"dvc repro\"}";
    Files.writeString(
        file(),
        "{\"write\": {\"%s\": %s}, \"read\": {\"%s\": [%s]}}"
            .formatted(path("out"), entry, path("in"), entry));
    paths().check(List.of(), List.of(path("out"), path("in")));
    assertEquals("{}", Files.readString(file()));
    assertEquals(2, warnings.size());
    assertTrue(warnings.getFirst().contains("had been killed"), warnings::getFirst);
  }

  @Test
  void aDamagedFile_isAnError_andStaysAsItIs() throws IOException {
    for (String damaged : List.of("{\"write\": {", "[]", "{\"read\": 1}")) {
      Files.writeString(file(), damaged);
      var failure =
          assertThrows(LockedException.class, () -> paths().check(List.of(path("x")), List.of()));
      assertTrue(failure.getMessage().contains("structure is corrupted"));
      assertEquals(damaged, Files.readString(file()));
    }
  }
}

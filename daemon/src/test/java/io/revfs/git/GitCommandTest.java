package io.revfs.git;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands of Git's as they are started. */
class GitCommandTest {
  @TempDir Path directory;

  private String shell(String command) throws IOException {
    return GitCommand.run(directory, 60, "-c", "alias.x=!" + command, "x").output();
  }

  /** An agent's socket is another one after each login; what leads to a repository is left out. */
  @Test
  void forACaller_itHasTheKeysOfThatPerson_andNotTheRepository() throws IOException {
    Map<String, String> variables =
        Map.of("SSH_AUTH_SOCK", "/agent", "GIT_DIR", "/elsewhere", "GIT_TRACE", "1");
    GitCommand.as(
        variables,
        () -> assertEquals("/agent--\n", shell("echo $SSH_AUTH_SOCK-$GIT_DIR-$GIT_TRACE")));
  }

  @Test
  void warnings_areNoOutput() throws IOException {
    assertEquals("out\n", shell("sh -c 'echo warning >&2; echo out'"));
    GitCommand.Result failed =
        GitCommand.run(directory, 60, "-c", "alias.x=!echo why >&2; false", "x");
    assertEquals("why", failed.output().lines().findFirst().orElse(""));
  }
}

package io.revfs.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlGroupTest {
  @TempDir Path root;

  private void limit(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text + "\n");
  }

  private long limitIn(String groups) throws IOException {
    return ControlGroup.memoryLimit(root, Files.writeString(root.resolve("own"), groups));
  }

  @Test
  void version2_theLeastOfAllAround() throws Exception {
    limit("a/memory.max", "1000");
    limit("a/b/memory.max", "max");
    assertEquals(1000, limitIn("0::/a/b\n"));
    assertEquals(Long.MAX_VALUE, limitIn("0::/other\n"));
  }

  @Test
  void version1_isKnownToo() throws Exception {
    limit("memory/memory.limit_in_bytes", "9223372036854771712");
    limit("memory/job/memory.limit_in_bytes", "734003200");
    assertEquals(734003200, limitIn("3:cpu,cpuacct:/\n2:memory:/job\n0::/\n"));
  }

  @Test
  void aContainersOwn_whateverThePathIsCalled() throws Exception {
    limit("memory.max", "5000");
    assertEquals(5000, limitIn("0::/system.slice/docker-1.scope\n"));
    assertEquals(5000, limitIn("0::/../../elsewhere\n"));
  }

  @Test
  void noGroups_isNoLimit() {
    assertEquals(Long.MAX_VALUE, ControlGroup.memoryLimit(root, root.resolve("absent")));
  }
}

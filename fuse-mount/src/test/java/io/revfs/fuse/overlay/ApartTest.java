package io.revfs.fuse.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MemoryTree;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.fuse.serve.FuseMounts;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while the kernel asks it something on its own behalf. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class ApartTest {
  @TempDir Path directory;

  /** Mounts, and looks a name up there whose answer never comes. */
  public static void main(String[] arguments) throws Exception {
    Path mount = Path.of(arguments[0]);
    MemoryTree tree = new MemoryTree().file("x", "content");
    FuseSession session = FuseMounts.mount(tree, mount, new MountOptions("apart", false, 3600));
    assertTrue(session.backend().startsWith("kernel"), session.backend());
    tree.fail(
        "lookup",
        () -> {
          System.out.println("asked");
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new AssertionError();
        });
    MountCalls.Descriptor unused = Apart.run(() -> MountCalls.directory(mount.resolve("x")));
  }

  @Test
  void killedWhileItWaitsForItself_theProcessEnds() throws Exception {
    Path mount = Files.createDirectory(directory.resolve("mnt"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ApartTest.class.getName(), mount.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      BufferedReader said = process.inputReader();
      String line = said.readLine();
      while (line != null && !line.equals("asked")) {
        line = said.readLine();
      }
      assertEquals("asked", line);
      process.destroyForcibly();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it waits for itself");
      assertFalse(Shell.run(directory, "ls mnt").exit() == 0, "nobody serves it");
    } finally {
      MountTable.force(mount); // should it hang all the same
    }
  }
}

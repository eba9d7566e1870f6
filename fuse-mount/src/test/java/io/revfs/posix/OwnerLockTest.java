package io.revfs.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerLockTest {
  @TempDir Path directory;

  /** Another process that holds a lock until its input ends. */
  public static void main(String[] arguments) throws Exception {
    try (OwnerLock lock = OwnerLock.take(Path.of(arguments[0])).orElseThrow()) {
      System.out.println("held");
      while (System.in.read() >= 0) {
        continue;
      }
    }
  }

  private static Process holder(Path file) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OwnerLockTest.class.getName(),
                file.toString())
            .start();
    assertEquals("held", process.inputReader().readLine());
    return process;
  }

  @Test
  void aLivingProcessHasIt_untilItIsKilled() throws Exception {
    Path file = directory.resolve("lock");
    Process other = holder(file);
    try {
      assertTrue(OwnerLock.take(file).isEmpty());
      assertEquals(OptionalLong.of(other.pid()), OwnerLock.owner(file));
      other.destroyForcibly();
      try (OwnerLock ours = OwnerLock.take(file).orElseThrow()) { // at once, or when it is gone
        assertEquals(OptionalLong.of(ProcessHandle.current().pid()), OwnerLock.owner(file));
        assertTrue(OwnerLock.take(file).isEmpty(), "this process has it");
        assertFalse(ours.toString().isEmpty());
      }
    } finally {
      other.destroyForcibly();
      assertTrue(other.waitFor(60, TimeUnit.SECONDS));
    }
  }

  /** As it is for the moment in which the one before has ended and his heir is not awake yet. */
  @Test
  void aLivingProcessThatIsNamed_hasIt_thoughItHasNoLockYet() throws Exception {
    Path file = directory.resolve("lock");
    Process heir = new ProcessBuilder("sleep", "600").start();
    try {
      String stat = Files.readString(Path.of("/proc/" + heir.pid() + "/stat"));
      String start = stat.split(" ")[21];
      Files.writeString(file, heir.pid() + "\n" + start + "\n");
      assertTrue(OwnerLock.take(file).isEmpty());
      assertEquals(OptionalLong.of(heir.pid()), OwnerLock.owner(file));
      Files.writeString(file, heir.pid() + "\n1" + start + "\n");
      OwnerLock.take(file).orElseThrow().close(); // its number was another's before
      assertEquals(OptionalLong.empty(), OwnerLock.owner(file));
      Files.writeString(file, heir.pid() + "\n" + start + "\n");
    } finally {
      heir.destroyForcibly();
      assertTrue(heir.waitFor(60, TimeUnit.SECONDS));
    }
    OwnerLock.take(file).orElseThrow().close();
  }

  @Test
  void whoWasKilledAndCannotEnd_isDying() throws Exception {
    // Its child stays a zombie, since a sleep asks nobody how he ended.
    Process parent =
        new ProcessBuilder("bash", "-c", "sleep 600 & echo $!; exec sleep 600").start();
    try {
      long zombie = Long.parseLong(parent.inputReader().readLine());
      Path name = Path.of("/proc/" + parent.pid() + "/comm");
      Await.until("it is bash still", () -> !Files.readString(name).contains("b"));
      ProcessHandle.of(zombie).orElseThrow().destroyForcibly();
      Await.until("it is not dying", () -> OwnerLock.isDying(zombie));
      assertFalse(OwnerLock.isDying(parent.pid()));
      new ProcessBuilder("kill", "-STOP", Long.toString(parent.pid())).start().waitFor();
      assertFalse(OwnerLock.isDying(parent.pid()), "stopped is not dying");
      assertFalse(OwnerLock.isDying(1));
    } finally {
      parent.destroyForcibly();
    }
  }

  /** Found in a build: a process that is gone between the opening of its status and the reading. */
  @Test
  void whoIsGoneWhileAsked_isNotDying() throws Exception {
    for (int i = 0; i < 30; i++) {
      Process shortLived = new ProcessBuilder("true").start();
      while (shortLived.isAlive()) {
        boolean unused = OwnerLock.isDying(shortLived.pid()); // either, but never an error
      }
      assertFalse(OwnerLock.isDying(shortLived.pid()));
    }
  }
}

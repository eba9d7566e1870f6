package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same through libfuse 2. The mount ends with its daemon. */
@Tag("slow")
class JnrAttachTest extends UserAttachTest {
  @Override
  String backend() {
    return "jnr";
  }

  @Override
  String expectedBackend() {
    return "jnr-fuse";
  }

  /** Nobody keeps the session: the next daemon finds a mount that is dead, and takes it away. */
  @Override
  void crash() throws Exception {
    daemon.kill();
    daemon.start();
  }

  /** By paths a file is not known any more once it is closed, so {@code commit} reads it. */
  @Override
  @Test
  void writtenOutputs_areHashedOnceTheyAreClosed() throws Exception {
    attach();
    shell("echo mine >set/a; echo new >set/new; echo other >model.bin");
    var committed = daemon.command(work, "commit", "force", true);
    assertEquals(0, committed.path("exit").asInt(-1), committed.toString());
    assertEquals("{}", daemon.command(work, "status").path("result").toString());
  }

  @Override
  long lookedAtAfterACrash() {
    return Long.MAX_VALUE;
  }

  @Override
  int kills() {
    return 0;
  }

  @Override
  @Test
  void killedDaemon_openFilesAndNewOnesGoOn() throws Exception {
    attach();
    assertEquals("mine", shell("echo mine >set/a; cat set/a"));
    daemon.kill();
    assertTrue(shell("").contains("not connected"), "the mount is dead");
    daemon.start();
    assertEquals("mine\nsame\n1", shell("cat set/a set/b; ls -d set | wc -l"));
  }
}

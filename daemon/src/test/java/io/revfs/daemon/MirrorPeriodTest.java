package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors of URLs follow by themselves. */
class MirrorPeriodTest {
  @TempDir Path directory;

  @Test
  void aMirror_isBroughtUpToDate_byThePeriodOfTheConfiguration() throws Exception {
    TestData data = new TestData(directory.resolve("data"));
    data.write("readme", "first");
    data.commit("v1");
    try (TestDaemon daemon =
        TestDaemon.start(directory.resolve("daemon"), "mirrors:\n  refresh: 1s\n")) {
      Path mount = daemon.mount("file://" + data.repository(), "mnt");
      assertEquals("first", Shell.run(mount, "cat branches/main/readme").output());
      data.write("readme", "second");
      data.commit("v2");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!Shell.run(mount, "cat branches/main/readme").output().equals("second")) {
        assertTrue(System.nanoTime() < deadline, "nobody asks for it, and it comes");
        Thread.sleep(50);
      }
      assertEquals("second", Shell.run(mount, "cat tags/v2/readme").output());
    }
  }
}

package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.fuse.Await;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.file.Path;
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
      // Nobody asks for it, and it comes.
      Await.equal("second", () -> Shell.run(mount, "cat branches/main/readme").output());
      assertEquals("second", Shell.run(mount, "cat tags/v2/readme").output());
    }
  }
}

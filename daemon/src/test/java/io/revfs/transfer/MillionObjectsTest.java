package io.revfs.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.fuse.Shell;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MillionObjectsTest {
  @TempDir Path directory;

  /** The manifest's text alone has 90 MB, and is written here too. */
  @Test
  @Tag("slow")
  void pushOfAMillionObjects_needsLittleMemory() throws Exception {
    Shell.Result result =
        Shell.run(
            directory,
            "'%s' %s -Xmx384m -XX:+UseSerialGC -cp '%s' %s '%s' 2>&1"
                .formatted(
                    Path.of(System.getProperty("java.home"), "bin", "java"),
                    System.getProperty("revfs.jvm.flags"),
                    System.getProperty("java.class.path"),
                    MillionObjects.class.getName(),
                    directory));
    assertEquals("10000 missing, 0 failed, 0 pushed", result.output().strip());
  }
}

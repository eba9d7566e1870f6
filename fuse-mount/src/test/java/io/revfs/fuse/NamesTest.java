package io.revfs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void parse_escapes_areUndone() {
    MountTable table =
        MountTable.parse(
            "36 35 0:30 / /a\\040b\\134c rw - fuse.revfs src\\011x rw\nbroken\n"
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    var mount = table.at(Path.of("/a b\\c")).orElseThrow();
    assertTrue(mount.isOurs());
    assertEquals("src\tx", mount.source());
  }

  @Test
  void fileNames_anyBytes_surviveBothWays() {
    var random = new java.util.Random(5);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      org.junit.jupiter.api.Assertions.assertArrayEquals(
          bytes, FileNames.encode(FileNames.decode(bytes)));
    }
  }
}

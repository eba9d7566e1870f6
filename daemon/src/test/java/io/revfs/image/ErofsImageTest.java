package io.revfs.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Images as the kernel shows them, against the trees that they were made from. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class ErofsImageTest {
  static final ImageSettings SETTINGS =
      new ImageSettings(
          946_684_800, 0, 0, List.of("trusted.overlay.redirect", "user.revfs.digest"));

  @TempDir Path directory;

  @Test
  void aRandomTree_isShownAsItWas() throws Throwable {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int entries : new int[] {0, 1, 5, 100, 1000, 20_000}) {
      RandomTree names = new RandomTree(random);
      ModelDirectory root = names.tree(entries);
      Path image = directory.resolve("image" + entries);
      ImageSummary summary = ErofsImage.write(root.asRoot(), image, SETTINGS);
      System.out.println(summary);
      try (MountedImage mounted = new MountedImage(image, directory.resolve("mount"), SETTINGS)) {
        long nodes = mounted.compare(root);
        assertEquals(
            nodes,
            summary.directories()
                + summary.objectFiles()
                + summary.inlineFiles()
                + summary.links());
        List<byte[]> absent = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
          absent.add(names.name());
        }
        mounted.compareAbsent(root, absent);
      }
    }
  }
}

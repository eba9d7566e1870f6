package io.revfs.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Shell;
import io.revfs.image.entry.ImageAttribute;
import io.revfs.image.entry.ImageEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code fsck.erofs} and {@code dump.erofs} say of images. Versions before 1.7 know no long
 * attribute prefixes (Debian 12 has 1.5), so images without are checked by all of them, and those
 * with them where they are known; the kernel judges both in {@link MountedImageTest}.
 */
class ErofsUtilsTest {
  private static final ImageSettings PLAIN = new ImageSettings(946_684_800, 0, 0, List.of());

  @TempDir Path directory;

  private String run(String script) throws IOException {
    Shell.Result result = Shell.run(directory, script);
    assertEquals(0, result.exit(), script + ": " + result.output());
    return result.output();
  }

  private boolean knowsPrefixes() throws IOException {
    Matcher version = Pattern.compile("(\\d+)\\.(\\d+)").matcher(run("fsck.erofs -V"));
    assertTrue(version.find());
    int minor = Integer.parseInt(version.group(2));
    return Integer.parseInt(version.group(1)) > 1 || minor >= 7;
  }

  @Test
  void fsck_findsNothingWrong() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    System.out.println("seed " + seed);
    ModelDirectory root = new RandomTree(new Random(seed)).tree(5000);
    Path plain = directory.resolve("plain");
    var unused = ErofsImage.write(root.asRoot(), plain, PLAIN);
    String judged = run("fsck.erofs plain"); // old versions say nothing if all is well
    assertTrue(judged.isEmpty() || judged.contains("No error"), judged);
    if (knowsPrefixes()) {
      Path prefixed = directory.resolve("prefixed");
      unused = ErofsImage.write(root.asRoot(), prefixed, MountedImageTest.SETTINGS);
      String found = run("fsck.erofs prefixed");
      assertTrue(found.isEmpty() || found.contains("No error"), found);
    }
  }

  @Test
  void dump_showsWhatWasWritten() throws Exception {
    ModelDirectory root = new ModelDirectory();
    root.add(
        new ImageEntry.ObjectFile(
            "big".getBytes(StandardCharsets.UTF_8),
            0444,
            List.of(ImageAttribute.own("user.revfs.digest", "md5:0")),
            3L << 40,
            "/files/md5/00/11".getBytes(StandardCharsets.UTF_8)));
    root.add(
        new ImageEntry.InlineFile(
            "small".getBytes(StandardCharsets.UTF_8), 0555, List.of(), new byte[100]));
    var unused = ErofsImage.write(root.asRoot(), directory.resolve("image"), PLAIN);
    String superblock = run("dump.erofs -s image").replaceAll(" +", " ");
    assertTrue(superblock.contains("inode count: 3\n"), superblock);
    assertTrue(superblock.contains("created: Sat Jan 1 00:00:00 2000"), superblock);
    assertTrue(superblock.contains("sb_csum mtime"), superblock);
    String big = run("dump.erofs --path=/big image");
    assertTrue(big.contains("Size: 3298534883328 "), big);
    assertTrue(big.contains("Layout: 4 "), big);
    assertTrue(big.contains("Inode size: 64 "), big);
    assertTrue(big.contains("0444/r--r--r--"), big);
    assertTrue(big.contains("2000-01-01 00:00:00"), big);
    String small = run("dump.erofs --path=/small image");
    assertTrue(small.contains("Layout: 2 "), small);
    assertTrue(small.contains("Inode size: 32 "), small);
  }
}

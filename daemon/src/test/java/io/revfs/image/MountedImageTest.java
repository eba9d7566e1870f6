package io.revfs.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Shell;
import io.revfs.image.entry.ImageAttribute;
import io.revfs.image.entry.ImageEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Images as the kernel shows them, against the trees that they were made from. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class MountedImageTest {
  static final ImageSettings SETTINGS =
      new ImageSettings(
          946_684_800, 0, 0, List.of("trusted.overlay.redirect", "user.revfs.digest"));

  private static final ImageSettings PLAIN = new ImageSettings(1, 70_000, 1000, List.of());

  @TempDir Path directory;

  @Test
  void randomTrees_areShownAsTheyAre() throws Throwable {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int entries : new int[] {0, 1, 5, 100, 1000, 10_000}) {
      ImageSettings settings = entries == 1000 ? PLAIN : SETTINGS;
      RandomTree names = new RandomTree(random);
      ModelDirectory root = names.tree(entries);
      Path image = directory.resolve("image" + entries);
      ImageSummary summary = ErofsImage.write(root.asRoot(), image, settings);
      try (MountedImage mounted = new MountedImage(image, directory.resolve("mount"), settings)) {
        long nodes = summary.directories() + summary.objectFiles();
        assertEquals(
            nodes + summary.inlineFiles() + summary.links(), mounted.compare(root), "nodes");
        List<byte[]> others = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
          others.add(names.name());
        }
        mounted.compareAbsent(root, others);
      }
    }
  }

  /** All are listed in order; of those looked up, each is found, and names next to it are not. */
  @Test
  void aMillionNamesThatAreHardToSort_areFound() throws Throwable {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    System.out.println("seed " + seed);
    RandomTree names = new RandomTree(new Random(seed));
    ModelDirectory root = new ModelDirectory();
    while (root.size() < 1_000_000) {
      root.add(new ImageEntry.InlineFile(names.name(), 0444, List.of(), new byte[0]));
    }
    Path image = directory.resolve("image");
    ImageSummary summary = ErofsImage.write(root.asRoot(), image, SETTINGS);
    assertEquals(1_000_000, summary.inlineFiles());
    try (MountedImage mounted = new MountedImage(image, directory.resolve("mount"), SETTINGS)) {
      MountedImage.compareListing(NativeFiles.bytes(directory.resolve("mount")), root);
      for (int i = 0; i < root.size(); i += 4) {
        assertNotNull(NativeFiles.status(mounted.path(root.all().get(i).name())));
      }
      mounted.compareAbsent(root, root.all().stream().limit(50_000).map(this::next)::iterator);
    }
  }

  /** Returns a name that is next to another's: longer by one byte, or greater in the last. */
  private byte[] next(ImageEntry entry) {
    byte[] name = entry.name();
    byte[] next = Arrays.copyOf(name, Math.min(255, name.length + 1));
    next[next.length - 1] = 2;
    return next;
  }

  @Test
  void aDeepTree_isWrittenAndShown() throws Throwable {
    ModelDirectory root = new ModelDirectory();
    ModelDirectory at = root;
    for (int i = 0; i < 1500; i++) {
      ModelDirectory below = new ModelDirectory();
      at.add(new ImageEntry.Directory(new byte[] {'d'}, 0555, List.of(), below));
      at = below;
    }
    Path image = directory.resolve("image");
    assertEquals(1501, ErofsImage.write(root.asRoot(), image, SETTINGS).directories());
    try (MountedImage mounted = new MountedImage(image, directory.resolve("mount"), SETTINGS)) {
      assertEquals(1501, mounted.compare(root));
    }
  }

  @Test
  void aDirectoryOfManyDirectories_countsItsLinks() throws Throwable {
    ModelDirectory root = new ModelDirectory();
    for (int i = 0; i < 66_000; i++) {
      byte[] name = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
      root.add(new ImageEntry.Directory(name, 0555, List.of(), (position, count) -> List.of()));
    }
    Path image = directory.resolve("image");
    var unused = ErofsImage.write(root.asRoot(), image, SETTINGS);
    try (MountedImage mounted = new MountedImage(image, directory.resolve("mount"), SETTINGS)) {
      NativeFiles.Status status = NativeFiles.status(NativeFiles.bytes(directory.resolve("mount")));
      assertNotNull(status);
      assertEquals(66_002, status.links());
      assertNotNull(NativeFiles.status(mounted.path("65999/..".getBytes(StandardCharsets.UTF_8))));
    }
  }

  @Test
  void aFullDisk_leavesNoFile() throws Exception {
    Path small = Files.createDirectories(directory.resolve("small"));
    NativeFiles.mountWritable("none", small, "tmpfs", "size=4m");
    try {
      ModelDirectory root = new RandomTree(new Random(1)).tree(10_000);
      var e =
          assertThrows(
              IOException.class,
              () -> ErofsImage.write(root.asRoot(), small.resolve("image"), SETTINGS));
      assertTrue(e.getMessage().contains("No space"), e.getMessage());
      try (var left = Files.list(small)) {
        assertEquals(0, left.count());
      }
    } finally {
      NativeFiles.unmount(small);
    }
  }

  /** An overlay over the image and two layers of objects, as sealed revisions have it. */
  @Test
  void anOverlay_readsObjectsOfDataOnlyLayers() throws Throwable {
    Path first = Files.createDirectories(directory.resolve("first/files/md5/ab"));
    Path second = Files.createDirectories(directory.resolve("second/files/md5/ab"));
    Files.writeString(first.resolve("c1"), "in the first layer");
    Files.writeString(second.resolve("c2"), "in the second layer");
    ModelDirectory root = new ModelDirectory();
    ModelDirectory below = new ModelDirectory();
    root.add(new ImageEntry.Directory(new byte[] {'d'}, 0555, List.of(), below));
    below.add(object("one", 18, "/files/md5/ab/c1"));
    below.add(object("two", 19, "/files/md5/ab/c2"));
    below.add(object("none", 7, "/files/md5/ab/c3"));
    below.add(object("empty", 0, "/files/md5/ab/c4"));
    byte[] small = "small".getBytes(StandardCharsets.UTF_8);
    below.add(new ImageEntry.InlineFile(new byte[] {'s'}, 0444, List.of(), small));
    Path image = directory.resolve("image");
    var unused = ErofsImage.write(root.asRoot(), image, SETTINGS);
    Path overlay = Files.createDirectories(directory.resolve("overlay"));
    try (MountedImage mounted = new MountedImage(image, directory.resolve("mount"), SETTINGS)) {
      String layers =
          directory.resolve("mount")
              + "::"
              + directory.resolve("first")
              + "::"
              + directory.resolve("second");
      NativeFiles.mount(
          "none", overlay, "overlay", "redirect_dir=on,metacopy=on,lowerdir=" + layers);
      try {
        assertEquals("in the first layer", Files.readString(overlay.resolve("d/one")));
        assertEquals("in the second layer", Files.readString(overlay.resolve("d/two")));
        assertEquals("small", Files.readString(overlay.resolve("d/s")));
        assertEquals("", Files.readString(overlay.resolve("d/empty")));
        assertEquals(7, Files.size(overlay.resolve("d/none")));
        assertThrows(IOException.class, () -> Files.readString(overlay.resolve("d/none")));
        Shell.Result attributes = Shell.run(overlay, "getfattr -d -m - d/one");
        assertTrue(attributes.output().contains("user.revfs.digest=\"md5:abc\""));
        byte[] one = NativeFiles.bytes(overlay.resolve("d/one"));
        assertEquals(List.of("user.revfs.digest"), NativeFiles.attributeNames(one));
      } finally {
        NativeFiles.unmount(overlay);
      }
    }
  }

  private static ImageEntry.ObjectFile object(String name, long size, String path) {
    return new ImageEntry.ObjectFile(
        name.getBytes(StandardCharsets.UTF_8),
        0444,
        List.of(ImageAttribute.own("user.revfs.digest", "md5:abc")),
        size,
        path.getBytes(StandardCharsets.UTF_8));
  }
}

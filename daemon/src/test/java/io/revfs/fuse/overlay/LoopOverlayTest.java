package io.revfs.fuse.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.fuse.Await;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.image.ErofsImage;
import io.revfs.image.ImageSettings;
import io.revfs.image.entry.ImageEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The way of older kernels, on whatever kernel there is. Needs root and a loop device. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class LoopOverlayTest {
  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void mount_showsNamesOfTheImage_andBytesOfTheFirstLayerThatHasThem() throws Exception {
    Path first = Files.createDirectories(directory.resolve("a:b,c\\d/files/x"));
    Path second = Files.createDirectories(directory.resolve("second/files/x"));
    Files.writeString(first.resolve("1"), "one");
    Files.writeString(second.resolve("1"), "ONE");
    Files.writeString(second.resolve("2"), "two");
    Path image = directory.resolve("image");
    var unused =
        ErofsImage.write(
            new ImageEntry.Directory(
                new byte[0],
                0555,
                List.of(),
                (position, count) ->
                    List.<ImageEntry>of(
                            new ImageEntry.InlineFile(
                                bytes("in"), 0444, List.of(), bytes("inline")),
                            new ImageEntry.ObjectFile(
                                bytes("one"), 0444, List.of(), 3, bytes("/files/x/1")),
                            new ImageEntry.ObjectFile(
                                bytes("two"), 0555, List.of(), 3, bytes("/files/x/2")))
                        .subList((int) position, 3)),
            image,
            new ImageSettings(946_684_800, 0, 0, List.of(ImageSettings.REDIRECT)));
    Path place = Files.createDirectories(directory.resolve("place"));
    LoopOverlay.mount(
        image,
        List.of(first.getParent().getParent(), second.getParent().getParent()),
        place,
        "revfs:test");
    try {
      assertEquals(
          "inline-one-two-", Shell.run(place, "for f in *; do cat $f; printf -; done").output());
      assertEquals("revfs:test", MountTable.read().at(place).orElseThrow().source());
      // The image is mounted nowhere, and its device goes with the overlay.
      assertEquals(
          1,
          MountTable.read().mounts().stream()
              .filter(m -> m.mountPoint().startsWith(directory))
              .count());
      assertEquals("1", Shell.run(directory, "losetup -nl -j image | wc -l").output());
    } finally {
      MountTable.unmount(place);
    }
    // Whoever looks at all such devices at this moment has it open.
    Await.equal("0", () -> Shell.run(directory, "losetup -nl -j image | wc -l").output());
  }
}

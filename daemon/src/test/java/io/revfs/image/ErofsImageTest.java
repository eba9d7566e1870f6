package io.revfs.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.image.entry.ImageAttribute;
import io.revfs.image.entry.ImageDirectory;
import io.revfs.image.entry.ImageEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of writing; what the kernel makes of images is in {@link MountedImageTest}. */
class ErofsImageTest {
  private static final ImageSettings SETTINGS = MountedImageTest.SETTINGS;

  @TempDir Path directory;

  private ImageSummary write(ImageDirectory root) throws IOException {
    return ErofsImage.write(
        new ImageEntry.Directory(new byte[0], 0555, List.of(), root),
        directory.resolve("image"),
        SETTINGS);
  }

  private static ImageEntry.InlineFile file(String name) {
    return new ImageEntry.InlineFile(
        name.getBytes(StandardCharsets.ISO_8859_1), 0444, List.of(), new byte[0]);
  }

  private static ImageDirectory names(String... names) {
    return (position, count) ->
        Arrays.stream(names)
            .skip(position)
            .limit(count)
            .<ImageEntry>map(ErofsImageTest::file)
            .toList();
  }

  @Test
  void sameTree_givesTheSameBytes() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    List<Path> images = new ArrayList<>();
    List<String> digests = new ArrayList<>();
    for (String name : List.of("first", "second")) {
      ModelDirectory root = new RandomTree(new Random(seed)).tree(3000);
      Path image = directory.resolve(name);
      digests.add(ErofsImage.write(root.asRoot(), image, SETTINGS).sha256());
      images.add(image);
    }
    assertArrayEquals(
        Files.readAllBytes(images.get(0)), Files.readAllBytes(images.get(1)), "seed " + seed);
    assertEquals(digests.get(0), digests.get(1));
    String sum = io.revfs.fuse.Shell.run(directory, "sha256sum first").output();
    assertEquals(sum.substring(0, 64), digests.getFirst());
  }

  @Test
  void unsortedNames_areRefused() throws Exception {
    for (ImageDirectory root :
        List.of(names("b", "a"), names("a", "a"), names("\u00ff", "a"), names("ab", "a"))) {
      var e = assertThrows(IllegalArgumentException.class, () -> write(root));
      assertTrue(e.getMessage().contains("does not come after"), e.getMessage());
      assertNothingIsLeft();
    }
  }

  @Test
  void whatCannotBeAName_isRefused() throws Exception {
    for (String name : List.of("", ".", "..", "a/b", "a\0b", "x".repeat(256))) {
      var e = assertThrows(IllegalArgumentException.class, () -> write(names(name)));
      assertTrue(e.getMessage().contains("cannot be a name"), e.getMessage());
      assertNothingIsLeft();
    }
  }

  @Test
  void whatCannotBeAnAttribute_isRefused() throws Exception {
    for (String name : List.of("revfs", "user.", "system.x", "user." + "x".repeat(256))) {
      ModelDirectory root = new ModelDirectory();
      List<ImageAttribute> attributes = List.of(ImageAttribute.own(name, ""));
      root.add(new ImageEntry.InlineFile(new byte[] {'a'}, 0444, attributes, new byte[0]));
      assertThrows(IllegalArgumentException.class, () -> write(root));
      assertNothingIsLeft();
    }
  }

  @Test
  void attributesThatAreTooMany_areRefused() throws Exception {
    List<ImageAttribute> attributes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      attributes.add(new ImageAttribute("user.a" + i, new byte[60_000], false));
    }
    ModelDirectory root = new ModelDirectory();
    root.add(new ImageEntry.InlineFile(new byte[] {'a'}, 0444, attributes, new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> write(root));
    assertNothingIsLeft();
  }

  @Test
  void aTreeThatCannotBeRead_leavesNoFile() throws Exception {
    ImageDirectory root =
        (position, count) -> {
          if (position > 2000) {
            throw new IOException("the listing broke off");
          }
          List<ImageEntry> page = new ArrayList<>();
          for (long i = position; i < position + count; i++) {
            page.add(file("%06d".formatted(i)));
          }
          return page;
        };
    var e = assertThrows(IOException.class, () -> write(root));
    assertEquals("the listing broke off", e.getMessage());
    assertNothingIsLeft();
  }

  @Test
  void aFileThatExists_staysAsItIs() throws Exception {
    Files.writeString(directory.resolve("image"), "mine");
    assertThrows(FileAlreadyExistsException.class, () -> write(names("a")));
    assertEquals("mine", Files.readString(directory.resolve("image")));
  }

  @Test
  void pages_areAskedForInOrderEachOnce() throws Exception {
    List<Long> asked = new ArrayList<>();
    ImageDirectory model = names("a", "b", "c");
    var unused =
        write(
            (position, count) -> {
              asked.add(position);
              return model.entries(position, count);
            });
    assertEquals(List.of(0L), asked);
  }

  private void assertNothingIsLeft() throws IOException {
    try (var files = Files.list(directory)) {
      assertFalse(files.findAny().isPresent());
    }
  }
}

package io.revfs.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.revfs.image.entry.ImageAttribute;
import io.revfs.image.entry.ImageEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An image while it is mounted, compared name by name with what it was made from. */
final class MountedImage implements AutoCloseable {
  private static final int DT_DIR = 4;
  private static final int DT_REG = 8;
  private static final int DT_LNK = 10;

  private final Path mountPoint;
  private final ImageSettings settings;
  private long nodes;

  MountedImage(Path image, Path mountPoint, ImageSettings settings) throws IOException {
    this.mountPoint = Files.createDirectories(mountPoint);
    this.settings = settings;
    try {
      NativeFiles.mount(image.toString(), mountPoint, "erofs", null);
    } catch (NativeFiles.NativeException e) {
      if (e.errno() != NativeFiles.ENOTBLK) {
        throw e;
      }
      mountOverLoopDevice(image); // before Linux 6.12
    }
  }

  private void mountOverLoopDevice(Path image) throws IOException {
    var result =
        io.revfs.fuse.Shell.run(
            mountPoint, "mount -o loop,ro -t erofs '" + image + "' '" + mountPoint + "'");
    assertEquals(0, result.exit(), result.output());
  }

  /** Compares all of it; returns how many nodes there were. */
  long compare(ModelDirectory root) throws Throwable {
    return compare(NativeFiles.bytes(mountPoint), root);
  }

  /** Compares what is shown at a path, by whatever mount; attributes excluded. */
  private long compare(byte[] path, ModelDirectory model) throws Throwable {
    nodes = 1;
    compareDirectory(path, model);
    return nodes;
  }

  private void compareDirectory(byte[] path, ModelDirectory model) throws Throwable {
    compareListing(path, model);
    DirectorySize.Counter counter = new DirectorySize.Counter();
    for (ImageEntry entry : model.all()) {
      nodes++;
      counter.add(entry.name(), entry instanceof ImageEntry.Directory);
      byte[] below = join(path, entry.name());
      compareEntry(below, entry);
      compareAttributes(below, entry);
      if (entry instanceof ImageEntry.Directory directory) {
        compareDirectory(below, (ModelDirectory) directory.content());
      }
    }
    NativeFiles.Status status = NativeFiles.status(path);
    assertNotNull(status);
    DirectorySize size = counter.end();
    assertEquals(size.bytes(), status.size(), "size of " + text(path));
    assertEquals(size.links(), status.links(), "links of " + text(path));
  }

  /** The names are all there, in order, and of their types. */
  static void compareListing(byte[] path, ModelDirectory model) throws Throwable {
    List<NativeFiles.Name> found = new ArrayList<>(NativeFiles.list(path));
    for (int i = 1; i < found.size(); i++) {
      int order = Arrays.compareUnsigned(found.get(i - 1).name(), found.get(i).name());
      assertEquals(-1, Integer.signum(order), "order of " + text(found.get(i).name()));
    }
    found.removeIf(name -> isDots(name.name()));
    assertEquals(model.all().size(), found.size(), "names in " + text(path));
    for (int i = 0; i < found.size(); i++) {
      ImageEntry entry = model.all().get(i);
      assertArrayEquals(entry.name(), found.get(i).name());
      assertEquals(type(entry), found.get(i).type(), "type of " + text(entry.name()));
    }
  }

  private static boolean isDots(byte[] name) {
    return Arrays.equals(name, new byte[] {'.'}) || Arrays.equals(name, new byte[] {'.', '.'});
  }

  private static int type(ImageEntry entry) {
    return switch (entry) {
      case ImageEntry.Directory directory -> DT_DIR;
      case ImageEntry.ObjectFile file -> DT_REG;
      case ImageEntry.InlineFile file -> DT_REG;
      case ImageEntry.SymbolicLink link -> DT_LNK;
    };
  }

  private void compareEntry(byte[] path, ImageEntry entry) throws Throwable {
    NativeFiles.Status status = NativeFiles.status(path);
    assertNotNull(status, "no " + text(path));
    assertEquals(settings.timeSeconds(), status.time(), "time of " + text(path));
    assertEquals(settings.user(), status.user(), "user of " + text(path));
    assertEquals(settings.group(), status.group(), "group of " + text(path));
    switch (entry) {
      case ImageEntry.Directory directory ->
          assertEquals(0040000 | directory.permissions(), status.mode(), text(path));
      case ImageEntry.ObjectFile file -> {
        assertEquals(0100000 | file.permissions(), status.mode(), text(path));
        assertEquals(file.size(), status.size(), "size of " + text(path));
        long near = Math.max(0, file.size() - 1000);
        byte[] zeros = new byte[(int) (file.size() - near)];
        assertArrayEquals(zeros, NativeFiles.read(path, near), "bytes of " + text(path));
      }
      case ImageEntry.InlineFile file -> {
        assertEquals(0100000 | file.permissions(), status.mode(), text(path));
        assertEquals(file.content().length, status.size(), "size of " + text(path));
        assertArrayEquals(file.content(), NativeFiles.read(path, 0), "bytes of " + text(path));
      }
      case ImageEntry.SymbolicLink link -> {
        assertEquals(0120777, status.mode(), text(path));
        assertEquals(link.target().length, status.size(), "size of " + text(path));
        assertArrayEquals(link.target(), NativeFiles.readLink(path), "target of " + text(path));
      }
    }
  }

  private static void compareAttributes(byte[] path, ImageEntry entry) throws IOException {
    Map<String, String> expected = new TreeMap<>();
    for (ImageAttribute attribute : entry.attributes()) {
      expected.put(attribute.name(), HexFormat.of().formatHex(attribute.value()));
    }
    if (entry instanceof ImageEntry.ObjectFile file && file.size() > 0) {
      expected.put("trusted.overlay.metacopy", "");
      expected.put("trusted.overlay.redirect", HexFormat.of().formatHex(file.object()));
    }
    Map<String, String> found = new TreeMap<>();
    for (String name : NativeFiles.attributeNames(path)) {
      found.put(name, HexFormat.of().formatHex(NativeFiles.attribute(path, name)));
    }
    assertEquals(expected, found, "attributes of " + text(path));
  }

  /** What is not there is not found: names before, between and after those that are. */
  void compareAbsent(ModelDirectory model, Iterable<byte[]> names) throws Throwable {
    for (byte[] name : names) {
      if (!model.contains(name)) {
        assertNull(NativeFiles.status(path(name)), "there is " + text(name));
      }
    }
  }

  byte[] path(byte[] name) {
    return join(NativeFiles.bytes(mountPoint), name);
  }

  private static byte[] join(byte[] path, byte[] name) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.writeBytes(path);
    joined.write('/');
    joined.writeBytes(name);
    return joined.toByteArray();
  }

  private static String text(byte[] path) {
    return new String(path, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    NativeFiles.unmount(mountPoint);
  }
}

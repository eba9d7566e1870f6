package io.revfs.cache.local;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Pins, kept beside the index: of all that is in it they alone cannot be found again on the disk. A
 * line each: algorithm, name, owner; lines of {@code -} take a pin back. Appended to, and rewritten
 * when opened.
 */
final class PinFile {
  private final Path file;

  private PinFile(Path file) {
    this.file = file;
  }

  /** The pins of a cache. They are not below {@code index}, which may be deleted at any time. */
  static PinFile in(Path cache) throws IOException {
    Path file = cache.resolve("pins");
    Path before = cache.resolve("index").resolve("pins"); // where they were until 2026-11
    if (Files.exists(before) && !Files.exists(file)) {
      Files.move(before, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return new PinFile(file);
  }

  List<ObjectTable.Pin> read() throws IOException {
    List<ObjectTable.Pin> pins = new ArrayList<>();
    if (!Files.exists(file)) {
      return pins;
    }
    for (String line : Files.readAllLines(file)) {
      String[] words = line.split(" ", 4);
      if (words.length < 4) {
        continue; // the last line of a process that was killed while it wrote
      }
      try {
        boolean manifest = words[2].endsWith(".dir");
        String hex = manifest ? words[2].substring(0, words[2].length() - 4) : words[2];
        ObjectKey key =
            new ObjectKey(new Digest(Digest.Algorithm.valueOf(words[1]), hex), manifest);
        ObjectTable.Pin pin = new ObjectTable.Pin(key, words[3]);
        if (words[0].equals("+")) {
          pins.add(pin);
        } else {
          pins.removeIf(pin::equals);
        }
      } catch (IllegalArgumentException e) {
        // Not a line of ours.
      }
    }
    return pins;
  }

  void rewrite(List<ObjectTable.Pin> pins) throws IOException {
    StringBuilder text = new StringBuilder();
    for (ObjectTable.Pin pin : pins) {
      text.append(line('+', pin));
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  void append(char sign, ObjectTable.Pin pin) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      channel.write(ByteBuffer.wrap(line(sign, pin).getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static String line(char sign, ObjectTable.Pin pin) {
    return "%c %s %s %s%n"
        .formatted(sign, pin.key().digest().algorithm().name(), pin.key().name(), pin.owner());
  }
}

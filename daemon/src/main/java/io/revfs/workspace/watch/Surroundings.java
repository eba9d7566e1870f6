package io.revfs.workspace.watch;

import io.revfs.fuse.FileNames;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.reach.Passages;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What decides about a directory's contents and lies outside of it, so no watch tells when it
 * changes: which directory it is that has the path, the rules of what is ignored, and what is
 * mounted inside. Few enough to be looked at each time. A value.
 *
 * @param device of the directory
 * @param inode of the directory
 * @param rules the {@code .dvcignore} files around it
 * @param mounts what is mounted in it
 */
record Surroundings(long device, long inode, List<String> rules, List<String> mounts) {
  /** Where a mount of ours lies over, names are not followed: that would lead through it. */
  private static Path real(Path place) throws IOException {
    return Passages.at(place).isPresent() ? Passages.shown(place) : place.toRealPath();
  }

  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final int MOUNT_POINT = 4;

  /**
   * Returns those of a directory.
   *
   * @param root of the project; rules count from there on
   * @return empty if it is no directory, or not in the project
   */
  static Optional<Surroundings> of(Path root, Path place) throws IOException {
    FileStat stat = Posix.stat(Posix.AT_FDCWD, FileNames.encode(place.toString()), true);
    if (stat == null || !stat.isDirectory() || !place.startsWith(root)) {
      return Optional.empty();
    }
    List<String> rules = new ArrayList<>();
    for (Path at = place.getParent(); at != null && at.startsWith(root); at = at.getParent()) {
      Path file = at.resolve(".dvcignore");
      rules.add(
          Files.isRegularFile(file)
              ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
              : "");
    }
    return Optional.of(new Surroundings(stat.device(), stat.inode(), rules, mounts(real(place))));
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(device);
    out.writeLong(inode);
    for (List<String> texts : List.of(rules, mounts)) {
      out.writeInt(texts.size());
      for (String text : texts) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
      }
    }
  }

  /** Returns what was written. */
  static Surroundings read(DataInputStream in) throws IOException {
    long device = in.readLong();
    long inode = in.readLong();
    List<List<String>> texts = List.of(new ArrayList<>(), new ArrayList<>());
    for (List<String> some : texts) {
      for (int left = in.readInt(); left > 0; left--) {
        some.add(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
      }
    }
    return new Surroundings(device, inode, texts.get(0), texts.get(1));
  }

  private static List<String> mounts(Path place) throws IOException {
    String at = place.toString();
    String below = at + "/";
    List<String> mounts = new ArrayList<>();
    String all = new String(Files.readAllBytes(MOUNTS), StandardCharsets.UTF_8);
    for (String line : all.split("\n")) {
      String[] words = line.split(" ", MOUNT_POINT + 2);
      if (words.length > MOUNT_POINT) {
        String point = unescaped(words[MOUNT_POINT]);
        if (point.equals(at) || point.startsWith(below)) {
          mounts.add(line);
        }
      }
    }
    return mounts;
  }

  /** The kernel writes space, tab, line feed and backslash as three octal digits. */
  private static String unescaped(String path) {
    return path.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }

  boolean isRoot(FileStat stat) {
    return stat.device() == device && stat.inode() == inode;
  }
}

package io.revfs.fuse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernel's table of mounts as this process sees it (/proc/self/mountinfo, proc(5)), and taking
 * mounts away. Never touches a mounted file system itself, which might hang; child processes with a
 * time limit do.
 */
public final class MountTable {
  private static final long COMMAND_SECONDS = 10;

  /** A mount whose server is gone is told at once; on a busy machine the command itself takes. */
  private static final long STALE_SECONDS = 5;

  private static final String OVER = "@";
  private static final Pattern OVERLAY = Pattern.compile("revfs:.*" + OVER + "(\\d+)");

  private final List<Mount> mounts;

  /**
   * One line.
   *
   * @param id the mount's number; a later mount has a greater one
   * @param device the file system's device, as {@code major:minor}
   * @param mountPoint where
   * @param type the file system's type, {@code fuse.revfs} for ours
   * @param source what was mounted
   */
  public record Mount(int id, String device, Path mountPoint, String type, String source) {
    /** Returns whether revfs serves, or served, it. */
    public boolean isOurs() {
      return type.equals("fuse.revfs");
    }

    /** Returns whether it has this source, also {@link MountTable#over} a layer. */
    public boolean isFrom(String of) {
      return source.equals(of) || source.startsWith(of + OVER);
    }

    /** How the kernel's control file system names the connection of a FUSE mount. */
    private String minor() {
      return minorOf(device);
    }
  }

  private MountTable(List<Mount> mounts) {
    this.mounts = List.copyOf(mounts);
  }

  /** Reads the table as it is now. */
  public static MountTable read() throws IOException {
    return parse(Files.readAllBytes(Path.of("/proc/self/mountinfo")));
  }

  /** Reads the table as another process sees it, with paths from that one's root. */
  public static MountTable of(int process) throws IOException {
    return parse(Files.readAllBytes(Path.of("/proc", Integer.toString(process), "mountinfo")));
  }

  static MountTable parse(byte[] mountinfo) {
    List<Mount> found = new ArrayList<>();
    for (String line : FileNames.decode(mountinfo).split("\n")) {
      String[] words = line.split(" ");
      int dash = List.of(words).indexOf("-");
      if (dash < 6 || words.length < dash + 3) {
        continue;
      }
      found.add(
          new Mount(
              Integer.parseInt(words[0]),
              words[2],
              Path.of(unescape(words[4])),
              words[dash + 1],
              unescape(words[dash + 2])));
    }
    return new MountTable(found);
  }

  /** The kernel writes space, tab, newline and backslash as three octal digits. */
  private static String unescape(String word) {
    if (word.indexOf('\\') < 0) {
      return word;
    }
    byte[] in = word.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '\\' && i + 3 < in.length) {
        out.write((in[i + 1] - '0') * 64 + (in[i + 2] - '0') * 8 + (in[i + 3] - '0'));
        i += 3;
      } else {
        out.write(in[i]);
      }
    }
    return FileNames.decode(out.toByteArray());
  }

  /** Returns all mounts, in the kernel's order. */
  public List<Mount> mounts() {
    return mounts;
  }

  /** Returns the topmost mount at exactly this place. */
  public Optional<Mount> at(Path place) {
    Mount top = null;
    for (Mount mount : mounts) {
      if (mount.mountPoint().equals(place)) {
        top = mount;
      }
    }
    return Optional.ofNullable(top);
  }

  /**
   * Returns whether the process that served this mount is gone (ENOTCONN). A server that hangs is
   * not stale.
   */
  public static boolean isStale(Path mountPoint) throws IOException {
    Outcome stat = run(STALE_SECONDS, "stat", "-f", "--", mountPoint.toString());
    return stat.exit() != 0 && stat.output().contains("endpoint is not connected");
  }

  /** Takes a mount away from the name space at once, busy or not. */
  public static void detach(Path mountPoint) throws IOException {
    take(mountPoint, true);
  }

  /**
   * Takes a mount away.
   *
   * @throws IOException if it is busy
   */
  public static void unmount(Path mountPoint) throws IOException {
    take(mountPoint, false);
  }

  /**
   * Takes a mount away and ends its connection: every process that waits for it gets an error at
   * once, also where its server is stopped or hangs. Ending takes the kernel's control file system
   * (fusectl), which root mounts for the moment where it is not there. Who reads through an overlay
   * below it waits for a mount that is a layer of the overlay: such a connection is ended too, if
   * anybody waits for it.
   *
   * @return empty if all of that was done; else the mount is gone, and this is the number of the
   *     connection, which this user may not end, or cannot while fusectl is not mounted
   * @throws IOException if the mount cannot be taken away
   */
  public static OptionalInt force(Path mountPoint) throws IOException {
    return force(mountPoint, Path.of("/sys/fs/fuse/connections"));
  }

  static OptionalInt force(Path mountPoint, Path control) throws IOException {
    MountTable before = read();
    Mount mount =
        before
            .at(mountPoint)
            .filter(found -> found.type().startsWith("fuse"))
            .orElseThrow(() -> new IOException(mountPoint + " is no mount of FUSE's"));
    // First out of the name space, without looking at it, which might hang.
    Outcome detached = run(COMMAND_SECONDS, "umount", "-l", "-c", mountPoint.toString());
    if (detached.exit() != 0) {
      take(mountPoint, true);
    }
    List<String> layers = before.layersBelow(mountPoint);
    boolean ended =
        isControl(control)
            ? abort(control, mount.minor(), layers)
            : abortThroughOwnMount(mount.minor(), layers);
    return ended ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(mount.minor()));
  }

  private static boolean isControl(Path control) throws IOException {
    return read().at(control).filter(found -> found.type().equals("fusectl")).isPresent();
  }

  private static boolean abortThroughOwnMount(String minor, List<String> layers)
      throws IOException {
    Path own = Files.createTempDirectory("revfs-fusectl");
    try {
      Outcome mounted = run(COMMAND_SECONDS, "mount", "-t", "fusectl", "fusectl", own.toString());
      if (mounted.exit() != 0) {
        return false;
      }
      try {
        return abort(own, minor, layers);
      } finally {
        run(COMMAND_SECONDS, "umount", own.toString());
      }
    } finally {
      Files.deleteIfExists(own);
    }
  }

  /**
   * Returns the source of an overlay that has a mount of ours as a layer. That mount is in no
   * table, so the overlay's line says which it is.
   *
   * @param device of that mount, as {@code major:minor}
   */
  public static String over(String source, String device) {
    return source + OVER + minorOf(device);
  }

  private static String minorOf(String device) {
    return device.substring(device.indexOf(':') + 1);
  }

  /** Our own connections that are layers of overlays below a place. */
  private List<String> layersBelow(Path place) {
    Set<String> layers = new LinkedHashSet<>();
    for (Mount mount : mounts) {
      if (mount.type().equals("overlay") && mount.mountPoint().startsWith(place)) {
        Matcher source = OVERLAY.matcher(mount.source());
        if (source.matches()) {
          layers.add(source.group(1));
        }
      }
    }
    return List.copyOf(layers);
  }

  private static boolean abort(Path control, String minor, List<String> layers) throws IOException {
    boolean ended = abort(control, minor);
    for (String layer : layers) {
      if (isWaitedFor(control.resolve(layer).resolve("waiting"))) {
        ended &= abort(control, layer);
      }
    }
    return ended;
  }

  private static boolean isWaitedFor(Path waiting) throws IOException {
    try {
      return !Files.readString(waiting).strip().equals("0");
    } catch (NoSuchFileException e) {
      return false; // it is at its end
    }
  }

  /** Returns whether the connection is at its end. */
  private static boolean abort(Path control, String minor) throws IOException {
    try {
      Files.writeString(
          control.resolve(minor).resolve("abort"), "1", StandardOpenOption.WRITE); // never made
      return true;
    } catch (NoSuchFileException e) {
      return true; // the last one who had it open is gone, and so is all of it
    } catch (AccessDeniedException e) {
      return false;
    }
  }

  private static void take(Path mountPoint, boolean lazy) throws IOException {
    String place = mountPoint.toString();
    // As root umount(8); else the set-user-id helper of libfuse, in both of its names.
    List<List<String>> ways =
        List.of(
            lazy ? List.of("umount", "-l", place) : List.of("umount", place),
            lazy ? List.of("fusermount3", "-uz", place) : List.of("fusermount3", "-u", place),
            lazy ? List.of("fusermount", "-uz", place) : List.of("fusermount", "-u", place));
    String why = "";
    for (List<String> way : ways) {
      Outcome outcome = run(COMMAND_SECONDS, way.toArray(String[]::new));
      if (outcome.exit() == 0 || read().at(mountPoint).isEmpty()) {
        return;
      }
      why = outcome.output().strip();
      if (why.contains("busy")) {
        break;
      }
    }
    throw new IOException("cannot unmount " + place + ": " + why);
  }

  private record Outcome(int exit, String output) {}

  private static Outcome run(long seconds, String... command) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return new Outcome(127, command[0] + " is not installed");
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Outcome(124, command[0] + " does not answer");
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.exitValue(), output);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(command[0]);
    }
  }
}

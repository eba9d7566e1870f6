package io.revfs.trace.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What strace says of files below a directory: {@code strace -ff -ttt -y -o PREFIX} writes a file
 * for each process, with the time of each call and the paths of descriptors.
 */
final class StraceLog {
  private static final Pattern LINE =
      Pattern.compile("(\\d+\\.\\d+) (\\w+)\\((.*)\\) += (-?\\d+|\\?)(?:<(.*)>)?(?: .*)?");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern HERE = Pattern.compile("AT_FDCWD<([^>]*)>");
  private static final Pattern DESCRIPTOR = Pattern.compile("^\\d+<([^>]*)>");
  private static final Pattern PLACE =
      Pattern.compile("(?:(?:AT_FDCWD|\\d+)<([^>]*)>, )?\"((?:[^\"\\\\]|\\\\.)*)\"");

  private final Path root;
  final TreeSet<String> read = new TreeSet<>();
  final TreeSet<String> written = new TreeSet<>();

  /** What was executed of what was there before. */
  final TreeSet<String> executed = new TreeSet<>();

  /** Directories whose names were read. */
  final TreeSet<String> listed = new TreeSet<>();

  /** What was looked for, or the first name on the way to it that was not there before. */
  final TreeSet<String> missed = new TreeSet<>();

  /** What was asked for without being opened, whatever else was done with it. */
  final TreeSet<String> looked = new TreeSet<>();

  /** What got another mode, owner or time. */
  final TreeSet<String> attributes = new TreeSet<>();

  private final TreeSet<String> before;

  private final Path prepared;

  private StraceLog(Path root, Path prepared, TreeSet<String> before) {
    this.root = root;
    this.prepared = prepared;
    this.before = before;
  }

  /** One call that succeeded. */
  private record Call(double time, String name, String arguments, String result, Path here) {}

  /**
   * Reads what strace wrote.
   *
   * @param prefix of its files
   * @param prepared has what was there
   * @param before the paths of that
   */
  static StraceLog read(Path prefix, Path root, Path prepared, TreeSet<String> before)
      throws IOException {
    StraceLog log = new StraceLog(root, prepared, before);
    List<Call> calls = new ArrayList<>();
    try (Stream<Path> files = Files.list(prefix.getParent())) {
      for (Path file : files.filter(each -> each.toString().startsWith(prefix + ".")).toList()) {
        log.parse(file, calls);
      }
    }
    calls.sort(Comparator.comparingDouble(Call::time));
    calls.forEach(log::take);
    return log;
  }

  private void parse(Path file, List<Call> calls) throws IOException {
    Path here = root;
    for (String line : Files.readAllLines(file)) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches() || matcher.group(4).equals("?")) {
        continue;
      }
      boolean failed = matcher.group(4).startsWith("-");
      if (failed && !line.contains("= -1 ENOENT ")) {
        continue;
      }
      String arguments = matcher.group(3);
      Matcher at = HERE.matcher(arguments);
      if (at.find()) {
        here = Path.of(at.group(1));
      }
      if (failed) {
        missed(new Call(0, matcher.group(2), arguments, "", here));
        continue;
      }
      String result = matcher.group(5) == null ? "" : matcher.group(5);
      calls.add(
          new Call(
              Double.parseDouble(matcher.group(1)), matcher.group(2), arguments, result, here));
      if (matcher.group(2).equals("chdir")) {
        Matcher text = TEXT.matcher(arguments);
        if (text.find()) {
          here = here.resolve(text.group(1)).normalize();
        }
      }
    }
  }

  /** Returns a path from the root; empty if it is outside. */
  private String inside(Path path) {
    Path place = path.normalize();
    return place.startsWith(root) ? root.relativize(place).toString() : "";
  }

  private static void add(TreeSet<String> paths, String path) {
    if (!path.isEmpty()) {
      paths.add(path);
    }
  }

  private void missed(Call call) {
    List<String> places = places(call);
    if (call.name().startsWith("symlink") || places.isEmpty()) {
      return;
    }
    String path = places.getFirst();
    for (int end = path.indexOf('/'); !path.isEmpty(); end = path.indexOf('/', end + 1)) {
      String name = end < 0 ? path : path.substring(0, end);
      if (!Files.exists(prepared.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        missed.add(name);
        return;
      }
      if (end < 0) {
        return;
      }
    }
  }

  private List<String> places(Call call) {
    List<String> places = new ArrayList<>();
    Matcher matcher = PLACE.matcher(call.arguments());
    while (matcher.find()) {
      Path directory = matcher.group(1) == null ? call.here() : Path.of(matcher.group(1));
      places.add(inside(directory.resolve(matcher.group(2))));
    }
    return places;
  }

  private void take(Call call) {
    switch (call.name()) {
      case "open", "openat", "openat2", "creat" -> opened(call);
      case "execve" -> {
        add(read, places(call).getFirst());
        add(executed, places(call).getFirst());
      }
      case "getdents64" -> {
        Matcher at = DESCRIPTOR.matcher(call.arguments());
        if (at.find()) {
          Path place = Path.of(at.group(1));
          if (place.startsWith(root)) {
            listed.add(root.relativize(place).toString());
          }
        }
      }
      case "rename", "renameat", "renameat2" -> renamed(places(call));
      case "link", "linkat" -> {
        List<String> places = places(call);
        add(written, places.getLast());
      }
      case "symlink" -> add(written, places(call).getLast());
      case "symlinkat" -> add(written, places(call).getLast());
      case "unlink", "unlinkat" -> {
        written.remove(places(call).getFirst());
      }
      case "truncate" -> add(written, places(call).getFirst());
      case "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2" ->
          looked(call);
      case "chmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchownat", "utimensat" ->
          places(call).forEach(path -> add(attributes, path));
      default -> {}
    }
  }

  /** Of what is open already, nothing is asked by name. */
  private void looked(Call call) {
    if (call.arguments().contains("\"\"")) {
      return;
    }
    String path = places(call).getFirst();
    boolean follows =
        !call.name().equals("lstat") && !call.arguments().contains("AT_SYMLINK_NOFOLLOW");
    while (follows && Files.isSymbolicLink(prepared.resolve(path))) {
      try {
        Path target = Files.readSymbolicLink(prepared.resolve(path));
        path = inside(root.resolve(path).resolveSibling(target));
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    add(looked, path);
  }

  private void opened(Call call) {
    String flags = call.arguments();
    if (flags.contains("O_PATH") || flags.contains("O_DIRECTORY") || call.result().isEmpty()) {
      return;
    }
    String path = inside(Path.of(call.result().replace(" (deleted)", "").replace("(deleted)", "")));
    boolean writes = flags.contains("O_WRONLY") || flags.contains("O_RDWR");
    if (writes || flags.contains("O_CREAT") || call.name().equals("creat")) {
      add(written, path);
    }
    if (!flags.contains("O_WRONLY") && !call.name().equals("creat")) {
      add(read, path);
    }
  }

  private void renamed(List<String> places) {
    String from = places.getFirst();
    String to = places.getLast();
    if (from.isEmpty() && to.isEmpty()) {
      return;
    }
    for (TreeSet<String> paths : List.of(read, written)) {
      for (String path : List.copyOf(paths)) {
        boolean moves = path.equals(from) || path.startsWith(from + "/");
        if (moves && !before.contains(path)) {
          paths.remove(path);
          paths.add(to + path.substring(from.length()));
        }
      }
    }
    add(written, to);
  }
}

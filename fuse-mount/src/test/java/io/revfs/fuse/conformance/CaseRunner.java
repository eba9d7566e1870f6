package io.revfs.fuse.conformance;

import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Runs the steps of cases, each case in a directory of its own. For one thread. */
final class CaseRunner {
  private static final long NOW = (1L << 30) - 1; // UTIME_NOW
  private static final long OMIT = (1L << 30) - 2; // UTIME_OMIT
  private static final int AT_EACCESS = 0x200;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int CLOCK_REALTIME_COARSE = 5;
  private static final int AT_STATX_FORCE_SYNC = 0x2000;
  private static final int STATX_BASIC = 0x7ff;
  private static final int STATX_MTIME = 0x40;
  private static final int READ_AND_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final int MS_SYNC = 4;

  private static final Map<String, Integer> FLAGS =
      Map.ofEntries(
          Map.entry("rdonly", Posix.O_RDONLY),
          Map.entry("wronly", Posix.O_WRONLY),
          Map.entry("rdwr", Posix.O_RDWR),
          Map.entry("creat", Posix.O_CREAT),
          Map.entry("excl", Posix.O_EXCL),
          Map.entry("trunc", 01000),
          Map.entry("append", 02000),
          Map.entry("nonblock", 04000),
          Map.entry("directory", Posix.O_DIRECTORY),
          Map.entry("nofollow", Posix.O_NOFOLLOW),
          Map.entry("tmpfile", Posix.O_TMPFILE),
          Map.entry("path", 010000000),
          Map.entry("noatime", 01000000));

  private static final Map<String, Integer> KINDS =
      Map.of("file", 0100000, "fifo", 010000, "socket", 0140000, "char", 020000, "block", 060000);

  private final SystemCalls calls;
  private final String root;
  private final Map<String, Integer> open = new HashMap<>();
  private final Map<String, FileTimes> marks = new HashMap<>();
  private final Map<String, Mapping> mapped = new HashMap<>();

  CaseRunner(SystemCalls calls, String root) {
    this.calls = calls;
    this.root = root;
  }

  private record Mapping(long address, long size) {}

  private record FileTimes(long accessed, long modified, long changed) {}

  /** A call failed; the message is its error's name. */
  private static final class CallFailure extends Exception {
    private static final long serialVersionUID = 1L;

    CallFailure(long result) {
      super(ErrorNames.of((int) -result), null, false, false);
    }
  }

  private static long check(long result) throws CallFailure {
    if (result < 0) {
      throw new CallFailure(result);
    }
    return result;
  }

  /** Returns what each step gave. */
  List<String> run(Case one) {
    List<String> results = new ArrayList<>();
    String directory = one.area() + "." + one.name();
    calls.call("umask", 0);
    calls.call("chdir", root);
    calls.call("mkdir", directory, 0755);
    long there = calls.call("chdir", directory);
    if (there < 0) {
      return List.of("no directory: " + ErrorNames.of((int) -there));
    }
    for (Case.Step step : one.steps()) {
      results.add(result(step.words()));
    }
    open.values().forEach(fd -> calls.call("close", fd));
    open.clear();
    mapped.values().forEach(left -> calls.call("munmap", left.address(), left.size()));
    mapped.clear();
    marks.clear();
    return results;
  }

  private String result(List<String> words) {
    try {
      return step(words);
    } catch (CallFailure e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String step(List<String> words) throws CallFailure {
    if (words.getFirst().equals("as")) {
      return as(words.get(1), words.subList(2, words.size()));
    }
    if (words.getFirst().equals("with")) { // with PATH CALL…: @ stands for the path
      String path = words.get(1);
      return step(
          words.subList(2, words.size()).stream().map(w -> w.equals("@") ? path : w).toList());
    }
    return act(words.getFirst(), new Arguments(words.subList(1, words.size())));
  }

  /** {@code who} is UID:GID, and further groups after a comma each. */
  private String as(String who, List<String> step) throws CallFailure {
    String[] groups = who.substring(who.indexOf(':') + 1).split(",");
    int[] more = Arrays.stream(groups).skip(1).mapToInt(Integer::parseInt).toArray();
    MemorySegment.copy(more, 0, calls.answer, ValueLayout.JAVA_INT, 0, more.length);
    check(calls.call("setgroups", more.length, calls.answer));
    calls.call("setfsgid", Integer.parseInt(groups[0]));
    calls.call("setfsuid", Integer.parseInt(who.substring(0, who.indexOf(':'))));
    try {
      return step(step);
    } finally {
      calls.call("setfsuid", 0);
      calls.call("setfsgid", 0);
    }
  }

  /** The words after a call's name. */
  private record Arguments(List<String> words) {
    String text(int i) {
      return words.get(i);
    }

    long number(int i) {
      String word = words.get(i);
      return word.equals("-") ? -1 : Long.parseLong(word);
    }

    int mode(int i) {
      return i < words.size() ? Integer.parseInt(words.get(i), 8) : 0644;
    }

    int flags(int i) {
      int all = 0;
      for (String flag : words.get(i).split("\\+")) {
        all |= FLAGS.get(flag);
      }
      return all;
    }
  }

  private int fd(Arguments a) {
    return open.getOrDefault(a.text(0), -1);
  }

  private String act(String call, Arguments a) throws CallFailure {
    long result =
        switch (call) {
          case "mkdir", "chmod", "mkfifo" -> calls.call(call, a.text(0), a.mode(1));
          case "rmdir", "unlink", "chdir" -> calls.call(call, a.text(0));
          case "rename", "link", "symlink" -> calls.call(call, a.text(0), a.text(1));
          case "linkfollowed" ->
              calls.call("linkat", Posix.AT_FDCWD, a.text(0), Posix.AT_FDCWD, a.text(1), 0x400);
          case "renameflag" ->
              calls.call(
                  "renameat2",
                  Posix.AT_FDCWD,
                  a.text(1),
                  Posix.AT_FDCWD,
                  a.text(2),
                  a.text(0).equals("noreplace") ? 1 : 2);
          case "chown", "lchown" -> calls.call(call, a.text(0), a.number(1), a.number(2));
          case "truncate" -> calls.call(call, a.text(0), a.number(1));
          case "make" -> make(a.text(0), a.text(1), a.mode(2));
          case "umask" -> calls.call(call, a.mode(0));
          case "try" -> close(check(calls.call("open", a.text(0), a.flags(1), a.mode(2))));
          case "open" ->
              hold(a.text(0), check(calls.call("open", a.text(1), a.flags(2), a.mode(3))));
          case "close" -> calls.call("close", open.remove(a.text(0)));
          case "write" -> write(a.text(0), a.text(1));
          case "pwrite" -> calls.call("pwrite", fd(a), a.text(2), a.text(2).length(), a.number(1));
          case "ftruncate" -> calls.call(call, fd(a), a.number(1));
          case "fchmod" -> calls.call(call, fd(a), a.mode(1));
          case "fchown" -> calls.call(call, fd(a), a.number(1), a.number(2));
          case "fsync", "fdatasync" -> calls.call(call, fd(a));
          case "fallocate" -> calls.call(call, fd(a), a.number(1), a.number(2), a.number(3));
          case "access" ->
              calls.call("faccessat", Posix.AT_FDCWD, a.text(0), a.number(1), AT_EACCESS);
          case "utimes" -> times(a, 0);
          case "lutimes" -> times(a, AT_SYMLINK_NOFOLLOW);
          case "setxattr" ->
              calls.call(call, a.text(0), a.text(1), a.text(2), a.text(2).length(), 0);
          case "removexattr" -> calls.call(call, a.text(0), a.text(1));
          case "copyrange" ->
              calls.call("copy_file_range", fd(a), 0, open.get(a.text(1)), 0, a.number(2), 0);
          case "map" -> map(a.text(0), open.get(a.text(1)), a.number(2));
          case "store" -> store(a.text(0), a.number(1), a.text(2));
          case "msync" -> {
            Mapping one = mapped.get(a.text(0));
            yield calls.call(call, one.address(), one.size(), MS_SYNC);
          }
          case "munmap" -> {
            Mapping one = mapped.remove(a.text(0));
            yield calls.call(call, one.address(), one.size());
          }
          case "mark" -> mark(a.text(0));
          default -> {
            yield Long.MIN_VALUE;
          }
        };
    if (result == Long.MIN_VALUE) {
      return ask(call, a);
    }
    check(result);
    return "ok";
  }

  /** The calls that give more than success. */
  private String ask(String call, Arguments a) throws CallFailure {
    return switch (call) {
      case "stat" -> describe(a, 0);
      case "lstat" -> describe(a, AT_SYMLINK_NOFOLLOW);
      case "fstat" -> {
        check(statx(fd(a), "", 0x1000));
        yield fields(a);
      }
      case "same" -> {
        check(statx(Posix.AT_FDCWD, a.text(0), AT_SYMLINK_NOFOLLOW));
        long first = inode();
        check(statx(Posix.AT_FDCWD, a.text(1), AT_SYMLINK_NOFOLLOW));
        yield first == inode() ? "yes" : "no";
      }
      case "readlink" -> text(calls.call(call, a.text(0), calls.answer, calls.answer.byteSize()));
      case "getxattr" ->
          text(calls.call(call, a.text(0), a.text(1), calls.answer, calls.answer.byteSize()));
      case "listxattr" -> attributes(a.text(0));
      case "pread" -> text(calls.call(call, fd(a), calls.answer, a.number(2), a.number(1)));
      case "read" -> {
        long fd = check(calls.call("open", a.text(0), Posix.O_RDONLY, 0));
        String text = text(calls.call("pread", fd, calls.answer, calls.answer.byteSize(), 0));
        close(fd);
        yield text;
      }
      case "list" -> list(a.text(0));
      case "changed" -> changed(a.text(0));
      case "written" -> written(a.text(0));
      case "fresh" -> fresh(a.text(0));
      default -> throw new IllegalArgumentException(call);
    };
  }

  private long make(String kind, String path, int mode) throws CallFailure {
    return switch (kind) {
      case "file" -> {
        int flags = Posix.O_CREAT | Posix.O_EXCL | Posix.O_WRONLY;
        yield close(check(calls.call("open", path, flags, mode)));
      }
      case "directory" -> calls.call("mkdir", path, mode);
      case "link" -> calls.call("symlink", "target", path);
      default -> calls.call("mknod", path, KINDS.get(kind) | mode, (1 << 8) | 3);
    };
  }

  private long close(long fd) {
    return calls.call("close", fd);
  }

  private long hold(String label, long fd) {
    open.put(label, (int) fd);
    return fd;
  }

  /** Makes a file hold a text, by its path or by a descriptor at its position's end. */
  private long write(String path, String text) throws CallFailure {
    long fd = check(calls.call("open", path, Posix.O_WRONLY | Posix.O_CREAT, 0644));
    long result = calls.call("pwrite", fd, text, text.length(), 0);
    close(fd);
    return result;
  }

  /** PATH ACCESSED MODIFIED: seconds and nanoseconds with a point between, "now" or "omit". */
  private long times(Arguments a, int flags) {
    for (int i = 0; i < 2; i++) {
      String word = a.text(1 + i);
      String[] parts = word.split("\\.");
      boolean number = !word.equals("now") && !word.equals("omit");
      long rest = word.equals("now") ? NOW : word.equals("omit") ? OMIT : Long.parseLong(parts[1]);
      calls.answer.set(ValueLayout.JAVA_LONG, 16L * i, number ? Long.parseLong(parts[0]) : 0);
      calls.answer.set(ValueLayout.JAVA_LONG, 16L * i + 8, rest);
    }
    return calls.call("utimensat", Posix.AT_FDCWD, a.text(0), calls.answer, flags);
  }

  /** Maps a file's first bytes, shared, to read and write. */
  private long map(String label, int fd, long size) throws CallFailure {
    long address = check(calls.call("mmap", 0, size, READ_AND_WRITE, MAP_SHARED, fd, 0));
    mapped.put(label, new Mapping(address, size));
    return 0;
  }

  private long store(String label, long at, String text) {
    calls.call("memcpy", mapped.get(label).address() + at, text, text.length());
    return 0;
  }

  private String text(long length) throws CallFailure {
    byte[] bytes = calls.answer.asSlice(0, check(length)).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(bytes, StandardCharsets.UTF_8).replace('\0', '0');
    return text.isEmpty() ? "nothing" : text;
  }

  private String attributes(String path) throws CallFailure {
    String names = text(calls.call("listxattr", path, calls.answer, calls.answer.byteSize()));
    return String.join(" ", new TreeSet<>(List.of(names.split("0"))));
  }

  private String list(String path) throws CallFailure {
    int fd = (int) check(calls.call("open", path, Posix.O_RDONLY | Posix.O_DIRECTORY, 0));
    TreeSet<String> names = new TreeSet<>();
    int result =
        FileCalls.list(fd, (name, kind) -> names.add(new String(name, StandardCharsets.UTF_8)));
    close(fd);
    check(result);
    return names.isEmpty() ? "nothing" : String.join(" ", names);
  }

  // What stat says: linux/stat.h, struct statx.

  private long statx(int directory, String path, int flags) {
    return statx(directory, path, flags, STATX_BASIC);
  }

  private long statx(int directory, String path, int flags, int wanted) {
    return calls.call("statx", directory, path, flags, wanted, calls.answer);
  }

  private int number(int at) {
    return calls.answer.get(ValueLayout.JAVA_INT, at);
  }

  private long wide(int at) {
    return calls.answer.get(ValueLayout.JAVA_LONG, at);
  }

  private long inode() {
    return wide(32);
  }

  private long time(int at) {
    return wide(at) * 1_000_000_000L + number(at + 8);
  }

  private String describe(Arguments a, int flags) throws CallFailure {
    check(statx(Posix.AT_FDCWD, a.text(0), flags));
    return fields(a);
  }

  private String fields(Arguments a) {
    List<String> values = new ArrayList<>();
    for (String field : a.words().subList(1, a.words().size())) {
      int mode = calls.answer.get(ValueLayout.JAVA_SHORT, 28) & 0xffff;
      values.add(
          switch (field) {
            case "mode" -> "%04o".formatted(mode & 07777);
            case "type" -> type(mode);
            case "links" -> Integer.toString(number(16));
            case "uid" -> Integer.toString(number(20));
            case "gid" -> Integer.toString(number(24));
            case "size" -> Long.toString(wide(40));
            case "atime" -> wide(64) + "." + number(72);
            case "mtime" -> wide(112) + "." + number(120);
            case "device" -> number(128) + ":" + number(132);
            default -> throw new IllegalArgumentException(field);
          });
    }
    return String.join(" ", values);
  }

  private static String type(int mode) {
    return switch (mode & 0170000) {
      case 040000 -> "directory";
      case 0120000 -> "link";
      default ->
          KINDS.entrySet().stream()
              .filter(kind -> kind.getValue() == (mode & 0170000))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse("unknown");
    };
  }

  private FileTimes fileTimes(String path) throws CallFailure {
    check(statx(Posix.AT_FDCWD, path, AT_SYMLINK_NOFOLLOW));
    return new FileTimes(time(64), time(112), time(96));
  }

  /** Remembers a file's times, and lets the clock that stamps files go on. */
  private long mark(String path) throws CallFailure {
    FileTimes now = fileTimes(path);
    marks.put(path, now);
    do {
      calls.call("clock_gettime", CLOCK_REALTIME_COARSE, calls.answer);
    } while (wide(0) * 1_000_000_000L + wide(8) <= Math.max(now.changed(), now.modified()));
    return 0;
  }

  /** Says whether the time of the last write is another since it was marked; asks for no more. */
  private String written(String path) throws CallFailure {
    check(statx(Posix.AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_MTIME));
    return time(112) != marks.get(path).modified() ? "yes" : "no";
  }

  /**
   * Says whether each attribute, asked for alone, is as it is when nothing may be taken from what
   * was kept.
   */
  private String fresh(String path) throws CallFailure {
    List<List<Object>> kept = new ArrayList<>();
    for (int bit = 1; bit < STATX_BASIC; bit <<= 1) {
      check(statx(Posix.AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, bit));
      kept.add(attribute(bit));
    }
    check(statx(Posix.AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC));
    List<String> other = new ArrayList<>();
    for (int bit = 1; bit < STATX_BASIC; bit <<= 1) {
      List<Object> before = kept.get(Integer.numberOfTrailingZeros(bit));
      if (!attribute(bit).equals(before)) {
        other.add("%x: %s, not %s".formatted(bit, before, attribute(bit)));
      }
    }
    return other.isEmpty() ? "yes" : String.join("; ", other);
  }

  /** By the bits of linux/stat.h; the time of access is looked at elsewhere. */
  private List<Object> attribute(int bit) {
    return switch (bit) {
      case 0x1, 0x2 -> List.of(calls.answer.get(ValueLayout.JAVA_SHORT, 28));
      case 0x4 -> List.of(number(16));
      case 0x8 -> List.of(number(20));
      case 0x10 -> List.of(number(24));
      case 0x40 -> List.of(time(112));
      case 0x80 -> List.of(time(96));
      case 0x100 -> List.of(inode());
      case 0x200 -> List.of(wide(40));
      case 0x400 -> List.of(wide(48));
      default -> List.of();
    };
  }

  /** Says which times are others since they were marked. */
  private String changed(String path) throws CallFailure {
    FileTimes before = marks.get(path);
    FileTimes now = fileTimes(path);
    List<String> all = new ArrayList<>();
    if (before.accessed() != now.accessed()) {
      all.add("atime");
    }
    if (before.modified() != now.modified()) {
      all.add("mtime");
    }
    if (before.changed() != now.changed()) {
      all.add("ctime");
    }
    return all.isEmpty() ? "nothing" : String.join(" ", all);
  }
}

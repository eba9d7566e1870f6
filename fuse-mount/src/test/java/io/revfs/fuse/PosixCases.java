package io.revfs.fuse;

import java.util.List;

/**
 * Named POSIX cases for read-only trees: what a shell sees in a mount of {@link #tree}. The table
 * runs on every way of serving.
 */
public final class PosixCases {
  private static final byte[] BIG = new byte[3_000_001];

  static {
    new java.util.Random(11).nextBytes(BIG);
  }

  private PosixCases() {}

  /** One case: a script run in the mount's root, and what it prints. */
  public record Case(String name, String script, String expected) {}

  /** Returns the tree that the cases expect. */
  public static MemoryTree tree() {
    MemoryTree tree =
        new MemoryTree()
            .file("hello.txt", "hello\n")
            .file("empty", "")
            .file(
                "run.sh",
                "#!/bin/sh\necho ran\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                true)
            .file("a/b/c/deep.txt", "deep\n")
            .directory("hollow")
            .file("big.bin", BIG, false)
            .file("n".repeat(255), "long name\n")
            .file("späte Ünïcode ☃", "snow\n")
            .file(FileNames.decode(new byte[] {'o', 'd', 'd', (byte) 0xff, (byte) 0x80}), "odd\n")
            .file("new\nline", "nl\n")
            .link("link", "a/b/c/deep.txt")
            .link("dangling", "no/where")
            .link("loop", "loop")
            .link("dirlink", "a/b");
    for (int i = 0; i < 5000; i++) {
      tree.file("many/f%04d".formatted(i), "x");
    }
    return tree.attribute("hello.txt", "user.revfs.digest", new byte[] {'4', '2'})
        .attribute("hello.txt", "user.second", new byte[0]);
  }

  private static Case of(String name, String script, String expected) {
    return new Case(name, script, expected);
  }

  /** Returns the table. */
  public static List<Case> all() {
    return List.of(
        of("read_whole", "cat hello.txt", "hello"),
        of("read_empty", "cat empty | wc -c", "0"),
        of("read_deep", "cat a/b/c/deep.txt", "deep"),
        of("read_big_md5", "md5sum <big.bin | cut -c1-32", md5(BIG)),
        of("read_atOffset", "tail -c +3 hello.txt | head -c 2", "ll"),
        of("read_pastEnd", "dd if=hello.txt bs=1 skip=100 2>/dev/null | wc -c", "0"),
        of(
            "read_acrossPages",
            "dd if=big.bin bs=7919 skip=100 count=3 2>/dev/null | md5sum | cut -c1-32",
            md5(java.util.Arrays.copyOfRange(BIG, 791_900, 791_900 + 3 * 7919))),
        of(
            "read_concurrently",
            "for i in 1 2 3 4 5 6 7 8; do cmp big.bin big.bin & done; wait; echo same",
            "same"),
        of("read_directory", "cat a 2>&1 | sed 's/.*: //'", "Is a directory"),
        of("stat_file", "stat -c '%s %a %F %h' hello.txt", "6 444 regular file 1"),
        of("stat_executable", "stat -c '%a' run.sh", "555"),
        of("stat_directory", "stat -c '%a %F' a", "555 directory"),
        of("stat_link", "stat -c '%F' link", "symbolic link"),
        of("stat_time", "stat -c '%Y' hello.txt", Long.toString(MemoryTree.TIME_SECONDS)),
        of(
            "stat_sameInodeTwice",
            "[ $(stat -c %i hello.txt) = $(stat -c %i ./a/../hello.txt) ] && echo yes",
            "yes"),
        of(
            "readdir_inodeEqualsStat",
            "[ $(ls -i | awk '$2==\"hello.txt\"{print $1}') = $(stat -c %i hello.txt) ] && echo"
                + " yes",
            "yes"),
        of("execute_script", "./run.sh", "ran"),
        of("execute_notExecutable", "./hello.txt 2>&1 | sed 's/.*: //'", "Permission denied"),
        of("lookup_missing", "cat nothing 2>&1 | sed 's/.*: //'", "No such file or directory"),
        of("lookup_belowFile", "cat hello.txt/x 2>&1 | sed 's/.*: //'", "Not a directory"),
        of(
            "lookup_caseMatters",
            "cat HELLO.TXT 2>&1 | sed 's/.*: //'",
            "No such file or directory"),
        of("lookup_dots", "cat a/./b/../b/c/deep.txt", "deep"),
        of("name_255Bytes", "cat " + "n".repeat(255), "long name"),
        of(
            "name_256Bytes",
            "cat " + "n".repeat(256) + " 2>&1 | sed 's/.*: //'",
            "File name too long"),
        of("name_unicode", "cat 'späte Ünïcode ☃'", "snow"),
        of("name_notUtf8", "cat $'odd\\xff\\x80'", "odd"),
        of("name_notUtf8Listed", "ls | LC_ALL=C grep -ac $'^odd\\xff\\x80$'", "1"),
        of("name_newline", "cat $'new\\nline'", "nl"),
        of("list_root", "ls -A | LC_ALL=C grep -ac .", "16"),
        of("list_empty", "ls -A hollow | wc -l", "0"),
        of("list_many", "ls many | wc -l; ls many | sort -u | wc -l", "5000\n5000"),
        of("list_manyFirstLast", "ls many | sed -n '1p;$p'", "f0000\nf4999"),
        of("list_dots", "ls -a hollow", ".\n.."),
        of("list_file", "ls hello.txt", "hello.txt"),
        of(
            "list_types",
            "find . -maxdepth 1 -type d | wc -l; find . -maxdepth 1 -type l | wc -l",
            "4\n4"),
        of("find_all", "find . -type f | wc -l", "5010"),
        of("link_followed", "cat link", "deep"),
        of("link_target", "readlink link", "a/b/c/deep.txt"),
        of("link_size", "stat -c %s link", "14"),
        of("link_directory", "ls dirlink/c", "deep.txt"),
        of("link_dangling", "cat dangling 2>&1 | sed 's/.*: //'", "No such file or directory"),
        of("link_loop", "cat loop 2>&1 | sed 's/.*: //'", "Too many levels of symbolic links"),
        of("link_realpath", "realpath --relative-to=. dirlink/c/deep.txt", "a/b/c/deep.txt"),
        of("write_open", "(echo x >>hello.txt) 2>&1 | sed 's/.*: //'", "Read-only file system"),
        of("write_create", "touch new 2>&1 | sed 's/.*: //'", "Read-only file system"),
        of("write_mkdir", "mkdir d 2>&1 | sed 's/.*: //'", "Read-only file system"),
        of("write_unlink", "rm -f hello.txt 2>&1 | sed 's/.*: //'", "Read-only file system"),
        of("write_rename", "mv hello.txt other 2>&1 | sed 's/.*: //'", "Read-only file system"),
        of("write_chmod", "chmod 600 hello.txt 2>&1 | sed 's/.*: //'", "Read-only file system"),
        of("write_symlink", "ln -s a l2 2>&1 | sed 's/.*: //'", "Read-only file system"),
        of(
            "write_truncate",
            "truncate -s 0 hello.txt 2>&1 | sed 's/.*: //'",
            "Read-only file system"),
        of(
            "write_setxattr",
            "setfattr -n user.x -v 1 hello.txt 2>&1 | sed 's/.*: //'",
            "Read-only file system"),
        of("xattr_get", "getfattr --only-values -n user.revfs.digest hello.txt", "42"),
        of("xattr_list", "getfattr hello.txt | grep -c '^user'", "2"),
        of(
            "xattr_absent",
            "getfattr -n user.none hello.txt 2>&1 | sed 's/.*: //'",
            "No such attribute"),
        of("statfs_size", "stat -f -c '%b*%S' . | head -1", "2621440*4096"),
        of("mount_type", "stat -f -c %T .", "fuseblk"),
        of(
            "copy_tree",
            "T=$(mktemp -d) && cp -r a $T/ && cat $T/a/b/c/deep.txt; rm -rf $T",
            "deep"),
        of("compare_mmap", "cmp big.bin <(cat big.bin) && grep -c . hello.txt", "1"));
  }

  private static String md5(byte[] bytes) {
    try {
      return java.util.HexFormat.of()
          .formatHex(java.security.MessageDigest.getInstance("MD5").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}

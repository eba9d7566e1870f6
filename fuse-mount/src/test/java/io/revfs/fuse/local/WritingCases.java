package io.revfs.fuse.local;

import java.util.List;

/**
 * Named POSIX cases for trees that can be written: scripts, each run in a fresh directory, that
 * print the same through a mount as in the file system below. Cases of permissions run commands as
 * another user by {@code as UID:GID COMMAND…}.
 */
public final class WritingCases {
  private WritingCases() {}

  /** One case. */
  public record Case(String name, String script) {}

  private static Case of(String name, String script) {
    return new Case(name, script);
  }

  /**
   * What all scripts may use; {@code s} prints what stat says but for inode and times, and {@code
   * later} waits until the clock that stamps files, which ticks, has gone on since a file's change.
   */
  public static final String PRELUDE =
      """
      s() { stat -c '%n %F %a %h %s %u %g' "$@"; }
      as() { local who=$1; shift; setpriv --reuid "${who%%:*}" --regid "${who##*:}" --clear-groups "$@"; }
      later() { local was; was=$(stat -c %Z%z "$1"); until touch .later && [ "$(stat -c %Z%z .later)" != "$was" ]; do :; done; rm .later; }
      umask 022
      """;

  /** Returns the table. */
  public static List<Case> all() {
    return List.of(
        of("create_file", "echo a >f; s f; cat f"),
        of("create_exclusive", "set -C; echo a >f; echo b >f; cat f"),
        of("create_umask", "umask 077; echo >a; mkdir b; umask 0; echo >c; mkdir d; s a b c d"),
        of("create_inMissingDirectory", "echo a >no/f; ls"),
        of(
            "create_longName",
            "n=$(printf 'n%.0s' {1..255}); echo a >$n; cat $n; echo b >x$n; ls | wc -l"),
        of(
            "create_notUtf8",
            "printf x >$'odd\\xff\\x80'; ls | LC_ALL=C od -c; cat $'odd\\xff\\x80'"),
        of("create_readOnlyAndWrite", "(umask 0333; exec 3>f; echo text >&3); s f; cat f"),
        of("write_overwrite", "echo long text >f; echo x >f; cat f; s f"),
        of(
            "write_append",
            "echo a >f; echo b >>f; (exec 3>>f 4>>f; echo c >&3; echo d >&4; echo e >&3); cat f"),
        of(
            "write_middle",
            "printf 0123456789 >f; printf XY | dd of=f bs=1 seek=4 conv=notrunc status=none; cat"
                + " f"),
        of(
            "write_sparse",
            "printf end | dd of=f bs=1 seek=1000000 status=none; s f; md5sum f; stat -c %b f"),
        of("write_big", "seq 1 1000000 >f; md5sum <f; s f"),
        of("write_manyDescriptors", "exec 3>f 4<f; echo one >&3; cat <&4; echo two >&3; cat <&4"),
        of("write_direct", "dd if=/dev/zero of=f bs=4096 count=16 oflag=direct status=none; s f"),
        of(
            "write_afterUnlink",
            "exec 3<>f; rm f; echo text >&3; cat /proc/self/fd/3; stat -L -c '%s %h'"
                + " /proc/self/fd/3"),
        of("truncate_shorter", "echo 0123456789 >f; truncate -s 4 f; s f; cat f"),
        of("truncate_longer", "echo ab >f; truncate -s 10 f; s f; od -c f"),
        of("truncate_open", "echo 0123456789 >f; exec 3<>f; truncate -s 3 f; cat <&3"),
        of(
            "truncate_unlinked",
            "exec 3<>f; echo 0123 >&3; rm f; truncate -s 2 /proc/self/fd/3; stat -L -c %s"
                + " /proc/self/fd/3"),
        of("fallocate_grows", "fallocate -l 100000 f; s f"),
        of(
            "fallocate_keeps",
            "fallocate -n -l 100000 f; s f; echo a >f; fallocate -n -l 100000 f; cat f"),
        of(
            "fallocate_punches",
            "yes | head -c 100000 >f; fallocate -p -o 8192 -l 4096 f; md5sum f; s f"),
        of("fallocate_zeroes", "yes | head -c 100000 >f; fallocate -z -o 100 -l 5000 f; md5sum f"),
        of("mkdir_nested", "mkdir -p a/b/c; echo x >a/b/c/f; find . | sort; s a"),
        of("mkdir_exists", "mkdir a; mkdir a; echo >f; mkdir f"),
        of("rmdir_empty", "mkdir a; rmdir a; ls; rmdir a"),
        of("rmdir_full", "mkdir a; echo >a/f; rmdir a; ls"),
        of("rmdir_file", "echo >a; rmdir a; mkdir b; rm b"),
        of("unlink_directory", "mkdir a; unlink a; ls"),
        of(
            "rm_recursive",
            "mkdir -p d; for i in {1..1500}; do : >d/f$i; done; ls d | wc -l; rm -r d; ls"),
        of("rename_file", "echo a >f; mv f g; ls; cat g"),
        of("rename_over", "echo a >f; echo b >g; mv f g; ls; cat g"),
        of("rename_overOpen", "echo a >f; echo b >g; exec 3<g; mv f g; cat <&3; cat g"),
        of(
            "rename_directory",
            "mkdir -p a/b; echo x >a/b/f; mv a c; cat c/b/f; ls; echo y >c/b/g; find . | sort"),
        of(
            "rename_directoryInUse",
            "mkdir -p a/b; cd a/b; mv ../../a ../../c; echo x >f; cat f; cat ../../c/b/f"),
        of(
            "rename_directoryOver",
            "mkdir a b; echo >a/f; mv -T a b; find . | sort; mkdir a; mv -T b a; find . | sort"),
        of("rename_directoryOverFull", "mkdir a b; echo >a/f; echo >b/g; mv -T a b; find . | sort"),
        of("rename_fileOverDirectory", "echo >f; mkdir d; mv -T f d; mv -T d f; ls"),
        of("rename_intoItself", "mkdir -p a/b; mv a a/b/c; find . | sort"),
        of("rename_noReplace", "echo a >f; echo b >g; mv -n f g; cat f g"),
        of(
            "rename_exchange",
            "echo a >f; mkdir d; echo b >d/g; mv --exchange -T f d 2>/dev/null; ls -d f d"),
        of("rename_sameFile", "echo a >f; ln f g; mv f g; ls; s f g"),
        of("link_hard", "echo a >f; ln f g; s f g; echo b >>g; cat f; rm f; cat g; s g"),
        of(
            "link_hardInode",
            "echo a >f; mkdir d; ln f d/g; [ $(stat -c %i f) = $(stat -c %i d/g) ] && echo same"),
        of("link_hardExists", "echo a >f; echo b >g; ln f g; cat g"),
        of("link_hardDirectory", "mkdir d; ln d e; ls"),
        of(
            "link_hardOtherNames",
            "echo a >f; ln f g; ln f h; rm f; echo x >>g; cat h; rm g; cat h; s h"),
        of("link_symbolic", "echo a >f; ln -s f l; cat l; readlink l; s l; rm f; cat l"),
        of(
            "link_symbolicLong",
            "t=$(printf 'a%.0s' {1..1000}); ln -s $t l; readlink l | wc -c; s l"),
        of("link_symbolicHard", "ln -s x l; ln -P l m; s l m; readlink m"),
        of("pipe", "mkfifo p; s p; (echo text >p &); cat p"),
        of(
            "socket",
            "python3 - <<'X' 2>/dev/null || echo none\n"
                + "import socket; socket.socket(socket.AF_UNIX).bind('s')\n"
                + "X\n"
                + "stat -c %F s 2>/dev/null"),
        of("device", "mknod c c 1 3; stat -c '%F %t %T' c"),
        of("chmod_file", "echo >f; chmod 640 f; s f; chmod u+s,g+s,+t f; s f"),
        of("chmod_directory", "mkdir d; chmod 1777 d; s d; chmod 2755 d; mkdir d/e; s d/e"),
        of("chown_file", "echo >f; chown 1234:5678 f; s f; chown :99 f; s f; chown -h 7 f; s f"),
        of("chown_link", "ln -s f l; chown -h 12:34 l; s l"),
        of("chown_dropsSetId", "echo >f; chmod 6755 f; chown 1:1 f; s f"),
        of("write_dropsSetId", "echo >f; chmod 6777 f; as 1000:1000 bash -c 'echo x >>f'; s f"),
        of("truncate_dropsSetId", "echo >f; chmod 6777 f; as 1000:1000 bash -c ': >f'; s f"),
        of(
            "times_set",
            "echo >f; touch -d '2001-02-03 04:05:06.789012345' f; stat -c '%x %y' f; touch -a -d @1"
                + " f; stat -c '%X %Y' f"),
        of(
            "times_directory",
            "mkdir d; touch -d @1000 d; echo >d/f; [ $(stat -c %Y d) -gt 1000 ] && echo changed"),
        of(
            "times_write",
            "echo >f; touch -d @1000 f; echo x >>f; [ $(stat -c %Y f) -gt 1000 ] && echo changed"),
        of(
            "times_linkChanges",
            "echo >f; a=$(stat -c %z f); later f; ln f g; [ \"$a\" != \"$(stat -c %z f)\" ] && echo"
                + " changed"),
        of("times_before1970", "touch -d '1950-01-01 00:00:00.5 UTC' f; stat -c '%Y %y' f"),
        of(
            "user_ownsWhatItMakes",
            "chmod 777 .; as 1000:1001 bash -c 'echo a >f; mkdir d; ln -s f l; mkfifo p'; s f d l"
                + " p"),
        of(
            "user_inSetGidDirectory",
            "mkdir d; chgrp 4242 d; chmod 2777 d; as 1000:1001 bash -c 'echo a >d/f; mkdir d/e'; s"
                + " d/f d/e"),
        of(
            "user_bySupplementaryGroup",
            "mkdir d; chgrp 4242 d; chmod 770 d; setpriv --reuid 1000 --regid 1001 --groups 4242"
                + " bash -c 'echo a >d/f; mkdir d/e; ln -s x d/l'; s d/f d/e d/l"),
        of(
            "user_mayNot",
            "mkdir d; echo x >d/f; chmod 700 d; echo y >g; chmod 600 g; as 1000:1000 bash -c 'cat"
                + " d/f; ls d; cat g; echo z >g; rm g; touch h; mv g i; chmod 777 g; chown 1000 g;"
                + " ln g j'; s g"),
        of(
            "user_sticky",
            "mkdir d; chmod 1777 d; as 1000:1000 bash -c 'echo a >d/f'; as 1001:1001 bash -c 'rm -f"
                + " d/f; mv d/f d/g; echo b >>d/f'; as 1000:1000 mv d/f d/h; ls d"),
        of(
            "user_readOnlyFile",
            "chmod 777 .; as 1000:1000 bash -c 'echo a >f; chmod 444 f; echo b >f; cat f; rm -f f;"
                + " ls'"),
        of(
            "user_chgrp",
            "chmod 777 .; as 1000:1000 bash -c 'echo >f; chgrp 1000 f; chgrp 0 f'; s f"),
        of(
            "xattr_user",
            "echo >f; setfattr -n user.a -v 1 f; setfattr -n user.b f; getfattr -d f; setfattr -x"
                + " user.a f; getfattr -d f; setfattr -x user.a f; getfattr -n user.a f"),
        of(
            "xattr_long",
            "echo >f; setfattr -n user.a -v $(printf 'v%.0s' {1..3000}) f; getfattr --only-values"
                + " -n user.a f | wc -c"),
        of(
            "xattr_directory",
            "mkdir d; setfattr -n user.x -v y d; getfattr --only-values -n user.x d"),
        of(
            "xattr_trusted",
            "echo >f; setfattr -n trusted.a -v 1 f; getfattr -m - -d f; as 1000:1000 getfattr -m -"
                + " -d f; as 1000:1000 setfattr -n trusted.b -v 1 f"),
        of(
            "lock_flock",
            "exec 3>f 4>f; flock -n 3 && flock -n 4 || echo taken; flock -u 3; flock -n 4 && echo"
                + " free"),
        of("lock_betweenProcesses", "exec 3>f; flock 3; flock -n f true || echo taken"),
        of("exec_script", "printf '#!/bin/sh\\necho ran\\n' >x; chmod +x x; ./x"),
        of("exec_binary", "cp /bin/true t; ./t && echo ran; echo >>t; ./t; echo $?"),
        of(
            "exec_busy",
            "cp /bin/sleep t; ./t 100 >/dev/null & p=$!; until [ \"$(readlink /proc/$p/exe)\" ="
                + " \"$PWD/t\" ]; do :; done; (echo >>t) 2>&1 | sed 's/.*: //'; kill $p; wait $p"
                + " 2>/dev/null"),
        of(
            "list_changes",
            "for i in 1 2 3; do echo >f$i; done; ls; rm f2; ls; mv f3 f0; ls; mkdir d; ls"),
        of(
            "list_many",
            "mkdir d; for i in {1..1500}; do : >d/f$i; done; ls d | sort -u | wc -l; rm d/f*; ls"
                + " d"),
        of("list_types", "mkdir d; echo >f; ln -s f l; mkfifo p; find . -printf '%y %p\\n' | sort"),
        of(
            "list_deletingWhileListing",
            "mkdir d; for i in {1..1500}; do : >d/f$i; done; find d -type f -delete; ls d"),
        of("copy_range", "seq 1 100000 >f; cp f g; cmp f g && s g"),
        of(
            "copy_archive",
            "mkdir -p a/b; echo x >a/b/f; chmod 604 a/b/f; touch -d @99 a/b/f; ln a/b/f a/g; ln -s"
                + " b a/l; cp -a a c; find c | sort | xargs stat -c '%n %F %a %h %s'; stat -c %Y"
                + " c/b/f"),
        of(
            "copy_tar",
            "mkdir a; for i in {1..100}; do seq 1 $i >a/f$i; done; tar c a | (mkdir b; cd b; tar"
                + " x); diff -r a b/a && echo same"),
        of(
            "seek_holes",
            "truncate -s 1M f; printf x | dd of=f bs=1 seek=500000 conv=notrunc status=none;"
                + " python3 -c 'import os; f=os.open(\"f\",os.O_RDONLY);"
                + " print(os.lseek(f,0,os.SEEK_DATA), os.lseek(f,500000,os.SEEK_HOLE))'"),
        of(
            "mmap_shared",
            "truncate -s 100000 f; python3 -c '\n"
                + "import mmap,os\n"
                + "f=os.open(\"f\",os.O_RDWR); m=mmap.mmap(f,100000); m[5000:5004]=b\"abcd\";"
                + " m.flush(); print(os.pread(f,4,5000)); os.pwrite(f,b\"xy\",7000);"
                + " print(m[7000:7002])'; md5sum f"),
        of(
            "mmap_private",
            "echo hello >f; python3 -c '\n"
                + "import mmap,os\n"
                + "f=os.open(\"f\",os.O_RDONLY);"
                + " m=mmap.mmap(f,6,mmap.MAP_PRIVATE,mmap.PROT_READ|mmap.PROT_WRITE);"
                + " m[0:1]=b\"J\"; print(m[:6])'; cat f"),
        of(
            "mmap_changesTime",
            "truncate -s 4096 f; touch -d @1000 f; stat -c %Y f; python3 -c '\n"
                + "import mmap,os\n"
                + "f=os.open(\"f\",os.O_RDWR); m=mmap.mmap(f,4096); m[0:1]=b\"J\"; m.flush();"
                + " m.close(); os.close(f)'; sleep 0.2; [ $(stat -c %Y f) -gt 1000 ] && echo"
                + " changed"),
        of(
            "nameless_thenLinked",
            "python3 -c '\n"
                + "import os\n"
                + "f=os.open(\".\",os.O_TMPFILE|os.O_RDWR,0o640); os.write(f,b\"text\");"
                + " os.link(\"/proc/self/fd/%d\"%f,\"named\",follow_symlinks=True)'; cat named; s"
                + " named"),
        of(
            "fsync",
            "python3 -c '\n"
                + "import os\n"
                + "f=os.open(\"f\",os.O_RDWR|os.O_CREAT); os.write(f,b\"x\"); os.fsync(f);"
                + " os.fdatasync(f); d=os.open(\".\",os.O_RDONLY); os.fsync(d); print(1)'"),
        of(
            "path_longest",
            "p=$(printf 'd%.0s' {1..200}); for i in {1..15}; do mkdir $p; cd $p; done; echo x >f;"
                + " cat f; pwd | wc -c | awk '{print ($1 > 3000)}'"),
        of(
            "git_roundTrip",
            "export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE=@1000000000+0000"
                + " GIT_COMMITTER_DATE=@1000000000+0000; git init -q r; cd r; git config user.email"
                + " a@b; git config user.name a; for i in {1..50}; do echo $i >f$i; done; git add"
                + " .; git commit -qm one; echo x >>f1; git rm -q f2; git commit -qam two; git"
                + " checkout -q HEAD~1; git status --short; cat f1; git checkout -q -; git status"
                + " --short; git gc -q; git fsck; ls | wc -l"));
  }
}

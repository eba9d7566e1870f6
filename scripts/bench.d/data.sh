# Sourced by scripts/bench. t: what DVC's commands do with data, as whole processes, against what the machine can do at best.
#   REVFS_BENCH_FILES: how many small files (default 100000); REVFS_BENCH_BIG: bytes of the big one (default 4 GiB)
#   REVFS_BENCH_STATUS: how many files status looks at (default 1000000)
#   REVFS_BENCH_DATA: which of `small big million` (default all three)
# Each step works in a file system that is made anew: ext4 hands out the inodes of files that were just removed only after minutes, and
# looks for others meanwhile, so a second run in the same place would measure that.
DVC=$BENCH/dvc
CONNECTIONS=8
data_fs() { # NAME GIGABYTES: an empty file system at $BENCH/data/fs
  data_fs_end
  mkdir -p "$BENCH/data/fs"
  truncate -s "$2G" "$BENCH/data/$1.img"
  mkfs.ext4 -q -F -i 4096 "$BENCH/data/$1.img"
  mount -o loop "$BENCH/data/$1.img" "$BENCH/data/fs"
  FS=$BENCH/data/fs
}
data_fs_end() {
  "$REVFS" daemon stop >/dev/null 2>&1 || :
  ! mountpoint -q "$BENCH/data/fs" || umount "$BENCH/data/fs" || umount -l "$BENCH/data/fs"
  rm -f "$BENCH"/data/*.img
  rm -rf "$BENCH/data/on-disk"
}
data_project() { # NAME [CACHE-TYPE]: a project to work in
  mkdir -p "$FS/$1"; cd "$FS/$1" || exit 1
  git init -q -b main; "$DVC" init -q
  [ -z "${2:-}" ] || "$DVC" config cache.type "$2" 2>/dev/null
}
# rate COUNT SECONDS UNIT
rate() { echo "$(calc "$1/$2") $3"; }
# versus WHAT COUNT SECONDS UNIT AGAINST SECONDS [REACH]
versus() { line "t $1" "$(rate "$2" "$3" "$4")" "$5" "$(rate "$2" "$6" "$4")" "$(ratio "$6" "$3")" "${7:-}"; }
settled() { sync; sleep 1; }

if has t; then
  FILES=${REVFS_BENCH_FILES:-100000} BIG=${REVFS_BENCH_BIG:-4294967296} STATUS=${REVFS_BENCH_STATUS:-1000000} DATA=${REVFS_BENCH_DATA:-small big million}
  mib=$((BIG >> 20))
  ln -sfn "$ROOT/cli/target/dist/bin/revfs" "$DVC"
  once data/plain bench plain "$BENCH/data/plain" "$FILES" 1000 4096 >/dev/null
  once data/big.bin bench random-file "$BENCH/data/big.bin" "$BIG" >/dev/null
  here=$PWD

  case " $DATA " in *' small '*)
  data_fs small 24
  cp -r "$BENCH/data/plain" "$FS/warm"; settled
  data_project copies; cp -r "$FS/warm" data; settled
  "$DVC" status >/dev/null # the daemon runs
  cp=$(timed cp -r data "$FS/cp"); settled
  add=$(timed "$DVC" add data); settled
  versus "add of $FILES files of 4 KiB (copies)" "$FILES" "$add" files/s "cp -r" "$cp" ">= 20000"
  "$DVC" status >/dev/null
  status=$(for _ in $(seq 9); do timed "$DVC" status; done | middle)
  line "t status of $FILES files, nothing changed" "$status s" "revfs root, a whole process" "$(timed "$DVC" root) s" "" ""
  mv data away; settled
  checkout=$(timed "$DVC" checkout); settled
  versus "checkout of them (copies)" "$FILES" "$checkout" files/s "cp -r" "$cp"
  data_project links hardlink; cp -r "$FS/warm" data; settled
  add=$(timed "$DVC" add data); settled
  versus "add of $FILES files of 4 KiB (hard links)" "$FILES" "$add" files/s "cp -r" "$cp" ">= 20000"
  cprl='' checkout=''
  for i in 1 2 3; do # in turns, the best of each
    cprl=$(least "$cprl" "$(timed cp -rl data "$FS/cprl$i")"); settled
    mv data "away$i"
    checkout=$(least "$checkout" "$(timed "$DVC" checkout)"); settled
  done
  versus "checkout of them (hard links)" "$FILES" "$checkout" files/s "cp -rl" "$cprl" ">= 0.8"
  "$DVC" remote add -q -d directory "$FS/remote"
  cp=$(timed cp -r .dvc/cache/files "$FS/cp-cache"); settled
  push=$(timed "$DVC" push); settled
  versus "push of them to a directory" "$FILES" "$push" files/s "cp -r" "$cp"
  nothing=$(for _ in $(seq 5); do timed "$DVC" push; done | middle)
  line "t push with nothing to do" "$nothing s" "" "" "" ""
  mv .dvc/cache "$FS/cache-away"; mv data away
  pull=$(timed "$DVC" pull); settled
  versus "pull of them from a directory" "$FILES" "$pull" files/s "cp -r of the cache, cp -rl of the files" "$(calc "$cp+$cprl" 4)"
  rm -rf "$FS"/{copies,cp,cp-cache,remote,cache-away} "$FS"/links/away*
  S3_DIR=$FS/s3 s3_start
  "$DVC" remote add -q -d s3 s3://bench/dvc; "$DVC" remote modify -q s3 endpointurl "$ENDPOINT"
  "$DVC" remote modify -q --local s3 access_key_id "$AWS_ACCESS_KEY_ID"; "$DVC" remote modify -q --local s3 secret_access_key "$AWS_SECRET_ACCESS_KEY"
  bench sdk-put-files "$ENDPOINT" bench "$FS/warm/0000" rehearsal/ $CONNECTIONS >/dev/null
  put=$(bench sdk-put-files "$ENDPOINT" bench "$FS/warm" plain/ $CONNECTIONS); settled
  push=$(timed "$DVC" push -j $CONNECTIONS); settled
  versus "push of them to S3, $CONNECTIONS connections" "$FILES" "$push" files/s "the SDK's putObject" "$put" ">= 0.8"
  get=$(bench sdk-small "$ENDPOINT" bench "$FS/warm" plain/ $CONNECTIONS)
  mv .dvc/cache "$FS/cache-away"; mv data away; settled
  pull=$(timed "$DVC" pull -j $CONNECTIONS); settled
  versus "pull of them from S3, $CONNECTIONS connections" "$FILES" "$pull" files/s "the SDK's getObject, into memory" "$get" ">= 0.8"
  kill "$S3"; wait "$S3" 2>/dev/null || :; S3=
  git add -A; git -c user.name=bench -c user.email=bench@example.com commit -qm data
  rm data.dvc; git -c user.name=bench -c user.email=bench@example.com commit -qam nothing
  cp -rl .dvc/cache "$FS/cache-copy"
  removed=$(timed rm -r "$FS/cache-copy"); settled
  gc=$(timed "$DVC" gc -w -f); settled
  versus "gc, none of $FILES objects is used" "$FILES" "$gc" files/s "rm -r" "$removed"
  cd "$here" || exit 1
  ;; esac

  case " $DATA " in *' big '*)
  data_fs_end
  FS=$BENCH/data/on-disk # few inodes are made here
  rm -rf "$FS"; mkdir -p "$FS"
  truncate -s "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)K" "$FS/hole"
  one=$(bench hash 1); all=$(bench hash "$(nproc)")
  line "t hash rate of the JDK, one thread, all" "$one MiB/s" "" "$all MiB/s" "" ""
  # All memory is in use, by pages of a hole, as on a server that is up for long: free memory of a virtual machine is
  # memory that its host has to find first, which costs more than what is measured. Three rounds, the best of each.
  fresh() { # TYPE FILE...: a project with the big file under these names, which are in memory
    cd "$FS" || exit 1; rm -rf "$FS/big"
    data_project big "$1"; shift
    for name; do cp "$BENCH/data/big.bin" "$name"; printf %s "$name" | dd of="$name" conv=notrunc status=none; done; settled
    "$DVC" status >/dev/null; cat "$FS/hole" "$@" >/dev/null
  }
  for type in reflink,copy hardlink; do
    add='' two='' cp=''
    for _ in 1 2 3; do
      fresh $type big.bin
      cp=$(least "$cp" "$(timed cp big.bin "$FS/cp")"); rm "$FS/cp"; cat "$FS/hole" big.bin >/dev/null; settled
      add=$(least "$add" "$(timed "$DVC" add -q big.bin)"); settled
    done
    line "t add of one file of $mib MiB ($type)" "$(rate "$mib" "$add" MiB/s)" "hashing, one thread" "$one MiB/s" "$(calc "$mib/$add/$one" 2)" ">= 0.9"
  done
  for _ in 1 2 3; do
    fresh $type a.bin b.bin
    two=$(least "$two" "$(timed "$DVC" add -q a.bin b.bin)"); settled
  done
  line "t add of two such files ($type)" "$(rate "$((2 * mib))" "$two" MiB/s)" "hashing, two threads" "$all MiB/s" "$(calc "2*$mib/$two/$all" 2)" ">= 0.9"
  fresh copy big.bin; "$DVC" add -q big.bin; settled
  mv big.bin away
  checkout=$(timed "$DVC" checkout); settled
  versus "checkout of it (a copy)" "$mib" "$checkout" MiB/s cp "$cp"
  "$DVC" remote add -q -d directory "$FS/remote"
  push=$(timed "$DVC" push); settled
  versus "push of it to a directory" "$mib" "$push" MiB/s cp "$cp"
  mv .dvc/cache "$FS/cache-away"; rm big.bin
  pull=$(timed "$DVC" pull); settled
  versus "pull of it from a directory" "$mib" "$pull" MiB/s "cp, twice" "$(calc "2*$cp" 4)"
  rm -rf "$FS/remote" "$FS/cache-away"
  S3_DIR=$FS/s3 s3_start
  "$DVC" remote add -q -d s3 s3://bench/dvc; "$DVC" remote modify -q s3 endpointurl "$ENDPOINT"
  "$DVC" remote modify -q --local s3 access_key_id "$AWS_ACCESS_KEY_ID"; "$DVC" remote modify -q --local s3 secret_access_key "$AWS_SECRET_ACCESS_KEY"
  put=$(bench sdk-put-parts "$ENDPOINT" bench away plain/big.bin $CONNECTIONS); settled
  push=$(timed "$DVC" push -j $CONNECTIONS); settled
  versus "push of it to S3, $CONNECTIONS connections" "$mib" "$push" MiB/s "the SDK, parts of 16 MiB" "$put"
  get=$(bench sdk-get "$ENDPOINT" bench plain/big.bin $CONNECTIONS)
  rm -rf .dvc/cache big.bin; settled
  pull=$(timed "$DVC" pull -j $CONNECTIONS)
  versus "pull of it from S3, $CONNECTIONS connections" "$mib" "$pull" MiB/s "the SDK, ranges of 8 MiB, into memory" "$get"
  kill "$S3"; wait "$S3" 2>/dev/null || :; S3=
  cd "$here" || exit 1
  ;; esac

  case " $DATA " in *' million '*) # that nobody touched
  data_fs million 16
  data_project million hardlink; bench plain data "$STATUS" 1000 8; settled
  add=$(timed "$DVC" add data); settled
  line "t add of $STATUS files of 8 bytes (hard links)" "$(rate "$STATUS" "$add" files/s)" "" "" "" ""
  first=$(timed "$DVC" status)
  status=$(for _ in $(seq 19); do timed "$DVC" status; done | middle)
  line "t status of $STATUS files, nothing changed" "$status s" "the first one, which looks at all" "$first s" "$(ratio "$first" "$status")" "<= 0.3 s"
  echo x >"data/0000/new"
  line "t the same, one file is new" "$(timed "$DVC" status) s" "" "" "" ""
  cd "$here" || exit 1
  ;; esac
  data_fs_end
fi

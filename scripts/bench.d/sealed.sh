# Sourced by scripts/bench. s: sealed commits, against the local disk and against FUSE alone; m: those of a million files.
if has s && [ "$(id -u)" = 0 ]; then
  list_small "$BENCH/small"
  fresh_cache
  drop() { sync; echo "${1:-2}" >/proc/sys/vm/drop_caches; } # 2: entries and inodes; 3: bytes too
  # warm DIR...: the bytes are in memory
  warm() { find "$@" -type f -print0 | xargs -0 cat >/dev/null; }

  sealed_mount "$data" >/dev/null
  "$REVFS" prefetch "$MNT/current" -q
  unmounted
  enter=$(sealed_mount "$data")
  line "s entering a commit whose image exists" "$(calc "$enter*1000") ms" "" "" "" "<= 100 ms"
  at=$(realpath "$MNT/current")
  bench read "$BENCH/small" 1 >/dev/null; bench read "$at/small" 1 >/dev/null
  lf='' la='' sf='' sa='' l8='' s8=''
  for _ in 1 2 3; do # in turns; the best of each
    drop; warm "$BENCH/cache/files" "$BENCH/small" "$BENCH/big.bin"; drop
    lf=$(least "$lf" "$(bench read "$BENCH/small" 1)"); la=$(least "$la" "$(bench read "$BENCH/small" 1)")
    sf=$(least "$sf" "$(bench read "$at/small" 1)"); sa=$(least "$sa" "$(bench read "$at/small" 1)")
    l8=$(least "$l8" "$(timed eight "$BENCH/small")"); s8=$(least "$s8" "$(timed eight "$at/small")")
  done
  line "s 10,000 small files, entries and inodes dropped" "$(calc "10000/$sf") files/s" "the same on the local disk" "$(calc "10000/$lf") files/s" "$(ratio "$lf" "$sf")" ">= 0.55"
  line "s the same again" "$(calc "10000/$sa") files/s" "the same on the local disk" "$(calc "10000/$la") files/s" "$(ratio "$la" "$sa")" ">= 0.65"
  line "s 8 processes at once, again" "$s8 s" "the same on the local disk" "$l8 s" "$(ratio "$l8" "$s8")" ">= 0.7"
  lf='' sf='' lm='' sm=''
  for _ in 1 2 3; do
    drop 3; cat "$BENCH/big.bin" >/dev/null; cat "$at/big.bin" >/dev/null; drop
    lf=$(least "$lf" "$(bench stream "$BENCH/big.bin")"); sf=$(least "$sf" "$(bench stream "$at/big.bin")")
    lm=$(least "$lm" "$(bench mapped "$BENCH/big.bin" 100000)"); sm=$(least "$sm" "$(bench mapped "$at/big.bin" 100000)")
  done
  line "s 1 GiB, first read" "$(calc "1024/$sf") MiB/s" "the same on the local disk" "$(calc "1024/$lf") MiB/s" "$(ratio "$lf" "$sf")" ">= 0.95"
  line "s 100,000 random pages of it, mapped" "$sm s" "the same on the local disk" "$lm s" "$(ratio "$lm" "$sm")" ">= 0.95"

  # Half of it cached: the first 50 of 100 directories.
  half() { # OPTION: seconds for the first read of all, half of which has to be fetched
    unmounted; "$REVFS" cache gc --to 0B -q
    mounted "$data" --seal off
    find "$(realpath "$MNT/current")"/small/0[0-4]? -type f -print0 | xargs -0 cat >/dev/null
    unmounted
    [ "$("$REVFS" cache status --json | sed -n 's/.*"completeObjects" *: *\([0-9]*\).*/\1/p' | head -1)" = 5000 ] || die "it is not half of it that is cached"
    case $1 in on) sealed_mount "$data" >/dev/null ;; *) mounted "$data" --seal off ;; esac
    sync # what was fetched before is on the disk
    bench read "$(realpath "$MNT/current")/small" 1
  }
  fuse='' mine=''
  for _ in 1 2 3; do # in turns; the best of each
    fuse=$(least "$fuse" "$(half off)"); mine=$(least "$mine" "$(half on)")
  done
  line "s half cached, half from a directory, first read" "$(calc "10000/$mine") files/s" "FUSE alone" "$(calc "10000/$fuse") files/s" "$(ratio "$fuse" "$mine")" "> 1"
  unmounted

  # Two revisions of which one file in a hundred differs.
  changed=$(once changed bench changed "$BENCH/remote" "${small%%,*}" 100)
  two=$(repo two "$BENCH/remote" '' "small=$small")
  printf 'outs:\n- md5: %s\n  size: 0\n  nfiles: 10000\n  hash: md5\n  path: small\n' "${changed%%,*}" >"$two/small.dvc"
  git -C "$two" -c user.name=bench -c user.email=bench@example.com commit -qam changed
  mounted "$two" --seal on
  for rev in HEAD~1 HEAD; do "$REVFS" prefetch small --rev $rev --repo "$two" -q; done
  for rev in HEAD~1 HEAD; do
    commit=$(git -C "$two" rev-parse $rev); ls "$MNT/commits/$commit/" >/dev/null
    until grep -q " $MNT/commits/$commit overlay " /proc/mounts; do sleep 0.01; done
  done
  cached() { awk '/^(Cached|Buffers|SReclaimable):/ { n += $2 } END { print n }' /proc/meminfo; }
  sleep 2; drop 3; before=$(cached)
  warm "$MNT/commits/$(git -C "$two" rev-parse HEAD~1)/small"; one=$(($(cached) - before))
  warm "$MNT/commits/$(git -C "$two" rev-parse HEAD)/small"; both=$(($(cached) - before))
  line "s memory for two revisions that share 99 %" "$(calc "$both/1024") MiB" "one of them" "$(calc "$one/1024") MiB" "$(ratio "$both" "$one")" "<= 1.05"
  unmounted
fi

if has m && [ "$(id -u)" = 0 ]; then
  sized=$(once sized bench sized "$BENCH/sized-remote" "$MILLION")
  names=$(repo sized "$BENCH/sized-remote" '' "data=$sized")
  rm -rf "$BENCH"/cache/images/*
  mounted "$names" --seal off; ls "$MNT/current/data/" >/dev/null; unmounted # its manifest is read
  pid=$("$REVFS" daemon status --json | sed -n 's/.*"pid" *: *\([0-9]*\).*/\1/p' | head -1)
  anon() { awk '/^RssAnon/ { print $2 }' "/proc/$pid/status"; }
  build=$(sealed_mount "$names")
  bytes=$(stat -c %s "$BENCH"/cache/images/*.erofs)
  line "m image of $MILLION files, made and mounted" "$build s" "bytes a file" "$(calc "$bytes/$MILLION" 1)" "" "6 s, 200"
  find "$BENCH/million" >/dev/null 2>&1 || once million bench million "$BENCH/million-remote" "$BENCH/million" "$MILLION" >/dev/null
  at=$(realpath "$MNT/current")
  lf='' sf=''
  find "$BENCH/million" >/dev/null; find "$at/data" >/dev/null
  for _ in 1 2 3; do lf=$(least "$lf" "$(timed find "$BENCH/million")"); sf=$(least "$sf" "$(timed find "$at/data")"); done
  line "m walk of $MILLION files" "$(calc "$MILLION/$sf") /s" "find on the local disk, warm" "$(calc "$MILLION/$lf") /s" "$(ratio "$lf" "$sf")" ">= 0.5"
  listed() { (cd "$(realpath "$MNT/current")" && find data -type d -printf '%p %m %T@\n' -o -printf '%p %y %m %s %T@\n' | md5sum); }
  sealed_list=$(listed); unmounted; mounted "$names" --seal off
  fuse_list=$(listed); unmounted
  line "m names, modes, sizes, times of $MILLION files" "${sealed_list:0:8}" "as FUSE lists them" "${fuse_list:0:8}" "" "the same"
  "$REVFS" daemon restart >/dev/null 2>&1 || :; "$REVFS" daemon start >/dev/null
  pid=$("$REVFS" daemon status --json | sed -n 's/.*"pid" *: *\([0-9]*\).*/\1/p' | head -1)
  mounted "$names" --seal on; sleep 1; idle=$(anon); unmounted # not entered yet
  sealed_mount "$names" >/dev/null; find "$(realpath "$MNT/current")/data" >/dev/null; used=$(anon)
  line "m daemon's memory with $MILLION sealed files" "$(calc "$used/1024") MiB" "before" "$(calc "$idle/1024") MiB" "" "+20 MB"
  unmounted
fi

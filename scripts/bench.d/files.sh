# Sourced by scripts/bench. a, b: files that are cached, against the local disk; and the data that k reads too.
if has a || has b || has k || has p || has s; then
  small=$(once small bench small "$BENCH/small" "$BENCH/remote" 10000 20480 184320)
  big=$(once big.bin bench big "$BENCH/big.bin" "$BENCH/remote" $((1 << 30)))
  data=$(repo data "$BENCH/remote" '' "small=$small" "big.bin=$big")
  fresh_cache
  mounted "$data"
  "$REVFS" prefetch "$MNT/current" -q
  unmounted; mounted "$data"
fi
# a, b: once through FUSE alone, and once sealed, which is what root's mounts are by default
ways=fuse; [ "$(id -u)" != 0 ] || ways+=' sealed'
for way in $ways; do
  has a || has b || break
  case $way in fuse) who='FUSE alone' ;; sealed) unmounted; sealed_mount "$data" >/dev/null; unmounted; sealed_mount "$data" >/dev/null; who=sealed ;; esac
  if has a; then
    bench read "$BENCH/small" 1 >/dev/null
    local_small=$(bench read "$BENCH/small" 1)
    first=$(bench read "$MNT/current/small" 1); again=$(bench read "$MNT/current/small" 1)
    local_small2=$(bench read "$BENCH/small" 1)
    line "a 10,000 files of 20-180 KB, cached, first read" "$(calc "10000/$first") files/s" "the same on the local disk; $who" "$(calc "10000/$local_small") files/s" "$(ratio "$local_small" "$first")" ""
    line "a the same again" "$(calc "10000/$again") files/s" "the same on the local disk; $who" "$(calc "10000/$local_small2") files/s" "$(ratio "$local_small2" "$again")" ">= 0.2"
  fi
  if has b; then
    bench stream "$BENCH/big.bin" >/dev/null
    local_big=$(bench stream "$BENCH/big.bin")
    first=$(bench stream "$MNT/current/big.bin"); again=$(bench stream "$MNT/current/big.bin")
    local_big2=$(bench stream "$BENCH/big.bin")
    line "b one file of 1 GiB, cached, first read" "$(calc "1024/$first") MiB/s" "the same on the local disk; $who" "$(calc "1024/$local_big") MiB/s" "$(ratio "$local_big" "$first")" ""
    line "b the same again" "$(calc "1024/$again") MiB/s" "the same on the local disk; $who" "$(calc "1024/$local_big2") MiB/s" "$(ratio "$local_big2" "$again")" ">= 0.7"
  fi
done
! has a && ! has b || { unmounted; mounted "$data"; }

# Sourced by scripts/bench. p: the ways of serving when memory is short. Reader and daemon are in one memory cgroup (version 1 or
# 2, root), which is smaller than what is read: REVFS_BENCH_PRESSURE_MIB (700) against 10,000 files that are 1 GiB together.
PRESSURE_MIB=${REVFS_BENCH_PRESSURE_MIB:-700}
pressure_group=
# makes a group with the limit; empty where that cannot be
pressure_make() {
  local root group limit
  if [ -e /sys/fs/cgroup/memory/memory.limit_in_bytes ]; then
    root=/sys/fs/cgroup/memory limit=memory.limit_in_bytes
  elif grep -qw memory /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null; then
    root=/sys/fs/cgroup limit=memory.max
  else
    return 0
  fi
  group=$root/revfs-bench.$$
  mkdir "$group" 2>/dev/null || return 0
  if echo "${PRESSURE_MIB}M" 2>/dev/null >"$group/$limit"; then echo "$group"; else rmdir "$group"; fi
}
# in_group COMMAND...
in_group() { bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$pressure_group" "$@"; }
# in_turn DIR: seconds of three readings, which no whole of it can be kept between
in_turn() { in_group "$JDK/bin/java" -XX:+UseSerialGC -Xmx128m -cp "$BENCH/classes:$LIB/*" Bench read "$1" 1 2>>"$BENCH/log"; }

if has p; then
  pressure_group=$([ "$(id -u)" = 0 ] && pressure_make || :)
  if [ -z "$pressure_group" ]; then
    echo "| p: memory pressure is left out: no memory cgroup can be made here (root, and the controller, are needed) |"
  else
    sync; echo 3 >/proc/sys/vm/drop_caches
    native=; for _ in 1 2 3; do native+=" $(in_turn "$BENCH/small")"; done
    for way in page-cache passthrough; do
      "$REVFS" daemon stop >/dev/null 2>&1 || :
      in_group env REVFS_MEMORY_MIB=256 "$REVFS" daemon start >/dev/null
      mounted "$data" --backend kernel --serve $way
      sync; echo 3 >/proc/sys/vm/drop_caches
      at=$(realpath "$MNT/current"); seconds=
      for _ in 1 2 3; do seconds+=" $(in_turn "$at/small")"; done
      unmounted; "$REVFS" daemon stop >/dev/null
      for i in 1 2 3; do
        w=$(awk -v i=$i '{ print $i }' <<<"$seconds"); n=$(awk -v i=$i '{ print $i }' <<<"$native")
        line "p 10,000 small files within $PRESSURE_MIB MiB, read $i" "$w s" "the local disk; kernel session, $way" "$n s" "$(ratio "$n" "$w")" ""
      done
    done
    rmdir "$pressure_group" 2>/dev/null || :
  fi
fi

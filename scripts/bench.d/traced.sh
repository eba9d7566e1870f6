# Sourced by scripts/bench. x: what it costs to record a run: a C build (in an attached copy too, as root), and the reading of many
# small files.
TRACED=$BENCH/traced
# traced_sources DIR FILES: a C project of so many files, each with the same thirty headers and some of its own work
traced_sources() {
  mkdir -p "$1/src" "$1/include"
  local i j
  for i in $(seq 30); do
    { echo "#pragma once"; for j in $(seq 40); do echo "static inline int h${i}_$j(int x) { return x * $j + $i; }"; done; } >"$1/include/h$i.h"
  done
  for i in $(seq "$2"); do
    { echo "#include <stdio.h>"; for j in $(seq 30); do echo "#include \"h$j.h\""; done
      for j in $(seq 40); do echo "int f${i}_$j(int x) { int s = 0; for (int k = 0; k < x; k++) s += h$((j % 30 + 1))_$j(k) ^ k; return s; }"; done
    } >"$1/src/f$i.c"
  done
  echo "int main(void) { return 0; }" >"$1/src/main.c"
  cat >"$1/Makefile" <<'MAKE'
objects := $(patsubst src/%.c,build/%.o,$(wildcard src/*.c))
build/program: $(objects)
	$(CC) -o $@ $^
build/%.o: src/%.c | build
	$(CC) -O1 -Iinclude -MMD -c -o $@ $<
build:
	mkdir -p build
MAKE
  git -C "$1" init -q -b main
  printf 'build/\n' >"$1/.gitignore"
  git -C "$1" add -A; git -C "$1" -c user.name=bench -c user.email=bench@example.com commit -qm sources
}

if has x; then
  once traced traced_sources "$TRACED" "${REVFS_BENCH_SOURCES:-150}" >/dev/null
  small=$(once small bench small "$BENCH/small" "$BENCH/remote" 10000 20480 184320) && : "$small"
  [ -e "$TRACED/small" ] || { printf 'small/\n' >>"$TRACED/.git/info/exclude"; cp -rl "$BENCH/small" "$TRACED/small"; }
  here=$PWD
  cd "$TRACED"
  jobs=$(nproc)
  traced_build() { rm -rf build; timed "$@" make -s -j"$jobs"; }
  plain='' traced='' strace='' attached=''
  traced_build >/dev/null; traced_build "$REVFS" run -- >/dev/null
  if [ "$(id -u)" = 0 ]; then # the same sources in an attached copy
    "$REVFS" detach "$TRACED-attached" --lazy >/dev/null 2>&1 || :
    rm -rf "$TRACED-attached"; mkdir "$TRACED-attached"
    cp -a .git .gitignore Makefile src include "$TRACED-attached"
    "$REVFS" attach "$TRACED-attached" >/dev/null
    attached_build() { (cd "$TRACED-attached" && traced_build); }
    attached_build >/dev/null
  fi
  for _ in 1 2 3; do # in turns, the best of each
    plain=$(least "$plain" "$(traced_build)")
    [ "$(id -u)" != 0 ] || attached=$(least "$attached" "$(attached_build)")
    traced=$(least "$traced" "$(traced_build "$REVFS" run --)")
    strace=$(least "$strace" "$(traced_build strace -f -e trace=file -o /dev/null)")
  done
  line "x C build of ${REVFS_BENCH_SOURCES:-150} files, recorded" "$traced s" "plain" "$plain s" "$(ratio "$traced" "$plain")" "<= 1.4"
  if [ -n "$attached" ]; then
    line "x C build of ${REVFS_BENCH_SOURCES:-150} files, in an attached copy" "$attached s" "plain" "$plain s" "$(ratio "$attached" "$plain")" "<= 1.25"
    "$REVFS" detach "$TRACED-attached" >/dev/null
  fi
  line "x the same build, recorded" "$traced s" "under strace -f -e trace=file" "$strace s" "$(ratio "$traced" "$strace")" ""

  read_small=("$JDK/bin/java" -XX:+UseSerialGC -Xmx3g -cp "$BENCH/classes:$LIB/*" Bench read "$TRACED/small" 1)
  "${read_small[@]}" >/dev/null; "$REVFS" run -- "${read_small[@]}" >/dev/null # hashed once
  plain='' traced=''
  for _ in 1 2 3; do
    plain=$(least "$plain" "$("${read_small[@]}")")
    traced=$(least "$traced" "$("$REVFS" run -- "${read_small[@]}")")
  done
  line "x 10,000 files of 20-180 KB, recorded, first read" "$(calc "10000/$traced") files/s" "the same on the local disk" "$(calc "10000/$plain") files/s" "$(ratio "$plain" "$traced")" ">= 0.2"
  nothing=$(for _ in $(seq 9); do timed "$REVFS" run -- true; done | middle)
  line "x revfs run -- true" "$nothing s" "revfs trace list, a whole process" "$(timed "$REVFS" trace list) s" "" ""
  cd "$here"
fi

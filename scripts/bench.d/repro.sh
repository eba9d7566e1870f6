# Sourced by scripts/bench. r: pipelines, as whole processes.
#   REVFS_BENCH_STAGES: how many stages of pipelines with nothing to do (default "10 1000 10000")
# Stages copy a small file, and each but the first depends on an earlier one and on a parameter too.
STAGES=${REVFS_BENCH_STAGES:-10 1000 10000}

# pipeline DIRECTORY COUNT: a project with that pipeline, never run
pipeline() {
  mkdir -p "$1/in"; cd "$1" || exit 1
  git init -q -b main; "$DVC" init -q
  seq 0 $(($2 - 1)) | awk '{ print $1 > ("in/" $1); close("in/" $1) }'
  echo 'scale: 1' >params.yaml
  seq 0 $(($2 - 1)) | awk 'BEGIN { print "stages:" } {
    printf "  s%d:\n    cmd: cp in/%d out-%d\n    deps:\n    - in/%d\n", $1, $1, $1, $1
    if ($1 > 0) printf "    - out-%d\n", int($1 / 10)
    printf "    params:\n    - scale\n    outs:\n    - out-%d\n", $1 }' >dvc.yaml
}
# recorded DIRECTORY COUNT: the same as if it had been run
recorded() {
  pipeline "$@"
  seq 0 $(($2 - 1)) | awk '{ f = "out-" $1; print $1 > f; close(f) }'
  "$DVC" commit -q -f
}

if has r; then
  DVC=$BENCH/dvc
  ln -sfn "$ROOT/cli/target/dist/bin/revfs" "$DVC"
  here=$PWD PIPES=$BENCH/pipes
  rm -rf "$PIPES"; mkdir -p "$PIPES"

  pipeline "$PIPES/first" 100
  "$DVC" status >/dev/null || : # the daemon runs
  shell=$(timed sh -c 'i=0; while [ $i -lt 100 ]; do sh -c "cp in/$i shell-$i"; i=$((i + 1)); done')
  first=$(timed "$DVC" repro)
  line "r 100 stages run for the first time" "$first s" "their commands by a shell" "$shell s" "$(ratio "$shell" "$first")" "DVC 11.9 s"
  rm -rf .dvc/cache dvc.lock out-*
  line "r the same, two at once" "$(timed "$DVC" repro -j 2) s" "" "" "" ""

  for count in $STAGES; do
    recorded "$PIPES/p$count" "$count"
    "$DVC" repro >/dev/null
    "$DVC" repro | tail -1 | grep -q 'up to date' || die "repro of $count stages has something to do"
    nothing=$(for _ in $(seq 9); do timed "$DVC" repro; done | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
    reach=; [ "$count" != 1000 ] || reach='<= 0.25 s'
    line "r repro of $count stages, nothing to do" "$nothing s" "revfs root, a whole process" "$(timed "$DVC" root) s" "" "$reach"
  done
  cd "$here" || exit 1
  rm -rf "$PIPES"
fi

# Sourced by scripts/bench. r: pipelines, as whole processes; as root also in an attached working copy.
#   REVFS_BENCH_STAGES: how many stages of pipelines with nothing to do (default "10 1000 10000")
#   REVFS_BENCH_RESTORED: how many files come back from the history of runs (default 100000)
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
# recorded DIRECTORY COUNT: the same as if it had been run. An output is a copy of the stage's file, so the cache has it by adding those.
recorded() {
  pipeline "$@"
  seq 0 $(($2 - 1)) | awk '{ f = "out-" $1; print $1 > f; close(f); print "/" f > ".gitignore" }'
  "$DVC" add -q in
  (cd in && seq 0 $(($2 - 1)) | xargs md5sum) | awk 'BEGIN { print "schema: \x272.0\x27\nstages:" } {
    i = $2; md5[i] = $1; size = length(i) + 1; before = int(i / 10)
    printf "  s%d:\n    cmd: cp in/%d out-%d\n    deps:\n", i, i, i
    printf "    - path: in/%d\n      hash: md5\n      md5: %s\n      size: %d\n", i, $1, size
    if (i > 0) printf "    - path: out-%d\n      hash: md5\n      md5: %s\n      size: %d\n", before, md5[before], length(before) + 1
    printf "    params:\n      params.yaml:\n        scale: 1\n"
    printf "    outs:\n    - path: out-%d\n      hash: md5\n      md5: %s\n      size: %d\n", i, $1, size }' >dvc.lock
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

  files=${REVFS_BENCH_RESTORED:-100000}
  restored() { rm -rf many dvc.lock; sync; timed "$DVC" repro; }
  mkdir "$PIPES/restore"; cd "$PIPES/restore" || exit 1
  git init -q -b main; "$DVC" init -q; echo 1 >in
  cat >dvc.yaml <<YAML
stages:
  make:
    cmd: mkdir many && seq $files | awk '{ f = "many/" \$1; print \$1 > f; close(f) }'
    deps: [in]
    outs: [many]
YAML
  "$DVC" repro -q >/dev/null
  plain=$(restored)
  if [ "$(id -u)" = 0 ]; then
    git add -A; git -c user.name=bench -c user.email=bench@example.com commit -qm made
    rm -rf many dvc.lock; cd "$PIPES" || exit 1
    "$REVFS" attach "$PIPES/restore" >/dev/null; cd "$PIPES/restore" || exit 1
    attached=$(timed "$DVC" repro)
    for _ in 1 2; do rm -f dvc.lock; attached=$(least "$attached" "$(timed "$DVC" repro)"); done
    [ "$(cat many/77)" = 77 ] || die "what was restored is not there"
    line "r $files files from the history of runs, attached" "$attached s" "as links, not attached" "$plain s" "$(ratio "$attached" "$plain")" "<= 1 s"
    cd "$PIPES" || exit 1; "$REVFS" detach "$PIPES/restore" >/dev/null

    pipeline "$PIPES/traced" 20
    git add -A; git -c user.name=bench -c user.email=bench@example.com commit -qm all
    cd "$PIPES" || exit 1
    "$REVFS" attach "$PIPES/traced" >/dev/null; cd "$PIPES/traced" || exit 1
    traced='' plain=''
    for _ in 1 2 3; do
      plain=$(least "$plain" "$(timed "$DVC" repro -f --no-record)"); traced=$(least "$traced" "$(timed "$DVC" repro -f)")
    done
    line "r a stage in an attached copy, recorded" "$(calc "$traced*50") ms" "not recorded" "$(calc "$plain*50") ms" "+$(calc "($traced-$plain)*50")" "<= +50 ms"
    cd "$PIPES" || exit 1; "$REVFS" detach "$PIPES/traced" >/dev/null
  else
    line "r $files files from the history of runs, as links" "$plain s" "" "" "" ""
  fi
  cd "$here" || exit 1
  rm -rf "$PIPES"
fi

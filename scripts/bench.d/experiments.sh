# Sourced by scripts/bench. y: experiments, as whole processes.
#   REVFS_BENCH_EXPERIMENTS: how many are shown (default 1000), each with 100 parameters
# experiments_made DIR COUNT: a project whose HEAD has COUNT experiments
experiments_made() {
  local dir=$1 count=$2
  mkdir -p "$dir/.dvc"; git -C "$dir" init -q -b main
  : >"$dir/.dvc/config"; printf '/config.local\n/tmp\n/cache\n' >"$dir/.dvc/.gitignore"
  printf 'stages:\n  train:\n    cmd: "true"\n    deps: [train.py]\n    params: [params.yaml:]\n    metrics:\n    - metrics.json:\n        cache: false\n' >"$dir/dvc.yaml"
  echo 'print(1)' >"$dir/train.py"
  experiment_params 0 >"$dir/params.yaml"; experiment_metrics 0 >"$dir/metrics.json"
  git -C "$dir" config user.name bench; git -C "$dir" config user.email bench@example.com
  git -C "$dir" add -A; git -C "$dir" commit -qm base
  local head; head=$(git -C "$dir" rev-parse HEAD)
  for i in $(seq "$count"); do
    printf 'commit refs/exps/%s/%s/exp-%d\ncommitter bench <bench@example.com> %d +0000\ndata <<M\ndvc: commit experiment %d\nM\nfrom %s\n' \
      "${head:0:2}" "${head:2}" "$i" $((1750000000 + i)) "$i" "$head"
    printf 'M 100644 inline params.yaml\ndata <<P\n'; experiment_params "$i"; printf 'P\n'
    printf 'M 100644 inline metrics.json\ndata <<P\n'; experiment_metrics "$i"; printf 'P\n'
  done | git -C "$dir" fast-import --quiet
}
experiment_params() { awk -v i="$1" 'BEGIN { for (p = 0; p < 100; p++) printf "param%02d: %s\n", p, (p * 37 + i * 11) % 1000 / 1000 }'; }
experiment_metrics() { awk -v i="$1" 'BEGIN { printf "{\"acc\": %.4f, \"loss\": %.4f}\n", i % 97 / 97, 1 - i % 97 / 97 }'; }

# terabyte DIR: a project with 64 files of 16 GiB, holes, that only its remote DIR/remote has
terabyte() {
  local dir=$1 list name size=$((16 << 30))
  mkdir -p "$dir/p/.dvc" "$dir/remote/files/md5"; list=$dir/list
  git -C "$dir/p" init -q -b main
  printf '[core]\n    remote = r\n[\047remote "r"\047]\n    url = ../../remote\n' >"$dir/p/.dvc/config"
  printf '/config.local\n/tmp\n/cache\n' >"$dir/p/.dvc/.gitignore"
  for i in $(seq 0 63); do
    name=$(printf '%032x' $((0xabc0000 + i)))
    mkdir -p "$dir/remote/files/md5/${name:0:2}"
    echo "file $i" >"$dir/remote/files/md5/${name:0:2}/${name:2}"
    truncate -s $size "$dir/remote/files/md5/${name:0:2}/${name:2}"
    printf '%s{"md5": "%s", "relpath": "f%02d"}' "$([ "$i" = 0 ] && printf '[' || printf ', ')" "$name" "$i"
  done >"$list"
  printf ']' >>"$list"
  name=$(md5sum <"$list" | cut -c1-32)
  mkdir -p "$dir/remote/files/md5/${name:0:2}"; cp "$list" "$dir/remote/files/md5/${name:0:2}/${name:2}.dir"
  printf 'outs:\n- md5: %s.dir\n  size: %d\n  nfiles: 64\n  hash: md5\n  path: data\n' "$name" $((64 * size)) >"$dir/p/data.dvc"
  printf '/data\n' >"$dir/p/.gitignore"; echo 'n: 0' >"$dir/p/params.yaml"
  printf 'stages:\n  read:\n    cmd: date +%%s.%%N > "$BENCH_BEGUN/$DVC_EXP_NAME"; head -c 7 data/f07 > out; cat params.yaml >> out\n    deps: [data]\n    params: [n]\n    outs: [out]\n' >"$dir/p/dvc.yaml"
  git -C "$dir/p" config user.name bench; git -C "$dir/p" config user.email bench@example.com
  git -C "$dir/p" add -A; git -C "$dir/p" commit -qm base
}

if has y; then
  EXPS=${REVFS_BENCH_EXPERIMENTS:-1000} DVC=$BENCH/dvc
  ln -sfn "$ROOT/cli/target/dist/bin/revfs" "$DVC"
  once "experiments-$EXPS" experiments_made "$BENCH/experiments-$EXPS" "$EXPS" >/dev/null
  here=$PWD; cd "$BENCH/experiments-$EXPS"
  middle() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
  git=$(for _ in 1 2 3 4 5; do timed git for-each-ref refs/exps; done | middle)
  fresh_cache; "$REVFS" daemon start >/dev/null 2>&1 || :; "$DVC" root >/dev/null
  first=$(timed "$DVC" exp show)
  again=$(for _ in 1 2 3 4 5; do timed "$DVC" exp show; done | middle)
  json=$(for _ in 1 2 3 4 5; do timed "$DVC" exp show --json; done | middle)
  line "y exp show of $EXPS experiments, the first time" "$(calc "$first" 2) s" "git for-each-ref of them" "$(calc "$git" 2) s" "$(ratio "$first" "$git")" "<= 3 s"
  line "y the same again" "$(calc "$again" 2) s" "" "" "$(ratio "$again" "$git")" "<= 0.5 s"
  line "y the same again, as JSON" "$(calc "$json" 2) s" "" "" "$(ratio "$json" "$git")" "<= 0.5 s"

  rm -rf "$BENCH/experiment"; mkdir -p "$BENCH/experiment"; cd "$BENCH/experiment"
  git init -q -b main; "$DVC" init -q; git config user.name bench; git config user.email bench@example.com
  printf 'stages:\n  train:\n    cmd: cp params.yaml out\n    params: [lr]\n    outs: [out]\n' >dvc.yaml
  echo 'lr: 1' >params.yaml; git add -A; git commit -qm base
  "$DVC" exp run -q >/dev/null
  run=$(for i in 2 3 4 5 6; do timed "$DVC" exp run -q -S "lr=$i"; done | middle)
  line "y exp run of one stage" "$(calc "$run" 2) s" "DVC 3.67 on such a machine" "0.90 s" "$(ratio "$run" 0.90)" "< 1"
  seq -s, 1 32 >"$BENCH/list"
  queue=$(timed "$DVC" exp run --queue -S "lr=$(cat "$BENCH/list")")
  line "y 32 experiments queued" "$(calc "$queue" 2) s" "" "" "" ""
  all=$(timed "$DVC" exp run --run-all -j 2)
  line "y the same 32 run, two at once" "$(calc "$all" 2) s" "" "" "" ""

  rm -rf "$BENCH/terabyte" "$BENCH/begun"; mkdir -p "$BENCH/begun"; export BENCH_BEGUN=$BENCH/begun
  terabyte "$BENCH/terabyte"; cd "$BENCH/terabyte/p"
  fresh_cache; "$REVFS" daemon start >/dev/null 2>&1 || :; "$DVC" root >/dev/null
  queue=$(timed "$DVC" exp run --queue -q -n t -S 'n=range(0,32)')
  line "y 32 experiments on 1 TiB of data that only the remote has, queued" "$(calc "$queue" 2) s" "" "" "" ""
  began=$(date +%s.%N)
  all=$(timed "$DVC" exp run --run-all -q -j 8)
  first=$(sort -n "$BENCH/begun"/* | head -1); last=$(sort -n "$BENCH/begun"/* | tail -1)
  line "y the first of them begins to run after, eight at once" "$(calc "$first - $began" 2) s" "" "" "" "seconds"
  line "y the last of them begins to run after" "$(calc "$last - $began" 2) s" "" "" "" "seconds"
  line "y all 32 are done after" "$(calc "$all" 2) s" "" "" "" ""
  line "y objects fetched by all 32 together" "$(find "$REVFS_CACHE_DIR/partial" -type f | wc -l)" "files there are" "64" "" "1"
  cd "$here"
fi

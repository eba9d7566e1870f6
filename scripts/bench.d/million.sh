# Sourced by scripts/bench. c, d, f: a directory of a million files.
if has c || has d || has f; then
  million=$(once million bench million "$BENCH/million-remote" "$BENCH/million" "$MILLION")
  names=$(repo names "$BENCH/million-remote" '' "data=$million")
  fresh_cache
  "$REVFS" daemon start >/dev/null
  pid=$("$REVFS" daemon status --json | sed -n 's/.*"pid" *: *\([0-9]*\).*/\1/p' | head -1)
  anon() { awk '/^RssAnon/ { print $2 }' "/proc/$pid/status"; }
  idle=$(anon)
  first_ls=$(timed sh -c "'$REVFS' mount '$names' '$MNT' && ls '$MNT/current/data'")
  unmounted
  later_ls=$(timed sh -c "'$REVFS' mount '$names' '$MNT' && ls '$MNT/current/data'")
  if has d; then
    line "d mount to the first ls, $MILLION files, first time" "$first_ls s" "reading the manifest (cat)" "$(timed cat "$BENCH"/million-remote/files/md5/*/*.dir) s" "" ""
    line "d the same later" "$later_ls s" "the first time" "$first_ls s" "$(ratio "$first_ls" "$later_ls")" "<= 0.3 s"
  fi
  find "$BENCH/million" >/dev/null; find "$MNT/current/data" >/dev/null
  local_find='' first_find='' again_find=''
  for _ in 1 2 3; do # each from a new mount; the best of each
    unmounted; mounted "$names"
    local_find=$(least "$local_find" "$(timed find "$BENCH/million")")
    first_find=$(least "$first_find" "$(timed find "$MNT/current/data/")"); again_find=$(least "$again_find" "$(timed find "$MNT/current/data/")")
  done
  if has c; then
    line "c find over $MILLION files" "$(calc "$MILLION/$first_find") /s" "find on the local disk, warm" "$(calc "$MILLION/$local_find") /s" "$(ratio "$local_find" "$first_find")" ">= 0.5"
    line "c the same again" "$(calc "$MILLION/$again_find") /s" "find on the local disk, warm" "$(calc "$MILLION/$local_find") /s" "$(ratio "$local_find" "$again_find")" ""
  fi
  if has f; then
    used=$(anon)
    line "f daemon's memory after $MILLION files (RssAnon)" "$(calc "$used/1024") MiB" "the idle daemon" "$(calc "$idle/1024") MiB" "$(ratio "$used" "$idle")" "+250 MB"
  fi
  unmounted
fi

# Sourced by scripts/bench. g: `revfs use` as a whole process.
if has g; then
  data=$(repo use "$BENCH/remote" '')
  git -C "$data" -c user.name=bench -c user.email=bench@example.com commit -q --allow-empty -m second
  mounted "$data"
  median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
  for _ in 1 2 3; do "$REVFS" use HEAD >/dev/null; done
  installed=$BENCH/installed
  "$ROOT/scripts/install" --prefix "$installed" >/dev/null
  for _ in 1 2 3; do "$installed/bin/revfs" use HEAD >/dev/null; done
  use=$(for i in $(seq 20); do timed "$installed/bin/revfs" use "HEAD~$((i % 2))"; done | median)
  bare=$(for _ in $(seq 20); do timed git -C "$data" rev-parse HEAD; done | median)
  line "g revfs use, a whole process" "$(calc "$use*1000") ms" "git rev-parse, a whole process" "$(calc "$bare*1000") ms" "$(ratio "$use" "$bare")" "<= 120 ms"
  unmounted
fi

# Sourced by scripts/bench. k: the ways of serving a mount, and a file system in C.
# The ways of serving, each by a daemon that has been up for a while: everything once before, from another mount.
list_small() { (cd "$1" && find . -type f) >"$BENCH/small.list"; }
eight() { (cd "$1" && for _ in 1 2 3 4 5 6 7 8; do xargs cat <"$BENCH/small.list" >/dev/null & done; wait); }
# figures DIR BIG: small first, small again, big first, big again, mapped first, mapped again, 8 processes
figures() {
  echo "$(bench read "$1" 1) $(bench read "$1" 1) $(bench stream "$2") $(bench stream "$2") $3 $(timed eight "$1")"
}
# least_each FIGURES FIGURES: of each figure the smaller one
least_each() { paste <(tr ' ' '\n' <<<"$1") <(tr ' ' '\n' <<<"$2") | while read -r a b; do least "${b:-}" "$a"; done | paste -sd' '; }
# the best of three mappings each: first in a new mapping, then the same pages again
mapped_figures() {
  local f='' first; first=$(bench mapped "$1" 100000)
  for _ in 1 2 3; do f=$(least "$f" "$(bench mapped "$1" 100000)"); done
  echo "$first $f"
}
if has k && [ "$(id -u)" = 0 ]; then
  # Both files come into the page cache the same way, which decides how large the pieces are that a page fault maps.
  sync; echo 3 >/proc/sys/vm/drop_caches; find "$BENCH/cache/files" -size +500M -exec cat {} + >/dev/null; cat "$BENCH/big.bin" >/dev/null
  native_mapped=$(bench mapped "$BENCH/big.bin" 100000 >/dev/null; mapped_figures "$BENCH/big.bin")
  list_small "$BENCH/small"
  native=$(figures "$BENCH/small" "$BENCH/big.bin" "$native_mapped")
  for round in 1 2 3; do native=$(least_each "$native" "$(figures "$BENCH/small" "$BENCH/big.bin" "$native_mapped")"); done
  ways=
  for way in page-cache passthrough jnr; do
    case $way in jnr) options=(--backend jnr) ;; *) options=(--backend kernel --serve $way) ;; esac
    best=
    for round in 1 2 3; do # the best of each, as of the local disk
      find "$BENCH/cache/files" -type f -print0 | xargs -0 cat >/dev/null # objects in the page cache, as the plain files are
      mounted "$data" "${options[@]}"
      m=$(mapped_figures "$MNT/current/big.bin"); unmounted; mounted "$data" "${options[@]}"
      at=$(realpath "$MNT/current")
      last=$(figures "$at/small" "$at/big.bin" "$m")
      best=$(least_each "$last" "$best")
      unmounted
    done
    declare "way_${way/-/_}=$best"; ways+=" $way"
  done
  if c_passthrough; then
    mkdir -p "$BENCH/passthrough"
    c_mount() { "$BENCH/passthrough_ll" -o "source=$BENCH,cache=always,timeout=86400" "$BENCH/passthrough"; }
    way_c=
    for round in 1 2 3; do
      c_mount; m=$(mapped_figures "$BENCH/passthrough/big.bin"); fusermount3 -u "$BENCH/passthrough"; c_mount
      way_c=$(least_each "$(figures "$BENCH/passthrough/small" "$BENCH/passthrough/big.bin" "$m")" "$way_c")
      fusermount3 -u "$BENCH/passthrough"
    done
    ways+=" c"
  else
    echo "| k: $WITHOUT_C |"
  fi
  names=("10,000 small files, first read" "10,000 small files, second read" "1 GiB, first read" "1 GiB, second read"
    "100,000 random pages of a mapped 1 GiB, first" "the same again" "10,000 small files by 8 processes, second read")
  for i in 1 2 3 4 5 6 7; do
    n=$(awk -v i=$i '{ print $i }' <<<"$native")
    for way in $ways; do
      v=way_${way/-/_}; w=$(awk -v i=$i '{ print $i }' <<<"${!v}")
      case $way in jnr) who="jnr-fuse" ;; c) who="C, passthrough_ll" ;; *) who="kernel session, $way" ;; esac
      line "k ${names[i - 1]}" "$w s" "the local disk; $who" "$n s" "$(ratio "$n" "$w")" ""
    done
  done
fi

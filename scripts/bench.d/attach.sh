# Sourced by scripts/bench. w: the attached working copy, against the directory below it (root).
ATTACHED=$BENCH/attached
# attach_data VERSION: a directory of 100,000 files, of which a few can be read; prints its digest, size and count
attach_data() {
  local remote=$ATTACHED/remote manifest i md5
  manifest=$(mktemp)
  awk -v v="$1" 'BEGIN { printf "["; for (i = 0; i < 100000; i++) printf "%s{\"md5\": \"%08d%016x%08x\", \"relpath\": \"f%06d\"}", i ? ", " : "", i, i * 7919 + v, v, i; printf "]" }' >"$manifest"
  for i in 0 50000 99999; do # these are real
    md5=$(printf 'v%s %s\n' "$1" "$i" | md5sum | cut -c1-32)
    sed -i "s/\"md5\": \"[0-9a-f]*\", \"relpath\": \"$(printf 'f%06d' "$i")\"/\"md5\": \"$md5\", \"relpath\": \"$(printf 'f%06d' "$i")\"/" "$manifest"
    mkdir -p "$remote/files/md5/${md5:0:2}"; printf 'v%s %s\n' "$1" "$i" >"$remote/files/md5/${md5:0:2}/${md5:2}"
  done
  md5=$(md5sum "$manifest" | cut -c1-32)
  mkdir -p "$remote/files/md5/${md5:0:2}"; mv "$manifest" "$remote/files/md5/${md5:0:2}/${md5:2}.dir"
  echo "$md5.dir,1000000,100000"
}

if has w; then
  git_() { git -c gc.auto=0 -c user.name=bench -c user.email=bench@example.com "$@"; }
  "$REVFS" detach "$BENCH/repo-attach" --lazy >/dev/null 2>&1 || :
  mkdir -p "$ATTACHED"
  work=$(repo attach "$ATTACHED/remote" '' "data=$(attach_data 1)")
  printf '/data\n' >"$work/.gitignore"
  for d in $(seq 100); do mkdir "$work/code$d"; for f in $(seq 200); do echo "$d $f" >"$work/code$d/f$f"; done; done
  git_ -C "$work" add -A; git_ -C "$work" commit -qm one; git -C "$work" tag one
  sed -i "s/md5: [0-9a-f]*\.dir/md5: $(attach_data 2 | cut -d, -f1)/" "$work/data.dvc"
  git_ -C "$work" commit -qam two; git -C "$work" tag two
  rm -rf "$ATTACHED/plain" "$ATTACHED/objects"; cp -a "$work" "$ATTACHED/plain"
  mkdir "$ATTACHED/objects"; (cd "$ATTACHED/objects" && seq -f 'f%06.0f' 0 99999 | xargs touch)
  "$REVFS" attach "$work" >/dev/null

  switch_attached() { git -C "$work" checkout -q "$1"; cat "$work/data/f000000" "$work/data/f099999"; }
  switch_links() { git -C "$ATTACHED/plain" checkout -q "$1"; rm -rf "$ATTACHED/plain/data"; cp -rl "$ATTACHED/objects" "$ATTACHED/plain/data"; cat "$ATTACHED/plain/data/f000000"; }
  for v in one two; do switch_attached $v; switch_links $v; done >/dev/null 2>&1
  ls "$work/data" >/dev/null # so that there is something to forget
  attached='' links='' status='' plain=''
  for _ in 1 2 3; do
    attached=$(least "$attached" "$(timed switch_attached one)"); links=$(least "$links" "$(timed switch_links one)")
    attached=$(least "$attached" "$(timed switch_attached two)")
    for _ in 1 2 3 4 5; do # it takes little longer than a process to start
      status=$(least "$status" "$(timed git -C "$work" status --short)"); plain=$(least "$plain" "$(timed git -C "$ATTACHED/plain" status --short)")
    done
  done
  line "w git checkout, 100,000 files of data, to the first byte" "$(calc "$attached*1000") ms" "git checkout, rm, cp -rl" "$(calc "$links*1000") ms" "$(ratio "$attached" "$links")" "<= 1 s"
  line "w git status of 20,000 files, attached" "$(calc "$status*1000") ms" "the same, plain" "$(calc "$plain*1000") ms" "$(ratio "$status" "$plain")" "<= 1.5"

  big() { dd if=/dev/zero of="$1/big" bs=1M count=1024 conv=fsync status=none; rm "$1/big"; }
  big "$work"; big "$ATTACHED/plain"
  attached='' plain=''
  for _ in 1 2 3; do
    attached=$(least "$attached" "$(timed big "$work")"); plain=$(least "$plain" "$(timed big "$ATTACHED/plain")")
  done
  line "w 1 GiB written and synchronized, attached" "$(calc "1024/$attached") MiB/s" "the disk" "$(calc "1024/$plain") MiB/s" "$(ratio "$plain" "$attached")" ">= 0.8"
  "$REVFS" detach "$work" >/dev/null

  # Small files on a file system of their own: on one that is old and full in parts, to find an inode can take longer than all else.
  fresh=$ATTACHED/fresh
  ! mountpoint -q "$ATTACHED/over" || umount "$ATTACHED/over"
  ! mountpoint -q "$fresh" || umount "$fresh"
  mkdir -p "$fresh"; rm -f "$fresh.img"; truncate -s 8G "$fresh.img"; mkfs.ext4 -q "$fresh.img"; mount -o loop "$fresh.img" "$fresh"
  mkdir "$fresh/plain"; git init -q "$fresh/copy"; (cd "$fresh/copy" && "$REVFS" init -q && "$REVFS" attach >/dev/null)
  gcc -O2 "$ROOT/scripts/bench.d/write-many.c" -o "$BENCH/write-many"
  many() { sync; "$BENCH/write-many" "$1/many$2" 10000 16384; }
  c_mount=
  if c_passthrough; then
    c_mount=$ATTACHED/c; mkdir -p "$c_mount"
    many_c() { # mounted each time, as it holds a descriptor for each file
      (ulimit -n "$(ulimit -Hn)"; "$BENCH/passthrough_ll" -o "source=$fresh/plain,cache=always,timeout=86400" "$c_mount")
      many "$c_mount" "c$1"; umount "$c_mount"
    }
  else
    echo "| w: $WITHOUT_C |"
  fi
  # what a layer within the kernel takes, which asks nobody
  over=$ATTACHED/over; mkdir -p "$over" "$fresh/lower" "$fresh/upper" "$fresh/scratch"
  mount -t overlay overlay -o "lowerdir=$fresh/lower,upperdir=$fresh/upper,workdir=$fresh/scratch" "$over"
  for i in 1 2; do many "$fresh/copy" "warm$i" >/dev/null; done
  small='' smallplain='' smallc='' smallover=''
  for i in 1 2 3 4 5; do
    small=$(least "$small" "$(many "$fresh/copy" $i)"); smallplain=$(least "$smallplain" "$(many "$fresh/plain" $i)")
    smallover=$(least "$smallover" "$(many "$over" $i)")
    [ -z "$c_mount" ] || smallc=$(least "$smallc" "$(many_c $i)")
  done
  line "w 10,000 files of 16 KiB written, attached" "$(calc "10000/$small") files/s" "the disk" "$(calc "10000/$smallplain") files/s" "$(ratio "$smallplain" "$small")" ">= 0.8"
  if [ -n "$c_mount" ]; then
    line "w the same" "$(calc "10000/$small") files/s" "C, passthrough_ll" "$(calc "10000/$smallc") files/s" "$(ratio "$smallc" "$small")" "> 1"
  fi
  line "w the same, overlayfs of the kernel" "$(calc "10000/$smallover") files/s" "the disk" "$(calc "10000/$smallplain") files/s" "$(ratio "$smallplain" "$smallover")" ""
  "$REVFS" detach "$fresh/copy" >/dev/null; umount "$over" "$fresh"; rm "$fresh.img"
fi

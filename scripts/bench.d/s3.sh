# Sourced by scripts/bench. e: cold from S3, against the SDK and other mounts.
# s3_start: a server whose buckets are directories of $S3_DIR; ENDPOINT is its address
s3_start() {
  local jar=$ROOT/daemon/target/test-servers/s3proxy.jar port
  [ -e "$jar" ] || jar=$(ls "$ROOT"/daemon/target/test-servers/*s3proxy*.jar 2>/dev/null | head -1)
  [ -n "$jar" ] || die "no S3Proxy: build the tests first (scripts/test)"
  while port=$((20000 + RANDOM % 10000)); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break; done
  mkdir -p "${S3_DIR:=$BENCH/s3}"
  printf '%s\n' "s3proxy.endpoint=http://127.0.0.1:$port" s3proxy.authorization=aws-v2-or-v4 "s3proxy.identity=$AWS_ACCESS_KEY_ID" \
    "s3proxy.credential=$AWS_SECRET_ACCESS_KEY" s3proxy.ignore-unknown-headers=true s3proxy.v4-max-non-chunked-request-size=67108864 \
    jclouds.provider=filesystem-nio2 jclouds.identity=l jclouds.credential=l "jclouds.filesystem.basedir=$S3_DIR" >"$BENCH/s3proxy.conf"
  LOG_LEVEL=warn setsid "$JDK/bin/java" -XX:+UseSerialGC -Xmx512m -jar "$jar" --properties "$BENCH/s3proxy.conf" >>"$BENCH/s3proxy.log" 2>&1 </dev/null &
  S3=$!
  for _ in $(seq 200); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.1; done
  ENDPOINT=http://127.0.0.1:$port
}
peer_mount() { # NAME: mounts the bucket with a peer at $BENCH/NAME, or fails
  mkdir -p "$BENCH/$1"
  case $1 in
    rclone)
      type -P rclone >/dev/null || return 1
      rm -rf "$BENCH/rclone-cache"
      rclone mount ":s3,provider=Other,endpoint='$ENDPOINT',access_key_id=$AWS_ACCESS_KEY_ID,secret_access_key=$AWS_SECRET_ACCESS_KEY:bench/plain" "$BENCH/rclone" \
        --read-only --vfs-cache-mode full --cache-dir "$BENCH/rclone-cache" --daemon >>"$BENCH/log" 2>&1 ;;
    s3fs)
      type -P s3fs >/dev/null || return 1
      rm -rf "$BENCH/s3fs-cache"; mkdir -p "$BENCH/s3fs-cache"
      s3fs bench:/plain "$BENCH/s3fs" -o "url=$ENDPOINT,use_path_request_style,ro,use_cache=$BENCH/s3fs-cache,multireq_max=20" >>"$BENCH/log" 2>&1 ;;
  esac
  for _ in $(seq 50); do mountpoint -q "$BENCH/$1" && return 0; sleep 0.1; done
  return 1
}
peer_unmount() { fusermount3 -u "$BENCH/$1" 2>/dev/null || umount -l "$BENCH/$1"; sleep 0.5; }

if has e; then
  cold=$(once cold-plain/small bench small "$BENCH/cold-plain/small" "$BENCH/cold-remote" 2000 4096 102400)
  coldbig=$(once cold-plain/big.bin bench big "$BENCH/cold-plain/big.bin" "$BENCH/cold-remote" $((1 << 30)))
  s3_start
  [ -e "$BENCH/s3.uploaded" ] || { bench sdk-put "$ENDPOINT" bench "$BENCH/cold-plain" plain/; bench sdk-put "$ENDPOINT" bench "$BENCH/cold-remote" dvc/; touch "$BENCH/s3.uploaded"; }
  s3repo=$(repo s3 s3://bench/dvc "    endpointurl = $ENDPOINT\n    access_key_id = $AWS_ACCESS_KEY_ID\n    secret_access_key = $AWS_SECRET_ACCESS_KEY\n" "small=$cold" "big.bin=$coldbig")
  sdk_random=$(bench sdk-random "$ENDPOINT" bench plain/big.bin 20 1)
  fresh_cache; mounted "$s3repo"
  bench random "$MNT/current/big.bin" 1 99 >/dev/null # the connection, the class loading
  bytes=$(count_remote bytesRead); requests=$(count_remote requests)
  one=$(bench random "$MNT/current/big.bin" 1 5)
  line "e cold from S3: 4 KiB at a random offset of 1 GiB" "$(calc "$one*1000" 1) ms" "fetched: bytes, requests" "$(($(count_remote bytesRead) - bytes)), $(($(count_remote requests) - requests))" "" "2 chunks"
  many=$(bench random "$MNT/current/big.bin" 20 1)
  line "e 20 such reads, each" "$(calc "$many*1000" 1) ms" "the SDK's ranged GET" "$(calc "$sdk_random*1000" 1) ms" "$(ratio "$sdk_random" "$many")" ""
  fresh_cache; mounted "$s3repo"; starting=$(bench stream "$MNT/current/big.bin")
  # In turns, since server and machine get faster and slower meanwhile; the best of each is compared.
  sdk_whole='' sdk_small='' whole='' small='' peers=
  for peer in rclone s3fs; do
    if peer_mount $peer; then peers+=" $peer"; peer_unmount $peer; else echo "| e: $peer is not installed or does not mount: left out |"; fi
  done
  settle() { sleep 2; sync; } # what one wrote or still verifies is not the next one's burden
  for _ in 1 2 3 4 5; do
    settle
    sdk_whole=$(least "$sdk_whole" "$(bench sdk-get "$ENDPOINT" bench plain/big.bin 8)")
    sdk_small=$(least "$sdk_small" "$(bench sdk-small "$ENDPOINT" bench "$BENCH/cold-plain/small" plain/small/ 8)")
    cold_cache "$s3repo"
    whole=$(least "$whole" "$(bench stream "$MNT/current/big.bin")")
    small=$(least "$small" "$(bench read "$MNT/current/small" 8)")
    settle; unmounted; settle
    for peer in $peers; do
      peer_mount $peer
      declare "${peer}_whole=$(v=${peer}_whole; least "${!v:-}" "$(bench stream "$BENCH/$peer/big.bin")")"
      declare "${peer}_small=$(v=${peer}_small; least "${!v:-}" "$(bench read "$BENCH/$peer/small" 8)")"
      peer_unmount $peer; settle
    done
  done
  line "e the whole object, by a daemon just started" "$(calc "1024/$starting") MiB/s" "the SDK, 8 ranges at once" "$(calc "1024/$sdk_whole") MiB/s" "$(ratio "$sdk_whole" "$starting")" ""
  line "e the whole object" "$(calc "1024/$whole") MiB/s" "the SDK, 8 ranges at once" "$(calc "1024/$sdk_whole") MiB/s" "$(ratio "$sdk_whole" "$whole")" ">= 0.8"
  line "e 2,000 small files, 8 readers" "$(calc "2000/$small") files/s" "the SDK, 8 connections" "$(calc "2000/$sdk_small") files/s" "$(ratio "$sdk_small" "$small")" ""
  for peer in $peers; do
    peer_mount $peer; p_many=$(bench random "$BENCH/$peer/big.bin" 20 1); peer_unmount $peer
    v=${peer}_whole; w=${peer}_small
    line "e 20 random reads, each" "$(calc "$many*1000" 1) ms" "$peer" "$(calc "$p_many*1000" 1) ms" "$(ratio "$p_many" "$many")" ""
    line "e the whole object" "$(calc "1024/$whole") MiB/s" "$peer" "$(calc "1024/${!v}") MiB/s" "$(ratio "${!v}" "$whole")" "> 1"
    line "e 2,000 small files, 8 readers" "$(calc "2000/$small") files/s" "$peer" "$(calc "2000/${!w}") files/s" "$(ratio "${!w}" "$small")" ""
  done
  kill "$S3"; wait "$S3" 2>/dev/null || :; S3=
fi

# The keeper: holds the descriptors of FUSE sessions, so that they outlive the process that serves them. It does
# nothing but wait: for a line on its pipe (a heartbeat, or "quit"), or for the pipe's end, which means that the
# server is gone; then it starts another, which inherits the descriptors.
# Arguments: PIPE SECONDS COMMAND-FILE LOG NAME=DESCRIPTOR:CONNECTION...
#   SECONDS       without a heartbeat after which blocked processes are freed by ending the connections; 0: never
#   COMMAND-FILE  the command that starts a server, each word ended by a NUL; read when it is needed
pipe=$1 limit=$2 command=$3 log=$4
shift 4
trap '' HUP INT
cd /
exec <&"$pipe" {pipe}<&-
# Nothing else of the server's is to be kept, its sockets least of all: Java opens those inheritable.
keep=' 0 1 2 '
for held; do fd=${held#*=} keep+="${fd%:*} "; done
for fd in /proc/$$/fd/*; do
  fd=${fd##*/}
  case $keep in *" $fd "*) ;; *) eval "exec $fd>&-" 2>>"$log" ;; esac
done

abort() {
  local control=/sys/fs/fuse/connections own= held
  held=${1##*:}
  if [ ! -e "$control/$held" ]; then
    own=$(mktemp -d) && mount -t fusectl fusectl "$own" && control=$own
  fi
  for held; do
    [ ! -e "$control/${held##*:}/abort" ] || echo 1 >"$control/${held##*:}/abort"
  done
  [ -z "$own" ] || { umount "$own"; rmdir "$own"; }
}

silent=
while :; do
  if [ "$limit" -gt 0 ]; then IFS= read -r -t "$limit" word; else IFS= read -r word; fi
  rc=$?
  if [ $rc = 0 ]; then
    [ "$word" != quit ] || exit 0
    silent=
  elif [ $rc -gt 128 ]; then
    [ -n "$silent" ] || abort "$@" 2>>"$log"
    silent=1
  else
    break
  fi
done

sessions=
for held; do sessions+="${held%:*} "; done
pause=0 failures=0
while [ $failures -lt 8 ]; do
  sleep $pause
  mapfile -d '' -t words <"$command"
  began=$SECONDS
  REVFS_SESSIONS=$sessions REVFS_KEEPER=$$ setsid "${words[@]}" </dev/null >>"$log" 2>&1 &
  wait $! # a server that lives ends this process as soon as it has a keeper of its own
  if [ $((SECONDS - began)) -gt 60 ]; then pause=0 failures=0; else pause=$((pause * 2 + 1)) failures=$((failures + 1)); fi
done
abort "$@" 2>>"$log" # nobody serves any more: errors are better than waiting for ever

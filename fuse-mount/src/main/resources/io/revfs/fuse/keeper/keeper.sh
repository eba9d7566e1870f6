# The keeper: holds the descriptors of FUSE sessions, so that they outlive the process that serves them. It does
# nothing but wait: for a line on its pipe (a heartbeat, or "quit"), or for the pipe's end, which means that the
# server is gone; then it starts another, which inherits the descriptors.
# Beside it waits a guard: the same script, which holds the same, and becomes the keeper when the keeper is killed.
# So whoever kills server and keeper ends nothing.
# Arguments: ROLE PIPE READY SECONDS COMMAND-FILE LOG NAME=DESCRIPTOR:CONNECTION...
#   ROLE          "keeper"; or "guard", whose standard input ends with the keeper's life
#   READY         closed by all when the guard is there; 0: none
#   SECONDS       without a heartbeat after which blocked processes are freed by ending the connections; 0: never
#   COMMAND-FILE  the command that starts a server, each word ended by a NUL; read when it is needed. Beside it
#                 the guard writes its process id (guard.pid), and when it becomes the keeper that of the keeper
role=$1 pipe=$2 ready=$3 limit=$4 command=$5 log=$6
shift 6
trap '' HUP INT
cd /
# Nothing else of the server's is to be kept, its sockets least of all: Java opens those inheritable.
keep=" 0 1 2 $pipe $ready "
for held; do fd=${held#*=} keep+="${fd%:*} "; done
for fd in /proc/$$/fd/*; do
  fd=${fd##*/}
  case $keep in *" $fd "*) ;; *) eval "exec $fd>&-" 2>>"$log" ;; esac
done

# Replaces a file at once, so that nobody reads half a number.
note() { echo "$2" >"$1.$$" && mv "$1.$$" "$1"; }

if [ "$role" = guard ]; then
  note "${command%/*}/guard.pid" $$ 2>>"$log"
  if IFS= read -r word; then exit 0; fi
  note "${command%/*}/keeper.pid" $$ 2>>"$log"
fi
exec <&"$pipe" {pipe}<&-

# The end of this pipe is the end of all who have it: this process, and a server that it started and that has no
# keeper of its own yet. So a guard does not start a second server beside that one.
life='' guard=''
post_guard() {
  local beats
  [ -z "$life" ] || exec {life}>&-
  exec {beats}<&0
  exec {life}> >(exec setsid bash -c "$BASH_EXECUTION_STRING" "${0/keeper/guard}" \
    guard "$beats" 0 "$limit" "$command" "$log" "${sessions[@]}")
  guard=$!
  exec {beats}<&-
}
sessions=("$@")
post_guard 2>>"$log"
[ "$ready" = 0 ] || exec {ready}>&-

dismiss() {
  (echo quit >&"$life") 2>/dev/null # the guard may be dead: that must not be our end
  wait "$guard" 2>/dev/null
}

# WHY NAME=DESCRIPTOR:CONNECTION...
abort() {
  echo "$(date '+%F %T') $role $$: $1; who waits gets an error" >&2
  shift
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
    if [ "$word" = quit ]; then
      dismiss
      exit 0
    fi
    silent=
    kill -0 "$guard" 2>/dev/null || post_guard 2>>"$log"
  elif [ $rc -gt 128 ]; then
    [ -n "$silent" ] || abort "no word from the server for $limit s" "$@" 2>>"$log"
    silent=1
  else
    break
  fi
done

inherited=
for held; do inherited+="${held%:*} "; done
pause=0 failures=0 others=0
while [ $failures -lt 8 ]; do
  sleep $pause
  mapfile -d '' -t words <"$command"
  began=$SECONDS
  REVFS_SESSIONS=$inherited REVFS_KEEPER="$$ $guard" setsid "${words[@]}" </dev/null >>"$log" 2>&1 &
  wait $! # a server that lives ends this process as soon as it has a keeper of its own
  # 1: another serves. It was started by another keeper (the server died between two), and has what this one holds.
  if [ $? = 1 ]; then others=$((others + 1)); else others=0; fi
  [ $others -lt 3 ] || { dismiss; exit 0; }
  if [ $((SECONDS - began)) -gt 60 ]; then pause=0 failures=0; else pause=$((pause * 2 + 1)) failures=$((failures + 1)); fi
done
abort "no server starts" "$@" 2>>"$log" # errors are better than waiting for ever
dismiss

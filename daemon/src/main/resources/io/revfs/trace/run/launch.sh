# Starts the command of a recorded run in the mount name space that it finds itself in: mounts the sessions, lets the
# daemon take their devices over, waits until it answers, and becomes the command.
# Arguments: RUN-DIRECTORY UID GID NESTED PLACES COMMAND...
#   RUN-DIRECTORY  where "ready-N" is written when the device N is there, and "failed" if it cannot be
#   NESTED         1: this is a user name space with all rights in it, which the command is not to have
#   PLACES         what is mounted over, a line each; the first one's device is descriptor 9, the second one's 8, ...
run=$1 uid=$2 gid=$3 nested=$4 places=$5
shift 5
here=$PWD had=${OLDPWD+1} old=$OLDPWD
cd / # mount(8) looks for its source, which is only a name, from where it is: that would be in a mount nobody serves yet
separators=$IFS
IFS='
'
set -f
fd=9
for place in $places; do
  eval "exec $fd<>/dev/fuse" || exit 125
  mount -i -t fuse.revfs \
    -o "rw,fd=$fd,rootmode=40000,user_id=$uid,group_id=$gid,default_permissions,allow_other" \
    revfs "$place" 2>"$run/failed" || exit 125
  echo $$ >"$run/ready-$fd"
  [ -d "$place/." ] || exit 125 # waits for the daemon; the next place may be inside this one
  fd=$((fd - 1))
done
cd "$here" || exit 125 # to what is mounted, not to what is below it
set +f
IFS=$separators
if [ -n "$had" ]; then OLDPWD=$old; else unset OLDPWD; fi
exec 9<&- 8<&- 7<&- 6<&- 5<&- 4<&- 3<&-
if [ "$nested" = 1 ]; then exec unshare --user --map-current-user -- "$@"; fi
exec "$@"

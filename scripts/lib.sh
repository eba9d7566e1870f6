# Sourced by the scripts beside it. bash; Debian or Ubuntu where packages are installed.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() { echo "${0##*/}: $*" >&2; exit 1; }

# jdk25: prints the home of a JDK of version 25 or newer, or fails
jdk25() {
  local home version
  for home in ${REVFS_JDK:-} ${JAVA_HOME:-} /usr/lib/jvm/*; do
    [ -x "$home/bin/javac" ] || continue
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null)
    [ "${version:-0}" -ge 25 ] && { echo "$home"; return 0; }
  done
  return 1
}

# need PROGRAM PACKAGE...: installs the Debian packages unless PROGRAM is there
need() {
  PATH=$PATH:/usr/sbin:/sbin type -P "$1" >/dev/null && return 0
  shift
  install_packages "$@"
}

# install_packages PACKAGE...: no service starts by itself meanwhile
install_packages() {
  [ "$(id -u)" = 0 ] || die "these packages are missing; install them or run me as root: $*"
  local own= rc=0 log
  log=$(mktemp)
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    own=1; printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
  fi
  { apt_get install -y --no-install-recommends "$@" ||
    { apt_get update && apt_get install -y --no-install-recommends "$@"; }; } >"$log" 2>&1 || rc=$?
  [ -z "$own" ] || rm -f /usr/sbin/policy-rc.d
  [ $rc = 0 ] || { tail -20 "$log" >&2; rm -f "$log"; die "cannot install: $*"; }
  rm -f "$log"
}
apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }

# finish_dist DIR: what an unpacked distribution needs besides its files: the JDK to use and the archive of loaded
# classes that makes the command start in a third of the time. Without the archive it works too.
finish_dist() {
  local dir=$1 jdk
  jdk=$(jdk25) || die "a JDK 25 or newer is needed: install one (Temurin 25, https://adoptium.net) under /usr/lib/jvm or set REVFS_JDK"
  echo "$jdk" >"$dir/lib/jdk"
  rm -f "$dir/lib/revfs.aot" "$dir/lib/revfs.built"
  modern_picocli "$jdk" "$dir/lib/picocli.jar"
  # The training run exercises the client as well: a command against a socket where nobody answers.
  REVFS_CLI_FLAGS="-XX:AOTCacheOutput=$dir/lib/revfs.aot" "$dir/bin/revfs" train >"$dir/lib/revfs.aot.log" 2>&1 || :
  touch "$dir/lib/revfs.built"
}

# modern_picocli JDK JAR: picocli's classes are of Java 5, which the archive cannot hold; compiled anew from its sources
# they make a command 25 ms faster. The jar stays as it is where that fails.
modern_picocli() {
  local jdk=$1 jar=$2 work sources=$ROOT/cli/target/picocli-sources.jar
  [ -x "$jdk/bin/javac" ] && [ -e "$sources" ] || return 0
  work=$(mktemp -d)
  if (cd "$work" && mkdir src out && cd src && "$jdk/bin/jar" xf "$sources" && rm -f module-info.java && cd .. &&
    find src -name '*.java' >list && "$jdk/bin/javac" -nowarn --release 17 -proc:none -d out @list &&
    "$jdk/bin/jar" cf picocli.jar -C out .) >/dev/null 2>&1; then
    cp "$work/picocli.jar" "$jar"
  fi
  rm -rf "$work"
}

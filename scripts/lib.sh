# shellcheck shell=bash
# What the scripts beside this file share: where the project is, which JDK it runs on, how it is built. Sourced, never run.

SPIKELET_ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly SPIKELET_ROOT
readonly SPIKELET_JAVA_RELEASE=25
readonly SPIKELET_JAR=$SPIKELET_ROOT/job/target/spikelet-job.jar
readonly SPIKELET_SPARK_HOME=$SPIKELET_ROOT/job/target/spark
readonly SPIKELET_SPARK_JARS=$SPIKELET_SPARK_HOME/jars

# fail STATUS MESSAGE: one line on stderr, then exit.
fail() {
  printf 'spikelet: %s\n' "$2" >&2
  exit "$1"
}

# use_utf8: makes the locale one of UTF-8 where it is another and the machine has one. The JVM reads arguments and names
# of files by it; what it cannot represent, it would take for other characters.
use_utf8() {
  local name sample=$'\303\274'
  ((${#sample} > 1)) || return 0
  for name in C.UTF-8 C.utf8 en_US.UTF-8; do
    if (LC_ALL=$name && ((${#sample} == 1))) 2>/dev/null; then
      export LC_ALL=$name
      return
    fi
  done
}

# cluster_state: prints the folder in which scripts/cluster keeps what it knows.
cluster_state() {
  printf '%s' "${SPIKELET_CLUSTER_DIR:-${XDG_STATE_HOME:-${HOME:-}/.local/state}/spikelet/cluster}"
}

# jdk_release HOME: prints the feature release of the JDK in a folder, such as 25; nothing when no JDK is there.
jdk_release() {
  local version='' line
  [[ -x $1/bin/java && -x $1/bin/javac ]] || return 0
  # The release file answers without starting a JVM; a few distributions leave it out.
  if [[ -r $1/release ]]; then
    while IFS= read -r line; do
      case $line in JAVA_VERSION=*) version=${line#*=} ;; esac
    done <"$1/release"
  fi
  [[ -n $version ]] || version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version \(".*"\).*/\1/p')
  version=${version//\"/}
  printf '%s' "${version%%[!0-9]*}"
}

# jdk_candidates: prints the folders that may hold a JDK, the user's own choice first.
jdk_candidates() {
  local java folder
  [[ -z ${JAVA_HOME:-} ]] || printf '%s\n' "$JAVA_HOME"
  if [[ -z ${SPIKELET_JDK_FOLDERS+set} ]] && [[ -x /usr/libexec/java_home ]]; then
    /usr/libexec/java_home -v "$SPIKELET_JAVA_RELEASE+" 2>/dev/null || true
  fi
  if java=$(command -v java) && java=$(readlink -f "$java"); then
    printf '%s\n' "${java%/bin/java}"
  fi
  local IFS=:
  for folder in ${SPIKELET_JDK_FOLDERS-/usr/lib/jvm:/opt:/opt/java:${HOME:-}/.sdkman/candidates/java:${HOME:-}/.jdks:/Library/Java/JavaVirtualMachines}; do
    printf '%s\n' "$folder"/* "$folder"/*/Contents/Home
  done
}

# use_jdk: exports JAVA_HOME of the first JDK that is new enough, or says what is missing and exits with 2.
use_jdk() {
  local candidate release seen=''
  while IFS= read -r candidate; do
    release=$(jdk_release "$candidate")
    [[ -n $release ]] || continue
    if ((release >= SPIKELET_JAVA_RELEASE)); then
      export JAVA_HOME=$candidate
      return
    fi
    [[ " $seen " == *" $release "* ]] || seen+="${seen:+ }$release"
  done < <(jdk_candidates)
  fail 2 "no JDK $SPIKELET_JAVA_RELEASE or newer${seen:+ (found only release ${seen// /, })}: install one, or set JAVA_HOME to the folder of one"
}

# need_maven: says how to get Maven and exits with 2 when there is none.
need_maven() {
  command -v mvn >/dev/null ||
    fail 2 "Maven is needed to build Spikelet, and there is no mvn on the PATH: install it (Debian: apt-get install maven)"
}

# maven ARG...: runs Maven on the project, from whatever folder the caller is in.
maven() {
  need_maven
  # Maven's own libraries call sun.misc.Unsafe; without the flag JDK 25 warns about it on every start.
  MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" mvn -B -ntp -f "$SPIKELET_ROOT/pom.xml" "$@"
}

# built: whether the job jar and Spark's jars are there and no source is newer than the jar.
built() {
  [[ -f $SPIKELET_JAR && -d $SPIKELET_SPARK_JARS ]] || return 1
  local newer
  newer=$(cd "$SPIKELET_ROOT" && find pom.xml engine/pom.xml job/pom.xml engine/src/main job/src/main \
    -newer "$SPIKELET_JAR" -print 2>/dev/null | head -n 1)
  [[ -z $newer ]]
}

# sha256: prints the hash of what it reads; fails where the machine cannot tell.
sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum
  else
    command -v shasum >/dev/null && shasum -a 256
  fi
}

# file_sum FILE: prints its SHA-256.
file_sum() {
  local line
  line=$(sha256 <"$1") || fail 2 "neither sha256sum nor shasum is on the PATH, and files cannot be checked without: install one"
  printf '%s' "${line%% *}"
}

# class_archive: prints where the archive of loaded classes is, or would be; nothing on a machine without hashes. Its name is
# a hash of the JDK, of the job jar, and of names, sizes and times of Spark's jars, so that no other jar or JDK finds it.
class_archive() {
  local hash
  hash=$(
    {
      cat "$JAVA_HOME/release" 2>/dev/null || printf '%s' "$JAVA_HOME"
      sha256 <"$SPIKELET_JAR" &&
        { find "$SPIKELET_SPARK_JARS" -name '*.jar' -printf '%p %s %T@\n' 2>/dev/null ||
          find "$SPIKELET_SPARK_JARS" -name '*.jar' -exec stat -f '%N %z %Fm' {} +; } | sort
    } | sha256
  ) || return 0
  printf '%s' "$SPIKELET_ROOT/job/target/classes-${hash%%[!0-9a-f]*}.aot"
}

# make_class_archive: records the classes that the demo loads, for quicker starts; where that fails, starts are as before.
make_class_archive() {
  local archive folder
  archive=$(class_archive)
  [[ -n $archive && ! -e $archive ]] || return 0
  printf 'spikelet: recording classes for quicker starts (once a build)\n' >&2
  rm -f "$SPIKELET_ROOT"/job/target/classes-*.aot*
  folder=$(mktemp -d) || return 0
  if SPARK_LOCAL_IP=127.0.0.1 "$JAVA_HOME/bin/java" "@$SPIKELET_ROOT/scripts/jvm.args" -Dspikelet.home="$SPIKELET_ROOT" \
    -XX:AOTCacheOutput="$archive.$$" -cp "$(class_path)" io.spikelet.job.cli.Main demo --output "$folder/demo" \
    </dev/null >/dev/null 2>&1; then
    mv -f "$archive.$$" "$archive" 2>/dev/null || true
  fi
  rm -rf "$folder" "$archive.$$"
}

# class_path: prints what the JVM of a command runs. A folder among it would forbid the class archive.
class_path() {
  printf '%s' "$SPIKELET_JAR:$SPIKELET_SPARK_JARS/*"
}

# runs_kernels ARG...: whether a command line runs a model, for which the JVM had better compile well and have vectors.
runs_kernels() {
  local word command=''
  for word in "$@"; do
    case $word in
      -h | --help | -V | --version | --print-config) return 1 ;;
      -*) ;;
      *) [[ -n $command ]] || command=$word ;;
    esac
  done
  case $command in
    '' | sql | report | compare-runs | inspect | tokenize | completion) return 1 ;;
  esac
}

# jvm_flags ARG...: sets the array jvm_flags to the flags of the JVM that fits a command line and this machine.
jvm_flags() {
  local line archive
  jvm_flags=("@$SPIKELET_ROOT/scripts/jvm.args")
  if ! runs_kernels "$@"; then
    jvm_flags=()
    while IFS= read -r line; do
      [[ $line == --add-modules=jdk.incubator.vector ]] || jvm_flags+=("$line")
    done <"$SPIKELET_ROOT/scripts/jvm.args"
    # Seconds of work: not worth a second compiler, nor threads that collect garbage.
    jvm_flags+=(-XX:TieredStopAtLevel=1)
    [[ ${SPIKELET_JAVA_OPTS:-} == *-XX:+Use*GC* ]] || jvm_flags+=(-XX:+UseSerialGC)
  fi
  archive=$(class_archive)
  # An archive that the JVM cannot use is no reason to say so.
  [[ ! -r $archive ]] || jvm_flags+=("-XX:AOTCache=$archive" '-Xlog:cds*=off' '-Xlog:aot*=off')
  # The prompt of sql edits lines and remembers them.
  jvm_flags+=(-Djdk.console=jdk.internal.le)
  jvm_flags+=("-Dlog4j2.configurationFile=$SPIKELET_ROOT/conf/log4j2.properties")
}

# build_if_needed: builds without a word on stdout, which belongs to the command.
build_if_needed() {
  ! built || return 0
  # Two commands started at once must not build into the same folder; where flock is missing they merely might.
  exec 9<"$SPIKELET_ROOT/pom.xml"
  ! command -v flock >/dev/null || flock 9
  if ! built; then
    need_maven
    printf 'spikelet: building (mvn package; the first time downloads Spark)\n' >&2
    maven -q -DskipTests package >&2 9<&- || fail 3 "the build failed; what Maven said is above"
    make_class_archive 9<&-
  fi
  exec 9<&-
}

# Java's class path has colons between its parts, and nothing that would quote one.
[[ $SPIKELET_ROOT != *:* ]] ||
  fail 2 "the project is in $SPIKELET_ROOT, and Java finds nothing in a folder with a colon in its name: rename it"
use_utf8

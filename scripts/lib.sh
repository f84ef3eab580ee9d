# shellcheck shell=bash
# Functions shared by the scripts in this folder: project folder, JDK, build. Sourced, never run.

SPIKELET_ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly SPIKELET_ROOT
readonly SPIKELET_JAVA_RELEASE=25
readonly SPIKELET_JAR=$SPIKELET_ROOT/job/target/spikelet-job.jar
readonly SPIKELET_SPARK_HOME=$SPIKELET_ROOT/job/target/spark
readonly SPIKELET_SPARK_JARS=$SPIKELET_SPARK_HOME/jars
# Spark's jars on the class path; scripts/submit may name others.
spark_jars=$SPIKELET_SPARK_JARS

# fail STATUS MESSAGE: one line on stderr, then exit.
fail() {
  printf 'spikelet: %s\n' "$2" >&2
  exit "$1"
}

# use_utf8: sets a UTF-8 locale if the current one is different and the machine has one. The JVM decodes arguments and file
# names with the locale and would replace characters that it cannot represent.
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

# cluster_state: prints the folder in which scripts/cluster keeps its state.
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

# maven ARG...: runs Maven on the project, from any working folder.
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

# sha256: prints the hash of stdin; fails if the machine has no tool for it.
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

# class_archive [PURPOSE]: prints the path of the class archive, whether it exists or not; nothing on a machine without sha256. The
# name is a hash of the JDK, of the job jar, and of names, sizes and times of all jars, so that it is never used with other jars or
# JDKs: the JVM refuses an archive of the same jar with another time, too. The purpose "tables" is an archive for commands that query tables: without the Vector API, classes can be linked in it.
class_archive() {
  local hash
  hash=$(
    {
      cat "$JAVA_HOME/release" 2>/dev/null || printf '%s' "$JAVA_HOME"
      sha256 <"$SPIKELET_JAR" &&
        { find "$SPIKELET_JAR" "$spark_jars" -name '*.jar' -printf '%p %s %T@\n' 2>/dev/null ||
          find "$SPIKELET_JAR" "$spark_jars" -name '*.jar' -exec stat -f '%N %z %Fm' {} +; } | sort
    } | sha256
  ) || return 0
  printf '%s' "$SPIKELET_ROOT/job/target/classes${1:+-$1}-${hash%%[!0-9a-f]*}.aot"
}

# make_class_archive: records the classes that a demo and a report load, for faster starts; a failure has no other effect
# and is not repeated.
make_class_archive() {
  local archive folder
  archive=$(class_archive)
  [[ -n $archive && ! -e $archive && ! -e $archive.failed && -w $SPIKELET_ROOT/job/target ]] || return 0
  printf 'spikelet: recording classes for faster starts, about a minute (once per build and JDK)\n' >&2
  rm -f "$SPIKELET_ROOT"/job/target/classes-*.aot*
  folder=$(mktemp -d) || return 0
  record_classes "$archive" demo --output "$folder/demo" &&
    record_classes "$(class_archive tables)" report "$folder/demo/perplexity" --output "$folder/report.html" || true
  [[ -e $archive ]] || : >"$archive.failed"
  rm -rf "$folder"
}

# record_classes ARCHIVE ARG...: runs a command and writes the archive beside, then moves it.
record_classes() {
  local archive=$1 flags=() flag
  shift
  jvm_flags "$@"
  for flag in "${jvm_flags[@]}"; do
    [[ $flag == -XX:AOTCache=* ]] || flags+=("$flag")
  done
  if SPARK_LOCAL_IP=127.0.0.1 "$JAVA_HOME/bin/java" "${flags[@]}" -Dspikelet.home="$SPIKELET_ROOT" \
    -XX:AOTCacheOutput="$archive.$$" -cp "$(class_path)" io.spikelet.job.cli.Main "$@" </dev/null >/dev/null 2>&1; then
    mv -f "$archive.$$" "$archive" 2>/dev/null || true
  fi
  rm -f "$archive.$$"
  [[ -e $archive ]]
}

# class_path: prints the class path of commands. It contains no folder, because the JVM then could not use the class archive.
class_path() {
  printf '%s' "$SPIKELET_JAR:$spark_jars/*"
}

# command_kind ARG...: prints what a command line needs: kernels for a model, which want C2 and the Vector API, or tables for
# Spark alone; nothing for neither.
command_kind() {
  local word command=''
  for word in "$@"; do
    case $word in
      -h | --help | -V | --version | --print-config) return ;;
      -*) ;;
      *) [[ -n $command ]] || command=$word ;;
    esac
  done
  case $command in
    '' | inspect | tokenize | completion) ;;
    sql | report | compare-runs) printf tables ;;
    *) printf kernels ;;
  esac
}

# jvm_flags ARG...: sets the array jvm_flags to the JVM flags for a command line on this machine.
jvm_flags() {
  local line archive kind
  kind=$(command_kind "$@")
  if [[ $kind == kernels ]]; then
    # Spark's planner does not run long enough to gain from C2, so that it is compiled by C2 ten times later than by default; the
    # engine is not, because without C2 its vectors are objects.
    jvm_flags=("@$SPIKELET_ROOT/scripts/jvm.args" "@$SPIKELET_ROOT/scripts/compiler.args")
    archive=$(class_archive)
  else
    jvm_flags=()
    while IFS= read -r line; do
      [[ $line == --add-modules=jdk.incubator.vector ]] || jvm_flags+=("$line")
    done <"$SPIKELET_ROOT/scripts/jvm.args"
    # These commands run for seconds: C2, parallel garbage collection and code for each method that is called by reflection do
    # not pay off.
    jvm_flags+=(-XX:TieredStopAtLevel=1 -Djdk.reflect.useNativeAccessorOnly=true)
    [[ ${SPIKELET_JAVA_OPTS:-} == *-XX:+Use*GC* ]] || jvm_flags+=(-XX:+UseSerialGC)
    archive=$(class_archive "$kind")
    [[ -z $kind || -r $archive ]] || archive=$(class_archive)
  fi
  # No warning if the JVM cannot use the archive.
  [[ ! -r $archive ]] || jvm_flags+=("-XX:AOTCache=$archive" '-Xlog:cds*=off' '-Xlog:aot*=off')
  jvm_flags+=("-Dlog4j2.configurationFile=$SPIKELET_ROOT/conf/log4j2.properties")
}

# build_if_needed: builds without output on stdout, which is reserved for the command.
build_if_needed() {
  ! built || return 0
  # Two concurrent commands must not build into the same folder. Without flock this is not prevented.
  exec 9<"$SPIKELET_ROOT/pom.xml"
  ! command -v flock >/dev/null || flock 9
  if ! built; then
    need_maven
    printf 'spikelet: building (mvn package, a few minutes; the first time downloads Spark)\n' >&2
    # Maven resets colours that it has not set.
    maven -q -DskipTests package 2>&1 9<&- | LC_ALL=C sed $'s/\033\\[[0-9;]*m//g' >&2 || fail 3 "the build failed; the output of Maven is above"
    make_class_archive 9<&-
  fi
  exec 9<&-
}

# Java's class path has colons between its parts, and nothing that would quote one.
[[ $SPIKELET_ROOT != *:* ]] ||
  fail 2 "the project is in $SPIKELET_ROOT, and Java finds nothing in a folder with a colon in its name: rename it"
use_utf8

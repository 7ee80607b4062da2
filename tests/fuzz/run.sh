#!/usr/bin/env bash
# Fuzzes the readers of foreign input, sanitizers on, one target after the other:   tests/fuzz/run.sh SECONDS [TARGET...]
# Prints TAP: a line a target with executions and coverage (edges of the instrumented code, all of nodescale's). What makes a
# reader fail is left in build-fuzz/found, to be run again with build-fuzz/tests/fuzz/TARGET_fuzz FILE; what widens coverage is
# kept in build-fuzz/corpus for the next run. Needs clang with its runtime and OpenMP.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build-fuzz
[[ ${1:-} =~ ^[0-9]+$ ]] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
seconds=$1
shift

can_fuzz() {
  command -v clang >/dev/null &&
    echo 'int LLVMFuzzerTestOneInput(const unsigned char *b, long n) { return 0; }' |
    clang -fsanitize=fuzzer,address,undefined -fopenmp -x c - -o /dev/null 2>/dev/null
}
if ! can_fuzz; then
  echo "1..0 # SKIP clang, its runtime (libclang-rt-*-dev) or its OpenMP (libomp-*-dev) is not installed"
  exit 0
fi

{
  [ -f "$build/build.ninja" ] || CC=clang meson setup "$build" "$root" -Dfuzz=true --buildtype=debug -Doptimization=1 \
    -Db_sanitize=address,undefined -Db_lundef=false
  ninja -C "$build" fuzz
} >"$build.log" 2>&1 || { tail -n 30 "$build.log"; echo "Bail out! the fuzz targets cannot be built"; exit 1; }
rm "$build.log"

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for program in "$build"/tests/fuzz/*_fuzz; do
    targets+=("$(basename "$program" _fuzz)")
  done
fi
echo "1..${#targets[@]}"
number=0 failures=0
for target in "${targets[@]}"; do
  number=$((number + 1))
  corpus=$build/corpus/$target log=$build/$target.log seeds=() options=()
  mkdir -p "$corpus" "$build/found"
  [ -d "$here/corpus/$target" ] && seeds+=("$here/corpus/$target")
  [ "$target" = spec ] && seeds+=("$root/sweeps")
  [ -f "$here/$target.dict" ] && options+=("-dict=$here/$target.dict")
  found=0
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1 \
    LSAN_OPTIONS=print_suppressions=0:suppressions=$root/tests/lsan.supp \
    "$build/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$build/found/$target-" "${options[@]}" "$corpus" "${seeds[@]}" >"$log" 2>&1 || found=1
  runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
  coverage=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  if [ $found -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
    echo "ok $number - $target: $runs executions, coverage ${coverage:-0}"
  else
    grep -E '^(==|SUMMARY|not so|runtime error|artifact_prefix|    #[0-9] )|runtime error' "$log" | head -n 30 | sed 's/^/# /'
    echo "not ok $number - $target: see $log"
    failures=1
  fi
done
exit $failures

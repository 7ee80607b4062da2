#!/usr/bin/env bash
# Runs a sweep on this machine and draws its figures:   jobs/local.sh SPEC.yaml [options of nodescale run]
# Everything it needs is installed and built first. Run again it continues where it stopped; Ctrl-C stops it in good order.
set -euo pipefail

# --- configuration: change here or set in the environment ---
ranks=${RANKS:-$(nproc)}                  # MPI ranks, a core each
threads=${THREADS:-1}                     # threads a rank
results=${RESULTS:-}                      # folder for the results file and the figures; default: results/ in the project
format=${FORMAT:-pdf}                     # of the figures: pdf, png or svg
relaunches=${RELAUNCHES:-2}               # after a rank was killed, such as by the kernel for lack of memory
patience=${PATIENCE:-30}                  # seconds to wait for ranks of an earlier launch that have not ended yet
mpirun=(mpirun --quiet --oversubscribe --bind-to none)
# ---

if [ $# -eq 0 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
if ! spec=$(realpath -- "$1" 2>/dev/null) || [ ! -f "$spec" ]; then
  echo "$1: there is no such spec" >&2
  exit 2
fi
shift
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
# shellcheck disable=SC2119
nodescale_setup

name=$(basename "$spec" .yaml)
results=${results:-$nodescale_root/results}
mkdir -p "$results"
results=$(cd "$results" && pwd)
file=$results/$name.h5

# mpirun gets a process group of its own (set -m), so that Ctrl-C reaches this script alone, which has the ranks stop in good order;
# a second one makes mpirun end them at once.
pid='' asked=0
stop() {
  asked=$((asked + 1))
  [ -z "$pid" ] || kill -"$([ $asked -eq 1 ] && echo USR1 || echo TERM)" "$pid" 2>/dev/null || true
}
trap stop INT TERM HUP

launch() { # sets code to mpirun's exit code
  set -m
  OMP_NUM_THREADS=$threads "${mpirun[@]}" -n "$ranks" \
    "$nodescale" run "$spec" -o "$file" --threads "$threads" --wait "$patience" "$@" </dev/null &
  pid=$!
  set +m
  code=0
  wait "$pid" || code=$?
  while kill -0 "$pid" 2>/dev/null; do # a signal to this script ended the wait, not mpirun
    code=0
    wait "$pid" || code=$?
  done
  pid=''
}

launch "$@"
# 75: stopped in good order; 1, 2: the program has said why; the rest: a rank died
while [ "$code" -gt 2 ] && [ "$code" -ne 75 ] && [ "$asked" -eq 0 ] && [ "$relaunches" -gt 0 ]; do
  echo "mpirun ended with code $code: launched again to go on" >&2
  relaunches=$((relaunches - 1))
  launch "$@"
done
if [ "$code" -ne 0 ]; then
  [ "$code" -ne 75 ] || echo "stopped; the same command goes on from here" >&2
  exit "$code"
fi
"$nodescale" figures "$file" -o "$results/$name" --format "$format"

echo "results  $file"
echo "figures  $results/$name"
echo "check    $nodescale verify $file"

#!/usr/bin/env bash
# Runs a sweep on this machine and draws its figures:   jobs/local.sh SPEC.yaml
# Everything it needs is installed and built first. Run again it continues where it stopped.
set -euo pipefail

# --- configuration: change here or set in the environment ---
ranks=${RANKS:-$(nproc)}                  # MPI ranks, a core each
threads=${THREADS:-1}                     # threads a rank
results=${RESULTS:-}                      # folder for the results file and the figures; default: results/ in the project
format=${FORMAT:-pdf}                     # of the figures: pdf, png or svg
# ---

if [ $# -ne 1 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
spec=$(realpath -- "$1" 2>/dev/null) && [ -f "$spec" ] || { echo "$1: there is no such spec" >&2; exit 2; }
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
nodescale_setup

name=$(basename "$spec" .yaml)
results=${results:-$nodescale_root/results}
mkdir -p "$results"
results=$(cd "$results" && pwd)
file=$results/$name.h5

code=0
OMP_NUM_THREADS=$threads mpirun --quiet --oversubscribe --bind-to none -n "$ranks" \
  "$nodescale" run "$spec" -o "$file" --threads "$threads" || code=$?
[ "$code" -eq 0 ] || exit "$code"
"$nodescale" figures "$file" -o "$results/$name" --format "$format"

echo "results  $file"
echo "figures  $results/$name"
echo "check    $nodescale verify $file"

#!/usr/bin/env bash
# The four UCI experiments on two cores, at their published length or shorter: seconds of each, the most memory a rank held.
#   tests/bench/uci.sh FOLDER [OUTPUT [STEPS]]     FOLDER holds NAME.csv and NAME.permutation.csv (sweeps/README.md); OUTPUT keeps the results
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/jobs/setup.sh"
data=$(realpath "$1")
nodescale=$root/build/src/cli/nodescale
output=${2:-$(mktemp -d)}
steps=${3:-100000}
mkdir -p "$output/data"
cd "$output"
total=0
for name in concrete energy airfoil power_plant; do
  sed "s/steps: 100000/steps: $steps/" "$root/sweeps/$name.yaml" >"$name.yaml"
  ln -sf "$data/$name.csv" "$data/$name.permutation.csv" data/
  started=$(date +%s)
  mpirun --quiet --oversubscribe --bind-to none -n 2 /usr/bin/python3 -c '
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stderr=subprocess.DEVNULL)
with open(f"memory.{os.getpid()}", "w") as file:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=file)
sys.exit(code)' "$nodescale" run "$name.yaml" --threads 1
  seconds=$(($(date +%s) - started))
  total=$((total + seconds))
  echo "$name: $("$nodescale" status "$name.h5" | sed -n 's/  done *//p') points in $seconds s, $(sort -n memory.* | tail -n 1) MB, $("$nodescale" verify "$name.h5")"
  rm memory.*
done
echo "together $total s"

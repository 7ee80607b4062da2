#!/usr/bin/env bash
# The four UCI experiments at their published length on two cores: seconds of each.
#   tests/bench/uci.sh FOLDER [OUTPUT]     FOLDER holds NAME.csv and NAME.permutation.csv (sweeps/README.md); OUTPUT keeps the results
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/jobs/setup.sh"
data=$(realpath "$1")
nodescale=$root/build/src/cli/nodescale
output=${2:-$(mktemp -d)}
mkdir -p "$output/data"
cd "$output"
total=0
for name in concrete energy airfoil power_plant; do
  cp "$root/sweeps/$name.yaml" .
  ln -sf "$data/$name.csv" "$data/$name.permutation.csv" data/
  started=$(date +%s)
  mpirun --quiet --bind-to none -n 2 "$nodescale" run "$name.yaml" --threads 1 2>/dev/null
  seconds=$(($(date +%s) - started))
  total=$((total + seconds))
  echo "$name: $("$nodescale" status "$name.h5" | sed -n 's/  done *//p') points in $seconds s, $("$nodescale" verify "$name.h5")"
done
echo "together $total s"

#!/usr/bin/env bash
# The interval engine against its prototype, by turns, one core, 20,000 steps at gamma = 1, m = 2,000: microseconds a step.
#   tests/bench/prototype.sh FOLDER [STEPS]     FOLDER holds prototype/intervals.c, data/NAME.csv and reference/NAME.permutation.csv
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
shared=$(realpath "$1")
steps=${2:-20000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for experiment in "concrete 8" "airfoil 5" "power_plant 4"; do
  read -r name inputs <<<"$experiment"
  gcc -O3 -march=native -DDD="$inputs" "$shared/prototype/intervals.c" -o "$folder/prototype" -lm 2>/dev/null
  for round in 1 2 3; do
    theirs=$("$folder/prototype" "$shared/data/$name.csv" "$shared/reference/$name.permutation.csv" 1 .5 "$steps" "$steps" 2000 0 |
      sed -n 's/.*| \([0-9.]*\) us.step.*/\1/p')
    ours=$("$root/build/tests/bench/uci_bench" speed "$shared" "$steps" "$name" 1 | sed -n 's/^| [a-z_]* | 1 | [a-z]* | \([0-9.]*\) .*/\1/p')
    echo "$theirs $ours" | awk -v name="$name" '{ printf "%s: prototype %s, engine %s: ratio %.2f\n", name, $1, $2, $2 / $1 }'
  done
done

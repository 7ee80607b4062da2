#!/usr/bin/env bash
# How much faster two ranks on two cores are than one process on one: a sweep of 40 equal points, three rounds by turns.
#   tests/bench/ranks.sh [path of nodescale]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/jobs/setup.sh"
nodescale=$(realpath "${1:-$root/build/src/cli/nodescale}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >equal.yaml <<'END'
name: equal
data: {kind: sphere_sine, n_train: 100, n_test: 100, d: 50}
model: {init_std: 1.4142135623730951}
grid: [{gamma: 1.0, m: 1000, seed: {from: 0, count: 40}}]
train: {step_size: 1.0, steps: 1000}
record: {every: 250}
END

seconds() { # command...
  local started
  started=$(date +%s.%N)
  "$@" 2>/dev/null
  date +%s.%N | awk -v started="$started" '{ print $1 - started }'
}

for round in 1 2 3; do
  rm -f ./*.h5
  one=$(seconds "$nodescale" run equal.yaml -o one.h5 --engine dense --threads 1)
  two=$(seconds mpirun --quiet --bind-to none -n 2 "$nodescale" run equal.yaml -o two.h5 --engine dense --threads 1)
  echo "$one $two" | awk '{ printf "one process %.2f s, two ranks %.2f s: %.2f times as fast\n", $1, $2, $1 / $2 }'
done
"$nodescale" verify one.h5
"$nodescale" verify two.h5

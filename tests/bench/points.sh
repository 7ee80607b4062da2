#!/usr/bin/env bash
# Whole points with all recording, one core, engines by turns: the simulated experiment, 50,000 steps, one seed of each configuration.
#   tests/bench/points.sh [path of nodescale [steps]]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
nodescale=$(realpath "${1:-$root/build/src/cli/nodescale}")
steps=${2:-50000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
sed "s/count: 5/count: 1/; s/steps: 50000/steps: $steps/" "$root/sweeps/simulated.yaml" >points.yaml
for engine in events dense; do
  "$nodescale" run points.yaml -o $engine.h5 --engine $engine --threads 1 2>/dev/null
done
/usr/bin/python3 - <<'END'
import h5py
events, dense = h5py.File("events.h5"), h5py.File("dense.h5")
for point in range(len(dense["point"])):
    fast, slow = events["wall_seconds"][point], dense["wall_seconds"][point]
    apart = max(abs(events["train_risk"][point] / dense["train_risk"][point] - 1))
    print(f"gamma {dense['gamma'][point]:g}, alpha {dense['alpha'][point]:g}: dense {slow:.2f} s, events {fast:.3f} s, "
          f"{slow / fast:.0f} times as fast; risks differ by at most {apart:.1e} (relative)")
END

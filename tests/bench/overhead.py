#!/usr/bin/env python3
"""What keeping results safe costs: a sweep of 10,000 points of about 5 ms, written with everything on (lock, points in flight,
results, checksums, checkpoints scheduled) and not written at all, by turns.

usage: overhead.py [NODESCALE [ROUNDS [POINTS [RANKS]]]]

Prints processor time and wall time of both, round by round, and the median of the rounds' ratios.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPEC = """name: overhead
data: {{kind: sphere_sine, n_train: 50, n_test: 50, d: 20}}
grid: [{{gamma: [1.0, 0.5], alpha: 0.6, m: 400, seed: {{from: 0, count: {seeds}}}}}]
train: {{step_size: 1.0, steps: 80}}
record: {{every: 20, probes: 20}}
"""


def measure(command):
    """Processor and wall seconds."""
    before, started = os.times(), time.monotonic()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    wall, after = time.monotonic() - started, os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system, wall


def main():
    root = Path(__file__).resolve().parents[2]
    program = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else root / "build/src/cli/nodescale"
    rounds, points, ranks = ([int(argument) for argument in sys.argv[2:]] + [5, 10000, 1][len(sys.argv[2:]):])
    os.environ.update(OMP_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    launcher = ["mpirun", "--quiet", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)] if ranks > 1 else []
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("overhead.yaml").write_text(SPEC.format(seeds=points // 2))
        run = [*launcher, str(program), "run", "overhead.yaml", "--threads", "1"]
        measure([*run, "--discard"])  # the first one also warms up
        for k in range(rounds):
            Path("overhead.h5").unlink(missing_ok=True)
            order = [[], ["--discard"]] if k % 2 else [["--discard"], []]
            seconds = {bool(option): measure([*run, *option]) for option in order}
            ratios.append([written / discarded for written, discarded in zip(seconds[False], seconds[True])])
            print(f"round {k + 1}: written {seconds[False][0]:.2f} s of processor, {seconds[False][1]:.2f} s; "
                  f"discarded {seconds[True][0]:.2f} s, {seconds[True][1]:.2f} s; ratios {ratios[-1][0]:.4f}, {ratios[-1][1]:.4f}", flush=True)
    print(f"{points} points of {1000 * seconds[True][0] / points:.2f} ms on {ranks} rank{'s' if ranks > 1 else ''}: writing costs "
          f"{100 * (statistics.median(r[0] for r in ratios) - 1):.1f} % of processor time, "
          f"{100 * (statistics.median(r[1] for r in ratios) - 1):.1f} % of time")


main()

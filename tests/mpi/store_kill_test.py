#!/usr/bin/env python3
"""Kill a writing rank at random moments: the file opens, every finished slot is right.

usage: store_kill_test.py MPIRUN STORE_WRITER STORE_CHECK [KILLS] [SEED]
"""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

POINTS = 5000  # some tenths of a second of writing


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def end(mpirun, ranks):
    """mpirun would need seconds to notice the dead rank."""
    for pid in [mpirun.pid, *ranks]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    mpirun.wait()


def finished(check, path):
    """Number of finished points; raises if the file is not in order."""
    run = subprocess.run([check, path], capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        raise SystemExit(f"{path} is damaged:\n{run.stderr}")
    return int(run.stdout.split()[0])


def kill_once(mpirun_program, writer, check, folder, after_first_write, delay):
    path = folder / "results.h5"
    mpirun = subprocess.Popen([mpirun_program, "--oversubscribe", "--bind-to", "none", "-n", "2", writer, path, str(POINTS), "wait"],
                              stderr=subprocess.DEVNULL)
    ranks = []
    try:
        while not path.exists():
            if mpirun.poll() is not None:
                raise SystemExit(f"the writer ended with {mpirun.returncode}")
            time.sleep(0.002)
        ranks = children(mpirun.pid)
        created = path.stat().st_mtime_ns
        while after_first_write and path.stat().st_mtime_ns == created and mpirun.poll() is None:
            time.sleep(0.002)
        time.sleep(delay)
        os.kill(random.choice(ranks), signal.SIGKILL)
        while_other_writes = finished(check, path)
    finally:
        end(mpirun, ranks)
    after = finished(check, path)
    if after < while_other_writes:
        raise SystemExit(f"{while_other_writes} points were finished, then {after}")
    leftover = [name for name in os.listdir(folder) if name != path.name]
    if leftover:
        raise SystemExit(f"left behind: {leftover}")
    path.unlink()
    return after


def main():
    kills = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(10**6)
    random.seed(seed)
    print(f"seed {seed}")
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        for kill in range(kills):  # every fifth also while the ranks are still opening the file
            counts.append(kill_once(*sys.argv[1:4], Path(folder), kill % 5 > 0, random.uniform(0, 0.25)))
    print(f"finished at the kills, of {POINTS}: {counts}")
    if not any(0 < count < POINTS for count in counts):
        raise SystemExit("no kill hit a file half written: the test tested nothing")


main()

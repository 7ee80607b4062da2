#!/usr/bin/env python3
"""Kill a sweep at random moments, resume it on another number of ranks, and compare with one that was not interrupted.

usage: kill_soak.py MPIRUN NODESCALE [TRIALS [SEED]]

A trial: short and long points, long ones checkpointed often; SIGKILL of rank 0, of another rank or of mpirun; resumed until done. Each
must end with the digest of the uninterrupted run, run again no more points than were in flight, and go on with long points from
their last checkpoints. Then: a point in flight at two deaths is set aside, and stops in good order set nothing aside.
"""
import json
import os
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RELU = """name: soak
data: {kind: sphere_sine, n_train: 60, n_test: 20, d: 10}
grid:
  - {gamma: 0.5, alpha: 0.6, m: 20, seed: {from: 0, count: 20}}
  - {gamma: [1.0, 0.5], alpha: 0.6, m: 1000, seed: {from: 0, count: 2}}
train: {step_size: 1.0, steps: 4000}
record: {every: 1000, probes: 20, weights: final}
"""
TANH = RELU.replace("grid:", "model: {activation: tanh}\ngrid:").replace("1000, seed", "300, seed").replace("4000", "800").replace("every: 1000", "every: 200")


def require(condition, *what):
    if not condition:
        raise SystemExit("failed: " + " ".join(str(part) for part in what))


class Lab:
    """One spec in one folder, with the digest of its uninterrupted run."""

    def __init__(self, mpirun, nodescale, name, spec):
        self.mpirun, self.nodescale = mpirun, nodescale
        self.spec, self.file = Path(f"{name}.yaml"), Path(f"{name}.h5")
        self.spec.write_text(spec)
        started = time.monotonic()
        subprocess.run([nodescale, "run", self.spec, "-o", "plain.h5", "--threads", "1"], check=True, stderr=subprocess.DEVNULL)
        self.seconds = time.monotonic() - started
        self.digest, self.points = self.verify("plain.h5"), self.status(Path("plain.h5"))["points"]
        Path("plain.h5").unlink()
        plan = subprocess.run([nodescale, "plan", self.spec, "--points"], check=True, capture_output=True, text=True).stdout
        rows = [line.split() for line in plan.splitlines() if re.match(r"[0-9a-f]{16} ", line)]
        self.ids = {(row[1], row[2].replace("-", "nan"), row[3], row[4]): row[0] for row in rows}

    def verify(self, file):
        run = subprocess.run([self.nodescale, "verify", file], capture_output=True, text=True)
        require(run.returncode == 0, "verify", file, run.stdout, run.stderr)
        return re.search(r"^digest: (\w+)", run.stdout, re.M).group(1)

    def status(self, file=None):
        if not (file or self.file).exists():
            return {"done": 0, "running": 0, "writer": None}
        return json.loads(subprocess.run([self.nodescale, "status", file or self.file, "--json"], check=True, capture_output=True).stdout)

    def command(self, ranks, *options):
        return [self.mpirun, "--quiet", "--oversubscribe", "--bind-to", "none", "-n", str(ranks), self.nodescale, "run", self.spec, "-o",
                self.file, "--threads", "1", "--checkpoint-every", "0.15s", "--wait", "60", *options]

    def start(self, ranks, *options):
        run = subprocess.Popen(self.command(ranks, *options), stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while not Path(f"{self.file}.lock").exists() and run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        return run

    def finish(self, ranks, *options):
        """Runs to the end; its log."""
        run = subprocess.run(self.command(ranks, *options), stderr=subprocess.PIPE, text=True, timeout=300)
        require(run.returncode == 0, "a resumed run ended with", run.returncode, run.stderr)
        return run.stderr

    def checkpoints(self):
        """Step of every checkpoint that is there: the first number behind the header of 24 bytes."""
        steps = {}
        for path in Path(f"{self.file}.checkpoints").glob("?" * 16):
            try:
                steps[path.name] = struct.unpack_from("<Q", path.read_bytes(), 24)[0]
            except FileNotFoundError:
                pass  # its point has just been finished
        return steps

    def resumed(self, log):
        found = re.findall(r"gamma (\S+), alpha (\S+), m (\d+), seed (\d+) goes on from step (\d+)", log)
        return {self.ids[tuple(row[:4])]: int(row[4]) for row in found}

    def require_complete(self):
        status = self.status()
        require(status["done"] == self.points and status["running"] == 0 and status["writer"] is None, "complete:", status)
        require(self.verify(self.file) == self.digest, "the digest differs from the uninterrupted run's")
        left = [name for name in os.listdir() if name.startswith(f"{self.file}.")]
        half_made = [name for name in left if name.endswith(".tmp")]  # by a kill while the file was being created
        require(left == half_made, "left behind:", left)
        for name in [self.file, *half_made]:
            Path(name).unlink()


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def has_ended(pid):
    """A killed process is a zombie as soon as its first thread is gone; the last one takes the open files, and the locks, with it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0]
        return state in "ZX" and len(os.listdir(f"/proc/{pid}/task")) == 1
    except (FileNotFoundError, ProcessLookupError):
        return True


def kill_one(run, whom):
    """SIGKILL to mpirun or one rank of it; all its ranks."""
    ranks = children(run.pid)
    if whom == "mpirun" or not ranks:
        kill(run.pid)
    else:
        kill(ranks[0] if whom == "rank 0" else random.choice(ranks[1:] or ranks))
    return ranks


def kill_rest(run, ranks):
    for pid in [run.pid, *ranks]:
        kill(pid)
    run.wait()
    run.stderr.close()
    while not all(has_ended(pid) for pid in ranks):
        time.sleep(0.005)


def trial(lab):
    """One death, one resume. Returns what happened in words."""
    ranks, others, whom = random.randint(1, 4), random.randint(1, 4), random.choice(["rank 0", "another rank", "mpirun"])
    run = lab.start(ranks)
    time.sleep(random.uniform(0, lab.seconds / min(ranks, 2)))
    pids = kill_one(run, whom)
    at_the_kill = lab.status()["done"]
    clean = random.random() < 0.6  # everyone dead before the resume; otherwise it has to wait for ranks that outlive the killed one
    if clean:
        kill_rest(run, pids)
        state = lab.status()
        require(state["writer"] is None, "a dead run holds the lock:", state)
    before = lab.checkpoints()
    log = lab.finish(others)
    kill_rest(run, pids)
    trained = int((re.search(r": (\d+) of \d+ points? trained now", log) or [0, 0])[1])
    in_flight = int((re.search(r"died with (\d+) points? in flight", log) or [0, 0])[1])
    resumed = lab.resumed(log)
    require(in_flight <= ranks, in_flight, "points in flight on", ranks, "ranks")
    require(trained <= lab.points - at_the_kill, "trained", trained, "though", at_the_kill, "were done at the kill", log)
    if clean:
        require(in_flight == state["running"], in_flight, "in flight, status says", state)
        require(trained == lab.points - state["done"] or (trained == 0 and state["done"] == lab.points), "trained", trained, "but", state["done"], "were done", log)
        require(resumed == before, "checkpoints at", before, "but resumed from", resumed, log)
    else:
        require(all(step >= before.get(point, 0) for point, step in resumed.items()), "resumed from", resumed, "after", before)
    lab.require_complete()
    return f"{ranks} ranks, {whom} killed at {at_the_kill}/{lab.points}; {in_flight} in flight, {len(resumed)} resumed on {others}", len(resumed), trained


def soak(labs, trials):
    started, resumed, trained = time.monotonic(), 0, 0
    for k in range(trials):
        lab = random.choice(labs)
        words, more_resumed, more_trained = trial(lab)
        resumed, trained = resumed + more_resumed, trained + more_trained
        print(f"trial {k + 1}/{trials}, {time.monotonic() - started:.0f} s: {lab.spec.stem}: {words}", flush=True)
    require(resumed > 0 or trials < 6, "no kill left a checkpoint: the test tested nothing")
    require(trained > 0, "no kill hit a run half done: the test tested nothing")
    print(f"{trials} kills in {time.monotonic() - started:.0f} s: every digest that of the uninterrupted run; {resumed} points went on from checkpoints")


def wait_for(lab, run, condition):
    deadline = time.monotonic() + 30
    while not condition(lab.status()):
        require(run.poll() is None and time.monotonic() < deadline, "the run is not where it should be:", lab.status())
        time.sleep(0.01)


def two_deaths(lab):
    """A point in flight at two deaths is set aside; the others are completed without it; --retry crashed completes it."""
    for death in range(2):
        run = lab.start(1, "--only", "m>100 and seed==0 and gamma==1")
        wait_for(lab, run, lambda status: status["running"] == 1 and status["interrupted"] == death)
        kill_rest(run, kill_one(run, "mpirun"))
    log = lab.finish(2)
    require("died with 1 point in flight; it runs again" in log and "set aside as crashed" in log, log)
    status = lab.status()
    require(status["crashed"] == 1 and status["done"] == lab.points - 1 and status["not_done"][0]["status"] == "crashed", status)
    lab.finish(1)  # does not touch it
    require(lab.status()["crashed"] == 1, "a crashed point ran again unasked")
    lab.finish(2, "--retry", "crashed")
    lab.require_complete()
    print("a point in flight at two deaths was set aside as crashed, and --retry crashed completed the sweep with the same digest")


def orderly_stops(lab, stops):
    """Stops in good order, over and over: none counts as a death."""
    done = 0
    for k in range(1000):
        how = random.choice(["SIGTERM to a rank", "SIGUSR1 to mpirun", "--time-limit"])
        run = lab.start(random.randint(1, 4), *(["--time-limit", "0.8"] if how == "--time-limit" else []))
        time.sleep(random.uniform(0.2, 0.5))
        if how == "SIGTERM to a rank" and children(run.pid):
            os.kill(random.choice(children(run.pid)), signal.SIGTERM)
        elif how == "SIGUSR1 to mpirun" and run.poll() is None:
            os.kill(run.pid, signal.SIGUSR1)
        log = run.communicate()[1]
        status = lab.status()
        require(run.returncode in (0, 75), how, "ended with", run.returncode, log)
        require((run.returncode == 75) == ("stopped in good order" in log), log)
        require(status["running"] == status["interrupted"] == status["crashed"] == 0, how, "left", status, log)
        done += run.returncode == 75
        if run.returncode == 0:
            lab.require_complete()
            if done >= stops:
                break
    print(f"{done} stops in good order: none counted as a death, every digest the same")


def main():
    mpirun, nodescale = (str(Path(argument).resolve()) for argument in sys.argv[1:3])
    trials = int(sys.argv[3]) if len(sys.argv) > 3 else 6
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(10**6)
    random.seed(seed)
    print(f"seed {seed}", flush=True)
    os.environ.update(OMP_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        labs = [Lab(mpirun, nodescale, "relu", RELU), Lab(mpirun, nodescale, "tanh", TANH)]
        print("uninterrupted on one rank:", ", ".join(f"{lab.spec.stem} {lab.seconds:.1f} s, digest {lab.digest}" for lab in labs), flush=True)
        two_deaths(labs[0])
        orderly_stops(labs[1], 5 if trials < 100 else 30)
        soak(labs, trials)
        os.chdir("/")


main()

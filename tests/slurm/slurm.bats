# The job scripts on a real Slurm: four emulated nodes on this machine.
load lab
load ../end_to_end/common

jobs=$BATS_TEST_DIRNAME/../../jobs

points() { # file, seeds: twice as many points, each about a second of one core
  cat >"$1" <<END
name: turns
data: {kind: sphere_sine, n_train: 50, n_test: 20, d: 5}
grid:
  - {gamma: [1.0, 0.5], alpha: 0.6, m: 500, seed: {from: 0, count: $2}}
train: {step_size: 1.0, steps: 20000}
record: {every: 1000, probes: 10}
END
}

lab() { cat "$BATS_FILE_TMPDIR/lab"; } # its folder: not one of bats, so that it can be cleared up after bats was killed

# A short and a long sweep and plain runs of them, whose digests the others must have. The long one takes a minute and a half on one core.
setup_file() {
  [ -z "$(lab_missing)" ] || return 0
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  mktemp -d "${TMPDIR:-/tmp}/nodescale-slurm-XXXXXX" >"$BATS_FILE_TMPDIR/lab"
  lab_start "$(lab)" >&2
  cd "$BATS_FILE_TMPDIR"
  points two.yaml 2
  points short.yaml 6
  local TIMEFORMAT=%U processor_time
  processor_time=$({ time "$NODESCALE" run two.yaml --threads 1 >/dev/null 2>&1; } 2>&1) # of two seeds
  points long.yaml "$(awk "BEGIN {print int(2 * 90 / $processor_time + 1)}")"
  ranks 4 run short.yaml -o short.h5 --threads 1
  ranks 4 run long.yaml -o long.h5 --threads 1
}

teardown_file() {
  [ ! -f "$BATS_FILE_TMPDIR/lab" ] || lab_stop "$(lab)"
}

setup() {
  [ -z "$(lab_missing)" ] || skip "$(lab_missing)"
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here"
  export SLURM_CONF NODESCALE
  SLURM_CONF=$(lab)/slurm.conf
  short=$BATS_FILE_TMPDIR/short long=$BATS_FILE_TMPDIR/long
}

teardown() {
  cat log slurm-*.out 2>/dev/null || true # shown when the test fails
}

submit() { # sbatch's arguments...: sets job
  job=$(sbatch --parsable --output="$PWD/log" "$@")
}

log_has() { # phrase...
  local phrase
  for phrase in "$@"; do
    grep -qE -- "$phrase" log || { echo "no \"$phrase\" in the log"; return 1; }
  done
}

same_digest() { # file, file
  [ -n "$(digest "$1")" ] && [ "$(digest "$1")" = "$(digest "$2")" ]
}

finished() { "$NODESCALE" status "$1" --json 2>/dev/null | sed 's/.*"done": \([0-9]*\).*/\1/'; }

wait_for_points() { # file, number
  for _ in $(seq 600); do
    [ "$(finished "$1")" -ge "$2" ] 2>/dev/null && return 0
    sleep 0.2
  done
  return 1
}

a_rank() { # file, absolute: the process of one of the ranks that write it
  pgrep -f "^[^ ]*nodescale run .* -o $1 " | tail -n 1
}

@test "a sweep runs across four nodes and gives the digest of a plain run" {
  submit --nodes=4 --ntasks=4 "$jobs/slurm.sbatch" "$short.yaml"
  lab_wait "$job" 120
  log_has "4 ranks on node\[1-4\]" "on 4 ranks" "the sweep is done"
  same_digest short.h5 "$short.h5"
}

@test "a time limit too short by three quarters: stops in good order, is requeued, resumes by itself until done" {
  # 90 s of work on one core. Slurm looks at limits every 30 s and takes that much off the time of the signal, so that at the
  # shortest limit there is, a minute, a turn has 26 s at most.
  printf '#!/bin/sh\nexec taskset -c 0 %s "$@"\n' "$NODESCALE" >on_one_core
  chmod +x on_one_core
  export NODESCALE=$PWD/on_one_core
  submit --nodes=4 --ntasks=4 --time=1 --signal=B:USR1@30 "$jobs/slurm.sbatch" "$long.yaml"
  lab_wait "$job" 400
  log_has "told to stop" "stopped in good order: requeued" "turn 4: " "the sweep is done"
  [ "$(lab_job "$job" Restarts)" -ge 3 ]
  ! grep -q "died with" log # no rank was killed by the limit itself
  same_digest long.h5 "$long.h5"
}

@test "a rank killed twice: launched again within the allocation" {
  export OUTPUT=$PWD/short.h5
  submit --nodes=4 --ntasks=4 "$jobs/slurm.sbatch" "$short.yaml"
  wait_for_points "$OUTPUT" 2
  kill -KILL "$(a_rank "$OUTPUT")"
  for _ in $(seq 100); do # until the ranks of the second launch are there
    sleep 0.2
    grep -q "1 of 3 times" log && [ -n "$(a_rank "$OUTPUT")" ] && break
  done
  wait_for_points "$OUTPUT" 6
  kill -KILL "$(a_rank "$OUTPUT")"
  lab_wait "$job" 120
  log_has "launched again, 1 of 3 times" "launched again, 2 of 3 times" "the sweep is done"
  [ "$(lab_job "$job" Restarts)" -eq 0 ]
  same_digest short.h5 "$short.h5"
}

@test "a node that dies: requeued, done by the others" {
  export OUTPUT=$PWD/short.h5
  submit --nodes=3 --ntasks=3 "$jobs/slurm.sbatch" "$short.yaml"
  wait_for_points "$OUTPUT" 2
  local node
  node=$(scontrol show hostnames "$(lab_job "$job" NodeList)" | grep -vx "$(lab_job "$job" BatchHost)" | tail -n 1)
  lab_node_dies "$(lab)" "$node"
  lab_wait "$job" 180
  log_has "turn 2: 3 ranks on" "the sweep is done"
  [[ "$(scontrol show hostnames "$(lab_job "$job" NodeList)")" != *"$node"* ]]
  same_digest short.h5 "$short.h5"
  lab_node_returns "$(lab)" "$node"
}

@test "a part of the sweep per array task, merged by a dependent job" {
  submit --array=1-4 "$jobs/slurm-array.sbatch" "$short.yaml"
  for _ in $(seq 120); do
    [ -z "$(squeue -h -o %i)" ] && break
    sleep 1
  done
  log_has "part 1/4" "part 4/4"
  grep -q "short.h5 holds all parts" slurm-*.out # the merge's own log
  same_digest short.h5 "$short.h5"
}

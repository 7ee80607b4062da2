# A sweep over four hosts, which are network namespaces of this machine, and what happens when one of them is cut off.
load lab
load ../end_to_end/common

lab() { cat "$BATS_FILE_TMPDIR/lab"; } # its folder: not one of bats, so that it can be cleared up after bats was killed

setup_file() {
  [ -z "$(hosts_missing)" ] || return 0
  mktemp -d "${TMPDIR:-/tmp}/nodescale-hosts-XXXXXX" >"$BATS_FILE_TMPDIR/lab"
  hosts_start "$(lab)" >&2
}

teardown_file() {
  [ ! -f "$BATS_FILE_TMPDIR/lab" ] || hosts_stop "$(lab)"
}

setup() {
  [ -z "$(hosts_missing)" ] || skip "$(hosts_missing)"
  mkdir "$BATS_TEST_TMPDIR/here"
  cd "$BATS_TEST_TMPDIR/here"
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
}

teardown() {
  [ ! -f log ] || cat log # shown when the test fails
}

finished() { "$NODESCALE" status "$1" --json 2>/dev/null | sed 's/.*"done": \([0-9]*\).*/\1/'; }

@test "a sweep over four hosts gives the digest of a plain run" {
  write_spec spec.yaml 200
  hosts_run "$(lab)" 4 run "$PWD/spec.yaml" -o "$PWD/hosts.h5" --threads 1 >log 2>&1
  grep -q "on 4 ranks" log
  "$NODESCALE" run spec.yaml -o plain.h5
  [ "$(digest hosts.h5)" = "$(digest plain.h5)" ]
}

@test "a host that is cut off ends the run within 15 s, no rank goes on, and a resume completes it" {
  cat >long.yaml <<END
name: long
data: {kind: sphere_sine, n_train: 50, n_test: 20, d: 5}
grid:
  - {gamma: [1.0, 0.5], alpha: 0.6, m: 500, seed: {from: 0, count: 24}}
train: {step_size: 1.0, steps: 20000}
record: {every: 1000, probes: 10}
END
  hosts_run "$(lab)" 4 run "$PWD/long.yaml" -o "$PWD/cut.h5" --threads 1 >log 2>&1 3>&- &
  local mpirun=$! code=0 started
  for _ in $(seq 300); do
    [ "$(finished cut.h5)" -ge 2 ] 2>/dev/null && break
    sleep 0.1
  done
  hosts_cut 3
  started=$SECONDS
  wait "$mpirun" || code=$?
  local took=$((SECONDS - started))
  echo "ended with code $code after $took s"
  [ "$code" -ne 0 ] && [ "$took" -le 15 ]
  grep -q "lost communication with a remote daemon" log
  grep -q "nschost3" log
  for _ in $(seq 50); do # the ranks on the host that was cut off must find out by themselves
    [ -z "$(hosts_processes 1 2 3 4)" ] && break
    sleep 0.2
  done
  [ -z "$(hosts_processes 1 2 3 4)" ]
  [ "$(finished cut.h5)" -lt 48 ]

  hosts_join 3
  hosts_answers "$(lab)" 3
  hosts_run "$(lab)" 4 run "$PWD/long.yaml" -o "$PWD/cut.h5" --threads 1 --wait 30
  "$NODESCALE" run long.yaml -o plain.h5
  [ "$(digest cut.h5)" = "$(digest plain.h5)" ]
}

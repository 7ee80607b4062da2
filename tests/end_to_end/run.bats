# `nodescale run` as users meet it: results that do not depend on ranks or threads, continuing, and every early mistake.
load common

@test "1, 2, 3 and 4 ranks, 1 and 2 threads and the plain program give the same digest" {
  write_spec spec.yaml 200
  "$NODESCALE" run spec.yaml -o alone.h5
  local expected
  expected=$(digest alone.h5)
  [ ${#expected} -eq 16 ]
  for n in 1 2 3 4; do
    ranks "$n" run spec.yaml -o "$n.h5" --threads $((n % 2 + 1))
    [ "$(digest "$n.h5")" = "$expected" ]
  done
  "$NODESCALE" run spec.yaml -o threads.h5 --threads 2
  [ "$(digest threads.h5)" = "$expected" ]
}

@test "the results file takes its name from the spec" {
  write_spec spec.yaml 10
  "$NODESCALE" run spec.yaml
  [ -f spec.h5 ]
}

@test "running again trains nothing, and only what is missing after a kill" {
  write_spec spec.yaml 200
  "$NODESCALE" run spec.yaml -o whole.h5
  run --separate-stderr "$NODESCALE" run spec.yaml -o whole.h5
  [ "$status" -eq 0 ]
  [[ "$stderr" == *"is complete: all 8 points were there already"* ]]

  write_spec long.yaml 100000
  ranks 2 run long.yaml -o killed.h5 &
  for wait in $(seq 200); do
    sleep 0.05
    [ "$("$NODESCALE" status killed.h5 --json 2>/dev/null | sed 's/.*"done": \([0-9]*\).*/\1/')" -gt 0 ] 2>/dev/null && break
  done
  pkill -KILL -f "run long.yaml -o killed.h5" || true
  wait || true
  run "$NODESCALE" verify killed.h5
  [ "$status" -eq 0 ]
  run --separate-stderr ranks 3 run long.yaml -o killed.h5
  [ "$status" -eq 0 ]
  "$NODESCALE" run long.yaml -o plain.h5
  [ "$(digest killed.h5)" = "$(digest plain.h5)" ]
}

@test "SIGTERM stops in good order with exit code 75, and a second run completes" {
  write_spec long.yaml 100000
  "$NODESCALE" run long.yaml -o stopped.h5 --engine reference &
  local pid=$!
  while [ ! -f stopped.h5 ]; do sleep 0.05; done
  sleep 0.3
  kill -TERM "$pid"
  local code=0
  wait "$pid" || code=$?
  [ "$code" -eq 75 ]
  run "$NODESCALE" verify stopped.h5
  [ "$status" -eq 0 ]
}

@test "points that diverge are recorded and do not fail the run" {
  write_spec spec.yaml 2000
  sed -i 's/step_size: 1.0/step_size: 1000.0/' spec.yaml
  "$NODESCALE" run spec.yaml
  run "$NODESCALE" status spec.h5
  [[ "$output" == *"diverged  8"* ]]
}

@test "a recomputed point has the same bits" {
  write_spec spec.yaml 100
  "$NODESCALE" run spec.yaml
  run "$NODESCALE" verify spec.h5 --rerun 3
  [ "$status" -eq 0 ]
  [ "$(grep -c 'the same bits' <<<"$output")" -eq 3 ]
}

# --- mistakes: one clear message, exit code 2, within a second, nothing left behind ---

refused() { # phrase, arguments of nodescale...: alone and on 3 ranks
  local phrase=$1 launcher before
  shift
  before=$(ls -A)
  for launcher in "" "ranks 3"; do
    if [ -n "$launcher" ]; then run --separate-stderr ranks 3 "$@"; else run --separate-stderr "$NODESCALE" "$@"; fi
    echo "code $status: $stderr" # shown when the test fails
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"$phrase"* ]]
    [ "$(grep -c nodescale: <<<"$stderr")" -eq 1 ]
    [ -z "$output" ]
  done
  [ "$(ls -A)" = "$before" ]
}

@test "a wrong key is refused with its place" {
  write_spec spec.yaml 10
  sed -i 's/step_size/stepsize/' spec.yaml
  refused "spec.yaml:5:9: " run spec.yaml
}

@test "gamma = 1.2 is refused with its place and range" {
  write_spec spec.yaml 10
  sed -i 's/gamma: \[1.0, 0.5\]/gamma: 1.2/' spec.yaml
  refused "spec.yaml:4:13: gamma is 1.2" run spec.yaml
}

@test "a missing data file is refused with the key that names it" {
  write_spec spec.yaml 10
  sed -i 's/^data:.*/data: {kind: csv, file: nowhere.csv}/' spec.yaml
  refused "nowhere.csv" run spec.yaml
}

@test "a missing spec, a missing operand, an unknown option, engine or command are refused" {
  write_spec spec.yaml 10
  refused "nowhere.yaml" run nowhere.yaml
  refused "no SPEC.yaml given" run
  refused "unknown option '--fast'" run spec.yaml --fast
  refused "--engine is 'quick' but must be one of auto" run spec.yaml --engine quick
  refused "--threads is '0'" run spec.yaml --threads 0
  refused "there is no command 'walk'" walk
}

@test "an output folder that is missing or not writable is refused" {
  write_spec spec.yaml 10
  refused "nowhere/out.h5" run spec.yaml -o nowhere/out.h5
  refused "spec.yaml/out.h5" run spec.yaml -o spec.yaml/out.h5
  [ "$(id -u)" -eq 0 ] && return 0 # root may write anywhere
  mkdir -m 555 sealed
  refused "sealed/out.h5" run spec.yaml -o sealed/out.h5
}

@test "a file of another experiment is refused with both values" {
  write_spec spec.yaml 10
  "$NODESCALE" run spec.yaml -o out.h5
  sed -i 's/step_size: 1.0/step_size: 0.5/' spec.yaml
  refused "step_size" run spec.yaml -o out.h5
  echo text >text.h5
  refused "text.h5" run spec.yaml -o text.h5
}

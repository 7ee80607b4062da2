# Stopping in good order, going on, locks and the selection of points, as users meet them.
load common

start() { # nodescale's arguments...: in the background, until it holds the lock; pid
  "$NODESCALE" run "$@" 2>log.txt &
  pid=$!
  for wait in $(seq 200); do
    [ -s "$(sed 's/.* -o \([^ ]*\).*/\1/' <<<"$*").lock" ] && return
    sleep 0.05
  done
  return 1
}

value() { # key: a number of status --json of out.h5
  "$NODESCALE" status out.h5 --json | sed "s/.*\"$1\": \([0-9]*\).*/\1/"
}

ended() { # code: how the program in the background ended
  local code=0
  wait "$pid" || code=$?
  cat log.txt
  [ "$code" -eq "$1" ]
}

until_running() {
  for wait in $(seq 200); do
    [ -f out.h5 ] && [ "$(value running)" -gt 0 ] && return
    sleep 0.05
  done
  return 1
}

@test "a stop saves the points in flight, and they go on from there to the same digest" {
  write_spec spec.yaml 200000 # a long point takes seconds: the signal comes deep inside the first
  sed -i 's/count: 2/count: 1/' spec.yaml
  "$NODESCALE" run spec.yaml -o plain.h5 --engine dense --threads 1
  start spec.yaml -o out.h5 --engine dense --threads 1
  until_running
  sleep 0.3
  kill -USR1 "$pid"
  ended 75
  grep -q "stopped in good order by a signal: 0 of 4 points done, 1 of 1 in flight has a checkpoint; run the same command again" log.txt
  [ "$(value running)" -eq 0 ] && [ "$(value interrupted)" -eq 0 ]
  [ "$(ls out.h5.checkpoints | wc -l)" -eq 1 ]
  run --separate-stderr ranks 2 run spec.yaml -o out.h5 --engine dense
  [ "$status" -eq 0 ]
  [[ "$stderr" == *"goes on from step "* ]]
  [ "$(digest out.h5)" = "$(digest plain.h5)" ]
  [ ! -e out.h5.checkpoints ] && [ ! -e out.h5.lock ]
}

@test "a signal to one rank of four stops all of them at once, deep in long points" {
  write_spec spec.yaml 1000000
  mpirun --quiet --oversubscribe --bind-to none -n 4 "$NODESCALE" run spec.yaml -o out.h5 --engine reference 2>log.txt &
  pid=$!
  until_running
  sleep 0.5
  local rank started=$(date +%s%N)
  rank=$(pgrep -P "$pid" | tail -n 1)
  kill -TERM "$rank"
  ended 75
  [ $((($(date +%s%N) - started) / 1000000)) -lt 10000 ]
  [ "$(value running)" -eq 0 ]
}

@test "a second signal does not wait for checkpoints, and is no death either" {
  write_spec spec.yaml 1000000
  start spec.yaml -o out.h5 --engine reference --threads 1
  until_running
  kill -STOP "$pid" # both are there when it looks
  kill -TERM "$pid"
  kill -INT "$pid"
  kill -CONT "$pid"
  ended 75
  grep -q "0 of 1 in flight have a checkpoint" log.txt
  [ "$(value running)" -eq 0 ] && [ "$(value interrupted)" -eq 0 ]
}

@test "the time limit is kept, in every way of writing it" {
  write_spec spec.yaml 1000000
  local limit started
  for limit in 2 2s 0.033m 00:02 00:00:02 0-00:00:02; do
    started=$(date +%s%N)
    run --separate-stderr "$NODESCALE" run spec.yaml -o out.h5 --engine reference --threads 1 --time-limit "$limit"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"stopped in good order at the time limit"* ]]
    [ $((($(date +%s%N) - started) / 300000)) -lt 10000 ]
  done
  for limit in "" soon 2x -1 1:2:3:4 1- 1-2:3:4:5 0x10 1e3; do
    run --separate-stderr "$NODESCALE" run spec.yaml -o out.h5 --time-limit "$limit"
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"--time-limit is '$limit' but must be a time"* ]]
  done
}

@test "--checkpoint-every 0 keeps none" {
  write_spec spec.yaml 1000000
  start spec.yaml -o out.h5 --engine reference --threads 1 --checkpoint-every 0
  until_running
  sleep 0.3
  kill -TERM "$pid"
  ended 75
  [ ! -e out.h5.checkpoints ]
}

@test "a second run on the same file is refused with who holds it, or waits" {
  write_spec spec.yaml 1000000
  start spec.yaml -o out.h5 --engine reference --threads 1
  until_running
  run --separate-stderr ranks 2 run spec.yaml -o out.h5
  [ "$status" -eq 1 ]
  [[ "$stderr" == *"out.h5 is being written by another run: host $(hostname), process $pid, since 2"* ]]
  [[ "$("$NODESCALE" status out.h5)" == *"a run is writing it: host $(hostname), process $pid, since 2"* ]]
  run "$NODESCALE" verify out.h5 # readers are welcome
  [ "$status" -eq 0 ]
  ranks 2 run spec.yaml -o out.h5 --wait 60 --time-limit 8 2>next.txt &
  local next=$! code=0
  for wait in $(seq 200); do
    grep -q "waiting for up to 60 s" next.txt && break
    sleep 0.05
  done
  kill -KILL "$pid"
  wait "$next" || code=$?
  cat next.txt
  [ "$code" -eq 75 ]
  [[ "$(cat next.txt)" == *"waiting for up to 60 s"*"taken over from a run that has died"*"died with 1 point in flight"* ]]
  [ ! -e out.h5.lock ]
}

@test "diverged points are trained again when asked" {
  write_spec spec.yaml 2000
  sed -i 's/step_size: 1.0/step_size: 1000.0/' spec.yaml
  "$NODESCALE" run spec.yaml -o out.h5
  local before
  before=$(digest out.h5)
  [ "$(value diverged)" -eq 8 ]
  run --separate-stderr "$NODESCALE" run spec.yaml -o out.h5 --retry crashed
  [[ "$stderr" == *"all 8 points were there already"* ]]
  run --separate-stderr "$NODESCALE" run spec.yaml -o out.h5 --retry diverged
  [[ "$stderr" == *"8 of 8 points trained now"* ]]
  [ "$(digest out.h5)" = "$before" ]
  run --separate-stderr "$NODESCALE" run spec.yaml -o out.h5 --retry failed
  [ "$status" -eq 2 ]
  [[ "$stderr" == *"--retry is 'failed' but must be diverged, crashed or all"* ]]
}

@test "--only and --part train what they name, and plan says so before" {
  write_spec spec.yaml 50
  "$NODESCALE" run spec.yaml -o plain.h5
  [[ "$("$NODESCALE" plan spec.yaml -o out.h5 --only 'gamma<1, m==50')" == *"to train           2, 6 are outside --only or --part"* ]]
  "$NODESCALE" run spec.yaml -o out.h5 --only 'gamma<1, m==50'
  [ "$(value done)" -eq 2 ]
  [[ "$("$NODESCALE" plan spec.yaml -o out.h5)" == *"to train           6, 2 are in out.h5"* ]]
  for part in 3 1 2; do "$NODESCALE" run spec.yaml -o out.h5 --part "$part/3"; done
  [ "$(value missing)" -eq 0 ]
  [ "$(digest out.h5)" = "$(digest plain.h5)" ]
  run --separate-stderr "$NODESCALE" run spec.yaml -o one.h5 --only 'gamma==1, m==50, seed==0'
  [[ "$stderr" == *": 1 point to train on 1 rank of "* ]]
  for command in run plan; do
    run --separate-stderr "$NODESCALE" "$command" spec.yaml -o out.h5 --only 'gamma<<1'
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"--only 'gamma<<1', character 7: '<1' stands where a number is expected"* ]]
    run --separate-stderr "$NODESCALE" "$command" spec.yaml -o out.h5 --only 'gamma>2'
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"--only accepts none of the 8 points"* ]]
    run --separate-stderr "$NODESCALE" "$command" spec.yaml -o out.h5 --part 4/3
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"--part is '4/3' but must be K/N"* ]]
  done
}

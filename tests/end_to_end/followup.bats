# The experiments after training, as users meet them: prune and transfer of a small sweep on a CSV file.
load common

write_csv_spec() { # file: four points, half of them too narrow for all feature dimensions
  /usr/bin/python3 - >data.csv <<'EOF'
import random
random.seed(1)
print("a,b,c,y")
for row in range(60):
    x = [random.gauss(0, 1) for _ in range(3)]
    print(*x, x[0] * x[1] + x[2], sep=",")
EOF
  cat >"$1" <<'EOF'
name: small
data: {kind: csv, file: data.csv, target: last, permutation_seed: 1, split: [0.4, 0.4, 0.2], standardise: true}
grid:
  - {gamma: [1.0, 0.5], alpha: 0.6, m: [10, 25], seed: {from: 0, count: 1}}
train: {step_size: 0.5, steps: 100}
record: {every: 50, weights: final}
EOF
}

count() { # file, pruned or transferred: how many points
  "$NODESCALE" status "$1" --json | sed "s/.*\"$2\": \([0-9]*\).*/\1/"
}

# The numbers of both experiments, to the last bit.
bits() { # file
  h5dump -y -d /prune_checksum -d /prune_train_risk -d /prune_test_risk -d /transfer_checksum -d /transfer_train_risk \
    -d /transfer_test_risk -m %a "$1" | tail -n +2 | sha256sum
}

needs_h5dump() {
  command -v h5dump >/dev/null || skip "hdf5-tools is not installed"
}

@test "prune and transfer fill the file, again there is nothing to do, and training's digest stays" {
  write_csv_spec spec.yaml
  "$NODESCALE" run spec.yaml
  local before
  before=$(digest spec.h5)
  for command in prune transfer; do
    run --separate-stderr "$NODESCALE" "$command" spec.h5
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ "$stderr" == *"of 4 points computed now, of 0 before"* ]]
    run --separate-stderr "$NODESCALE" "$command" spec.h5
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"nothing to do"*"of all 4 points"* ]]
  done
  [ "$(count spec.h5 pruned)" -eq 4 ]
  [ "$(count spec.h5 transferred)" -eq 4 ]
  "$NODESCALE" verify spec.h5
  [ "$(digest spec.h5)" = "$before" ]
  "$NODESCALE" export spec.h5 -o spec.csv
  "$NODESCALE" run spec.yaml # leaves them
  [ "$(count spec.h5 pruned)" -eq 4 ]
  [ "$(ls | tr '\n' ' ')" = "data.csv spec.csv spec.h5 spec.yaml " ]
}

@test "the numbers are what they say: none pruned is the final risk, all pruned is that of 0, no more features than nodes" {
  /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
  write_csv_spec spec.yaml
  "$NODESCALE" run spec.yaml
  "$NODESCALE" prune spec.h5
  "$NODESCALE" transfer spec.h5
  /usr/bin/python3 - <<'EOF'
import h5py, numpy
results = h5py.File("spec.h5")
for part in ["train", "test"]:
    pruned = results[f"prune_{part}_risk"][:]
    assert numpy.allclose(pruned[:, 0], results[f"{part}_risk"][:, -1], rtol=1e-12, atol=0)
    assert numpy.allclose(pruned[:, -1], (results[f"y_{part}"][:] ** 2).mean(), rtol=1e-12, atol=0)
    transferred = results[f"transfer_{part}_risk"][:]
    features, m = results["transfer_dimension"][:], results["m"][:]
    assert (numpy.isfinite(transferred) == (features[None, :] <= m[:, None])).all()
    assert (transferred[numpy.isfinite(transferred)] < 3).all()
EOF
}

@test "1, 2 and 3 ranks, 1 and 4 threads give the same bits" {
  needs_h5dump
  write_csv_spec spec.yaml
  "$NODESCALE" run spec.yaml
  cp spec.h5 ranks.h5
  "$NODESCALE" prune spec.h5 --threads 1
  "$NODESCALE" transfer spec.h5 --threads 1
  local expected n
  expected=$(bits spec.h5)
  for n in 1 2 3; do
    cp ranks.h5 "$n.h5"
    ranks "$n" prune "$n.h5" --threads $((n == 1 ? 4 : 1))
    ranks "$n" transfer "$n.h5" --threads $((n == 1 ? 4 : 1))
    [ "$(bits "$n.h5")" = "$expected" ]
  done
}

@test "killed between data and checksum, or behind it: just the finished ones count, and going on completes them" {
  needs_h5dump
  write_csv_spec spec.yaml
  "$NODESCALE" run spec.yaml
  cp spec.h5 killed.h5
  "$NODESCALE" prune spec.h5
  "$NODESCALE" transfer spec.h5
  local code k
  for k in 1 4; do
    cp killed.h5 "$k.h5"
    code=0
    NODESCALE_FAULT=die_in_slot:$k "$NODESCALE" prune "$k.h5" --threads 1 2>/dev/null || code=$?
    [ "$code" -eq 137 ]
    [ "$(count "$k.h5" pruned)" -eq $((k - 1)) ]
    "$NODESCALE" verify "$k.h5"
    code=0
    NODESCALE_FAULT=die:$k "$NODESCALE" transfer "$k.h5" --threads 2 2>/dev/null || code=$?
    [ "$code" -eq 137 ]
    [ "$(count "$k.h5" transferred)" -eq "$k" ]
    "$NODESCALE" verify "$k.h5"
    ranks 2 prune "$k.h5"
    ranks 2 transfer "$k.h5"
    [ "$(bits "$k.h5")" = "$(bits spec.h5)" ]
  done
}

@test "a write that fails ends it on all ranks with one message; what was written stays" {
  write_csv_spec spec.yaml
  "$NODESCALE" run spec.yaml
  NODESCALE_FAULT=write:1@1 run --separate-stderr ranks 3 prune spec.h5 --threads 1
  [ "$status" -eq 1 ]
  [ "$(grep -c nodescale: <<<"$stderr")" -eq 1 ]
  [[ "$stderr" == *"spec.h5 cannot be written: Input/output error"* ]]
  "$NODESCALE" verify spec.h5
  "$NODESCALE" prune spec.h5
  [ "$(count spec.h5 pruned)" -eq 4 ]
}

@test "SIGTERM at one rank stops all in good order with exit code 75; going on gives the same bits" {
  needs_h5dump
  write_csv_spec spec.yaml
  sed -i 's/count: 1/count: 4/; s/10, 25/40/' spec.yaml
  "$NODESCALE" run spec.yaml
  cp spec.h5 stopped.h5
  "$NODESCALE" transfer spec.h5
  mpirun --quiet --oversubscribe --bind-to none -n 2 "$NODESCALE" transfer stopped.h5 2>messages 3>&- &
  local mpirun=$! wait code=0
  for wait in $(seq 600); do
    sleep 0.05
    [ "$(count stopped.h5 transferred)" -gt 0 ] && break
  done
  kill -TERM "$(pgrep -P "$mpirun" | tail -n 1)"
  wait "$mpirun" || code=$?
  cat messages
  [ "$code" -eq 75 ]
  [ "$(grep -c "nodescale: stopped in good order by a signal: transfer of" messages)" -eq 1 ]
  [ "$(count stopped.h5 transferred)" -lt 8 ]
  "$NODESCALE" verify stopped.h5
  ranks 2 transfer stopped.h5
  [ "$(bits stopped.h5)" = "$(bits spec.h5)" ]
}

@test "points that are not done are left out and said; trained anew they lose what was computed from them" {
  write_csv_spec spec.yaml
  sed -i 's/count: 1/count: 2/' spec.yaml
  "$NODESCALE" run spec.yaml --only 'seed<1'
  run --separate-stderr "$NODESCALE" prune spec.h5
  [ "$status" -eq 0 ]
  [[ "$stderr" == *"pruning of 4 points computed now"* ]]
  [[ "$stderr" == *"4 of 8 points are not done and were left out"* ]]
  "$NODESCALE" run spec.yaml
  run --separate-stderr "$NODESCALE" prune spec.h5
  [[ "$stderr" == *"pruning of 4 points computed now, of 4 before"* ]]
}

refused() { # phrase, number of ranks, command, file: with one message, and leaves everything as it is
  local phrase=$1 n=$2 before
  shift 2
  before=$(ls -A; cat ./*.h5 | sha256sum)
  if [ "$n" -gt 1 ]; then run --separate-stderr ranks "$n" "$@"; else run --separate-stderr "$NODESCALE" "$@"; fi
  echo "code $status: $stderr"
  [ "$status" -eq 2 ]
  [[ "$stderr" == *"$phrase"* ]]
  [ "$(grep -c nodescale: <<<"$stderr")" -eq 1 ]
  [ -z "$output" ]
  [ "$(ls -A; cat ./*.h5 | sha256sum)" = "$before" ]
}

@test "files without weights or validation samples, missing or foreign ones and wrong options are refused" {
  write_csv_spec spec.yaml
  sed 's/, weights: final//' spec.yaml >none.yaml
  sed 's/split: .0.4, 0.4, 0.2./split: [0.8, 0.0, 0.2]/' spec.yaml >empty.yaml
  for spec in none empty; do "$NODESCALE" run "$spec.yaml"; done
  echo text >text.h5
  refused "none.h5 keeps no weights, which pruning needs: put \`record: {weights: final}\` into the spec" 2 prune none.h5
  refused "none.h5 keeps no weights, which transfer needs" 1 transfer none.h5
  refused "empty.h5 has 0 validation samples, but transfer needs at least 2" 2 transfer empty.h5
  for command in prune transfer; do
    refused "nowhere.h5 cannot be read" 1 "$command" nowhere.h5
    refused "text.h5 is not a results file" 1 "$command" text.h5
    refused "no FILE.h5 given" 1 "$command"
    refused "unknown option '--fast'" 2 "$command" empty.h5 --fast
    refused "--threads is '0'" 1 "$command" empty.h5 --threads 0
  done
  "$NODESCALE" prune empty.h5
}

@test "a run that is writing the file keeps it out" {
  write_csv_spec spec.yaml
  sed -i 's/steps: 100}/steps: 100000000}/; s/every: 50/every: 1000000/' spec.yaml
  "$NODESCALE" run spec.yaml --engine reference 3>&- &
  local pid=$! wait code=0
  for wait in $(seq 600); do
    [ -f spec.h5 ] && break
    sleep 0.05
  done
  run --separate-stderr "$NODESCALE" prune spec.h5
  kill -TERM "$pid"
  wait "$pid" || code=$?
  [ "$code" -eq 75 ]
  [ "$status" -eq 1 ]
  [[ "$stderr" == *"spec.h5"*"process $pid"* ]]
}

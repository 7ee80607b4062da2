# Nothing finished is lost: deaths at every stage of writing, failing disks, lost names, damage; and files that grow and merge.
# nodescale/fault.h says what NODESCALE_FAULT does.
load common

teardown() { # of a test that failed with its disk mounted
  umount "$BATS_TEST_TMPDIR/here/disk" 2>/dev/null || true
}

finished() { # file: how many points
  "$NODESCALE" status "$1" --json | sed 's/.*"done": \([0-9]*\).*/\1/'
}

fails() { # code, phrase, arguments of nodescale...: ends so, with the phrase on stderr
  local code=$1 phrase=$2
  shift 2
  run --separate-stderr "$NODESCALE" "$@"
  echo "code $status: $output $stderr" # shown when the test fails
  [ "$status" -eq "$code" ]
  [[ "$stderr" == *"$phrase"* ]]
}

dies() { # fault, arguments of nodescale...
  local code=0
  NODESCALE_FAULT=$1 "$NODESCALE" "${@:2}" 2>/dev/null || code=$?
  [ "$code" -eq 137 ]
}

whole() { # spec: the digest of an uninterrupted run
  "$NODESCALE" run "$1" -o whole.h5 2>/dev/null
  digest whole.h5
  rm whole.h5
}

@test "killed while the file is made: no file or a whole one, and nothing left behind by the next run" {
  write_spec spec.yaml 20
  for fault in die_in_create:1 die_in_create:2 die_in_publish:1; do
    dies "$fault" run spec.yaml
    [ ! -e spec.h5 ]
    [ "$(ls | grep -c "^spec.h5.*[.]tmp$")" -eq 1 ]
  done
  dies die_in_publish:2 run spec.yaml
  "$NODESCALE" verify spec.h5
  "$NODESCALE" run spec.yaml
  [ "$(ls | tr '\n' ' ')" = "spec.h5 spec.yaml " ]
}

@test "killed at each point, inside its slot or behind it: the file opens and holds just the finished points" {
  write_spec spec.yaml 20
  local expected
  expected=$(whole spec.yaml)
  for k in 1 2 3 4 5 6 7 8; do
    dies "die_in_slot:$k" run spec.yaml -o slot.h5 --threads 1
    "$NODESCALE" verify slot.h5
    [ "$(finished slot.h5)" -eq $((k - 1)) ]
    "$NODESCALE" run spec.yaml -o slot.h5
    [ "$(digest slot.h5)" = "$expected" ]
    dies "die:$k" run spec.yaml -o behind.h5 --threads 1
    [ "$(finished behind.h5)" -eq "$k" ]
    "$NODESCALE" run spec.yaml -o behind.h5
    [ "$(digest behind.h5)" = "$expected" ]
    rm slot.h5 behind.h5
  done
}

@test "one rank of three killed inside a slot: a run of two ranks completes it" {
  write_spec spec.yaml 20
  local expected
  expected=$(whole spec.yaml)
  NODESCALE_FAULT=die_in_slot:1@1 run ranks 3 run spec.yaml
  [ "$status" -ne 0 ]
  "$NODESCALE" verify spec.h5
  ranks 2 run spec.yaml
  [ "$(digest spec.h5)" = "$expected" ]
}

@test "killed while the file grows: the old or the new file, never less" {
  write_spec spec.yaml 20
  "$NODESCALE" run spec.yaml
  local expected
  expected=$(digest spec.h5)
  cp spec.h5 before.h5
  sed -i 's/count: 2/count: 3/' spec.yaml
  for fault in die_in_create:1 die_in_create:2 die_in_extend:1 die_in_extend:3 die_in_extend:8 die_in_publish:1; do
    dies "$fault" run spec.yaml
    cmp spec.h5 before.h5
  done
  dies die_in_publish:2 run spec.yaml
  [ "$(digest spec.h5)" = "$expected" ]
  "$NODESCALE" run spec.yaml
  [ "$(finished spec.h5)" -eq 12 ]
  [ "$(digest spec.h5)" = "$(whole spec.yaml)" ]
  [ "$(ls | tr '\n' ' ')" = "before.h5 spec.h5 spec.yaml " ]
}

@test "a write that fails ends the run with file and reason; what was finished stays" {
  write_spec spec.yaml 20
  local expected
  expected=$(whole spec.yaml)
  NODESCALE_FAULT=write:4 fails 1 "spec.h5 cannot be written: Input/output error" run spec.yaml --threads 1
  local kept
  kept=$(finished spec.h5)
  [ "$kept" -ge 3 ] && [ "$kept" -lt 8 ] # the one in flight besides is still written
  NODESCALE_FAULT=short_write:3 fails 1 "spec.h5 cannot be written: No space left on device" run spec.yaml --threads 1
  [ "$(finished spec.h5)" -ge $((kept + 2)) ] && [ "$(finished spec.h5)" -lt 8 ]
  "$NODESCALE" verify spec.h5
  NODESCALE_FAULT=fsync:1 fails 1 "spec.h5 cannot be brought to disk: Input/output error" run spec.yaml
  "$NODESCALE" verify spec.h5
  "$NODESCALE" run spec.yaml
  [ "$(digest spec.h5)" = "$expected" ]
  rm spec.h5
  NODESCALE_FAULT=write:1@1 run --separate-stderr ranks 3 run spec.yaml
  [ "$status" -eq 1 ]
  [[ "$stderr" == *"spec.h5 cannot be written: Input/output error"* ]]
  [ "$(grep -c nodescale: <<<"$stderr")" -eq 1 ]
  ranks 2 run spec.yaml
  [ "$(digest spec.h5)" = "$expected" ]
}

@test "a wrong NODESCALE_FAULT is refused" {
  NODESCALE_FAULT=wrote:1 fails 2 "NODESCALE_FAULT is 'wrote:1' but must be KIND:K[@RANK]" status nowhere.h5
}

@test "a full disk is found before anything is computed, and no half-made file is left" {
  mkdir disk
  mount -t tmpfs -o size=512k none disk 2>/dev/null || skip "mounting is not allowed here"
  write_spec spec.yaml 20
  fails 1 "has room for" run spec.yaml -o disk/out.h5
  [ -z "$(ls -A disk)" ]
  mount -o remount,size=2m disk
  "$NODESCALE" run spec.yaml -o disk/out.h5
  # all its space is there from the beginning: a disk that fills up later does not matter
  cp disk/out.h5 full.h5
  rm disk/out.h5
  NODESCALE_FAULT=die:1 run "$NODESCALE" run spec.yaml -o disk/out.h5
  head -c 4M /dev/zero >disk/filler || true
  [ "$(df --output=avail disk | tail -n 1)" -eq 0 ]
  "$NODESCALE" run spec.yaml -o disk/out.h5
  [ "$(digest disk/out.h5)" = "$(digest full.h5)" ]
  # no room to grow: the old file stays
  cp disk/out.h5 before.h5
  sed -i 's/count: 2/count: 9/' spec.yaml
  fails 1 "has room for" run spec.yaml -o disk/out.h5
  cmp disk/out.h5 before.h5
  [ "$(ls disk | tr '\n' ' ')" = "filler out.h5 " ]
  umount disk
}

@test "a file or folder that cannot be written is refused before anything is computed" {
  mkdir disk
  mount -t tmpfs -o size=4m none disk 2>/dev/null || skip "mounting is not allowed here"
  write_spec spec.yaml 20
  cp spec.yaml disk
  "$NODESCALE" run spec.yaml -o disk/out.h5
  mount -o remount,ro disk
  sed -i 's/seed: {from: 0, count: 2}/seed: {from: 0, count: 3}/' spec.yaml
  fails 2 "Read-only file system" run spec.yaml -o disk/out.h5
  fails 2 "Read-only file system" run spec.yaml -o disk/new.h5
  "$NODESCALE" verify disk/out.h5
  umount disk
}

start_long_run() { # starts it in the background and waits for its second point; $pid
  write_spec long.yaml 3000
  "$NODESCALE" run long.yaml -o long.h5 --engine reference --threads 1 2>stderr &
  pid=$!
  for wait in $(seq 400); do
    sleep 0.02
    [ "$(finished long.h5 2>/dev/null)" -ge 2 ] 2>/dev/null && return 0
  done
  return 1
}

@test "a file removed while the run goes on gets its name back, with everything that was finished" {
  start_long_run
  rm long.h5
  local code=0
  wait "$pid" || code=$?
  cat stderr
  [ "$code" -eq 1 ]
  grep -q "nodescale: long.h5 was removed while the run went on; its results have been rescued as long.h5" stderr
  "$NODESCALE" verify long.h5
  [ "$(finished long.h5)" -ge 2 ]
  "$NODESCALE" run long.yaml -o long.h5
  [ "$(finished long.h5)" -eq 8 ]
}

@test "a file replaced while the run goes on is left alone; the results are rescued beside it" {
  start_long_run
  echo "something else" >other
  mv other long.h5
  local code=0
  wait "$pid" || code=$?
  cat stderr
  [ "$code" -eq 1 ]
  grep -q "long.h5 was replaced by another file while the run went on; its results have been rescued as long.h5.rescued.h5" stderr
  [ "$(cat long.h5)" = "something else" ]
  "$NODESCALE" verify long.h5.rescued.h5
  [ "$(finished long.h5.rescued.h5)" -ge 2 ]
}

@test "a file cut short while the run goes on is noticed, and what is whole is kept" {
  start_long_run
  truncate -s 60000 long.h5
  local code=0
  wait "$pid" || code=$?
  cat stderr
  [ "$code" -eq 1 ]
  grep -q "long.h5 was cut short while the run went on" stderr
  "$NODESCALE" run long.yaml -o long.h5
  [ "$(finished long.h5)" -eq 8 ]
}

@test "a damaged file: verify says so and changes nothing; a run keeps what is whole, and the damaged file" {
  write_spec spec.yaml 20
  "$NODESCALE" run spec.yaml
  local expected
  expected=$(digest spec.h5)
  truncate -s -1 spec.h5
  cp spec.h5 damaged.h5
  run --separate-stderr "$NODESCALE" verify spec.h5
  [ "$status" -eq 1 ]
  [[ "$output" == *"points: 8, of which 8 have a result that is unharmed"* ]]
  [[ "$stderr" == *"spec.h5 is damaged: it has "*" bytes but should have "* ]]
  cmp spec.h5 damaged.h5
  for command in status export; do fails 1 "spec.h5 is damaged" "$command" spec.h5; done
  fails 0 "It is kept as spec.h5.damaged; its 8 unharmed finished points are taken over" run spec.yaml
  cmp spec.h5.damaged damaged.h5
  [ "$(digest spec.h5)" = "$expected" ]
}

@test "a damaged result: verify names it, nothing is exported, and it alone runs again" {
  /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
  write_spec spec.yaml 20
  "$NODESCALE" run spec.yaml
  local expected
  expected=$(digest spec.h5)
  /usr/bin/python3 - <<'END'
import h5py
with h5py.File("spec.h5") as file:
    place = file["test_risk"].id.get_offset() + 8 * file["test_risk"].shape[1] * 5
with open("spec.h5", "r+b") as file:
    file.seek(place)
    byte = file.read(1)[0]
    file.seek(place)
    file.write(bytes([byte ^ 1]))
END
  run --separate-stderr "$NODESCALE" verify spec.h5
  [ "$status" -eq 1 ]
  [[ "$output" == *"point 5: its result is damaged; it will run again"* ]]
  fails 1 "the result of point 5 is damaged" export spec.h5
  fails 0 "spec.h5: 1 point is damaged and runs again" run spec.yaml
  [[ "$stderr" == *"1 of "*" points trained now"* ]]
  [ "$(digest spec.h5)" = "$expected" ]
}

@test "a symbolic link stays one when its file grows" {
  write_spec spec.yaml 20
  mkdir elsewhere
  ln -s elsewhere/out.h5 link.h5
  "$NODESCALE" run spec.yaml -o elsewhere/out.h5
  sed -i 's/count: 2/count: 3/' spec.yaml
  "$NODESCALE" run spec.yaml -o link.h5
  [ -L link.h5 ]
  [ "$(finished elsewhere/out.h5)" -eq 12 ]
  [ "$(ls elsewhere)" = out.h5 ]
}

@test "three seeds more for a finished sweep of 20 points: exactly the new ones run" {
  cat >spec.yaml <<END
name: growing
data: {kind: sphere_sine, n_train: 20, n_test: 10, d: 4}
grid:
  - {gamma: [1.0, 0.5], alpha: 0.6, m: [50, 100], seed: {from: 0, count: 5}}
train: {step_size: 1.0, steps: 100}
record: {every: 50}
END
  ranks 2 run spec.yaml
  [ "$(finished spec.h5)" -eq 20 ]
  /usr/bin/python3 -c 'import h5py' 2>/dev/null && python=/usr/bin/python3 || python=true
  walls='import h5py; print(list(h5py.File("spec.h5")["wall_seconds"][:20]))' # a point trained again would not take the same time
  before=$($python -c "$walls")
  sed -i 's/count: 5/count: 8/' spec.yaml
  run --separate-stderr ranks 2 run spec.yaml
  [ "$status" -eq 0 ]
  [[ "$stderr" == *"spec.h5 grows from 20 to 32 points; 20 finished ones are taken over"* ]]
  [[ "$stderr" == *"12 of "*" points trained now"* ]]
  [ "$(finished spec.h5)" -eq 32 ]
  [ "$($python -c "$walls")" = "$before" ]
  [ "$(digest spec.h5)" = "$(whole spec.yaml)" ]
}

@test "what changes a point's meaning is refused with both values; what does not is accepted and rewrites nothing" {
  write_spec spec.yaml 20
  "$NODESCALE" run spec.yaml
  cp spec.h5 before.h5
  sed 's/step_size: 1.0/step_size: 0.5/; s/steps: 20/steps: 30/' spec.yaml >other.yaml
  fails 2 "spec.h5 holds another experiment: step_size: file 1, spec 0.5; steps: file 20, spec 30" run other.yaml -o spec.h5
  cat >cosmetic.yaml <<END
# the same in other words
record: {probes: 10, weights: final, every: 50}
train: {steps: 2.0e1, step_size: 1}
name: another name
data: {d: 4, n_test: 10, n_train: 20, kind: sphere_sine}
grid:
  - {gamma: 0.5, alpha: 0.6, m: [300, 50], seed: [1, 0]}
  - {gamma: 1, m: [50, 300], seed: {from: 0, count: 2}}
END
  sed -i 's/2.0e1/20/' cosmetic.yaml
  fails 0 "all 8 points were there already" run cosmetic.yaml -o spec.h5
  cmp spec.h5 before.h5
}

@test "merge joins the parts of a sweep; its digest is that of one run" {
  write_spec spec.yaml 20
  sed 's/seed: .*}}/seed: [0]}/; s/gamma: \[1.0, 0.5\]/gamma: 1.0/' spec.yaml >a.yaml
  sed 's/seed: .*}}/seed: [0, 1]}/; s/gamma: \[1.0, 0.5\]/gamma: 0.5/' spec.yaml >b.yaml
  sed 's/seed: .*}}/seed: [1]}/' spec.yaml >c.yaml
  for part in a b c; do ranks 2 run $part.yaml; done
  fails 0 "all.h5: 8 of 8 points finished, from 3 files" merge a.h5 b.h5 c.h5 -o all.h5
  [ "$(digest all.h5)" = "$(whole spec.yaml)" ]
  fails 0 "all.h5 is complete" run spec.yaml -o all.h5
  fails 2 "all.h5 exists already" merge a.h5 -o all.h5
  fails 2 "no A.h5 given" merge -o new.h5
  fails 2 "no -o C.h5 given" merge a.h5 b.h5
  sed -i 's/step_size: 1.0/step_size: 0.5/' a.yaml
  "$NODESCALE" run a.yaml -o other.h5
  fails 2 "b.h5 and other.h5 hold different experiments: step_size: b.h5 1, other.h5 0.5" merge b.h5 other.h5 -o new.h5
  [ ! -e new.h5 ]
}

# The commands around a run: plan, status, export, figures, help.
load common

@test "plan says what would run and computes nothing" {
  write_spec spec.yaml 200
  run "$NODESCALE" plan spec.yaml --points --workers 2
  [ "$status" -eq 0 ]
  [[ "$output" == *"points             8 of 200 steps, 5 records each"* ]]
  [ "$(grep -cE '^[0-9a-f]{16} ' <<<"$output")" -eq 8 ]
  [ "$(ls -A)" = spec.yaml ]
}

@test "status counts points, as text and as JSON" {
  write_spec spec.yaml 20
  "$NODESCALE" run spec.yaml
  [[ "$("$NODESCALE" status spec.h5)" == *"done      8"* ]]
  "$NODESCALE" status spec.h5 --json | /usr/bin/python3 -c '
import json, sys
status = json.load(sys.stdin)
assert status["points"] == status["done"] == 8 and status["missing"] == 0 and status["not_done"] == [], status'
}

@test "export has a row per point and record, which read back to the stored doubles" {
  write_spec spec.yaml 200
  "$NODESCALE" run spec.yaml
  "$NODESCALE" export spec.h5 -o spec.csv
  [ "$(wc -l <spec.csv)" -eq $((8 * 5 + 1)) ]
  /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
  /usr/bin/python3 - <<'END'
import csv, h5py
rows = list(csv.DictReader(open("spec.csv")))
stored = h5py.File("spec.h5")["train_risk"][:].ravel()
assert [float(row["train_risk"]) for row in rows] == list(stored)
END
}

@test "figures draws five figures with their data" {
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  write_spec spec.yaml 200
  "$NODESCALE" run spec.yaml
  "$NODESCALE" figures spec.h5 -o figures
  for name in train_risk test_risk weight_delta ntk_drift ntk_min_eig; do
    [ "$(head -c 4 "figures/$name.pdf")" = %PDF ]
    [ -s "figures/$name.txt" ]
  done
}

@test "every command has help that names its options; --version tells the version" {
  for command in run plan status verify merge figures export; do
    "$NODESCALE" "$command" --help | grep -q "usage: nodescale $command"
    "$NODESCALE" --help | grep -q "^  $command "
  done
  [[ "$("$NODESCALE" --version)" == "nodescale "[0-9]* ]]
}

@test "a file that is missing or foreign is refused by every reading command" {
  echo text >text.h5
  for command in status verify export; do
    for file in nowhere.h5 text.h5; do
      run --separate-stderr "$NODESCALE" "$command" "$file"
      [ "$status" -eq 2 ]
      [[ "$stderr" == "nodescale: $file"* ]]
    done
  done
}

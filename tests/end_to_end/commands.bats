# The commands around a run: plan, status, export, figures, help.
load common

@test "plan says what would run and computes nothing" {
  write_spec spec.yaml 200
  run "$NODESCALE" plan spec.yaml --points --workers 2
  [ "$status" -eq 0 ]
  [[ "$output" == *"points             8 of 200 steps, 5 records each"* ]]
  [ "$(grep -cE '^[0-9a-f]{16} ' <<<"$output")" -eq 8 ]
  [ "$(ls -A)" = spec.yaml ]
  [[ "$output" != *"once for the data"* ]]
}

@test "plan states what the tour of many samples costs" {
  write_spec spec.yaml 200
  sed -i 's/n_train: 20,/n_train: 60000,/' spec.yaml
  run "$NODESCALE" plan spec.yaml
  [ "$status" -eq 0 ]
  [[ "$output" == *"engine intervals   4 points"* ]]
  [[ "$output" == *"once for the data  24 s (the tour of its samples)"* ]]
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

@test "figures draws the figures of the paper, with their data and where they come from" {
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  write_spec spec.yaml 200
  "$NODESCALE" run spec.yaml
  "$NODESCALE" figures spec.h5 -o figures
  for name in train_risk test_risk weight_delta ntk_drift ntk_min_eig generalisation; do
    [ "$(head -c 4 "figures/$name.pdf")" = %PDF ]
    [ -s "figures/$name.txt" ]
  done
  digest=$(digest spec.h5)
  grep -q "^# Results: digest $digest$" figures/train_risk.txt
  if command -v pdfinfo >/dev/null; then
    run pdfinfo -custom figures/train_risk.pdf
    [[ "$output" == *"digest $digest"* && "$output" == *"nodescale figures spec.h5 -o figures --format pdf"* ]]
    [[ "$output" == *"Title: "*"Training risk"* ]]
  fi
}

@test "the command in a figure makes it again, to the byte, wherever it lies" {
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  write_spec spec.yaml 200
  "$NODESCALE" run spec.yaml
  mkdir elsewhere
  "$NODESCALE" figures "$PWD/spec.h5" -o elsewhere/a --format svg --x gamma --where 'seed < 2, m>1' --quantity 'weight_delta_quantile[0.5]' \
    --at best --log value
  file=weight_delta_quantile_0.5_by_gamma_best.svg
  command=$(sed -n 's/^Command: nodescale //p' "elsewhere/a/$file" | sed 's/&gt;/>/g; s/&lt;/</g')
  [[ "$command" == *"--where 'seed < 2, m>1'"* ]]
  eval "'$NODESCALE' $command"
  cmp "elsewhere/a/$file" "figures/$file"
}

@test "figures says what it would have understood" {
  write_spec spec.yaml 200
  "$NODESCALE" run spec.yaml
  for wrong in '--x beta:step, gamma, alpha, m, seed' '--quantity risk:train_risk, test_risk' '--y gamma:--y needs --x' \
      '--where gamma=1:character 6' '--at 3 --x gamma:recorded steps next to it' '--over time:gamma, alpha, m, seed, or none' \
      '--log z:x, y, value, or none' '--where m<1:none of the 8 points'; do
    # shellcheck disable=SC2086 # the words are options
    run --separate-stderr "$NODESCALE" figures spec.h5 -o figures ${wrong%%:*}
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"${wrong#*:}"* ]]
  done
}

@test "theory holds the bounds against every point and tells the exponents" {
  cat >spec.yaml <<END
name: widths
data: {kind: sphere_sine, n_train: 20, n_test: 0, d: 30}
grid:
  - {gamma: 1.0, m: {from: 200, to: 3200, count: 5, scale: log}, seed: {from: 0, count: 4}}
  - {gamma: 0.0, alpha: 0.4, m: {from: 200, to: 3200, count: 5, scale: log}, seed: {from: 0, count: 4}}
train: {step_size: 1.0, steps: 300}
record: {every: 100, probes: 10}
END
  "$NODESCALE" run spec.yaml
  run --separate-stderr "$NODESCALE" theory spec.h5 -o bounds.csv --exponents exponents.csv
  [ "$status" -eq 0 ]
  [[ "$output" == *"of the 20 training samples"*"of the 10 probes"*"weight_delta_max"* ]]
  /usr/bin/python3 - <<'END'
import csv
rows = list(csv.DictReader(open("bounds.csv")))
assert len(rows) == 40, len(rows)
lazy = [row for row in rows if row["gamma"] == "1"]
assert all(row[bound] == "holds" for row in lazy for bound in ("start", "trajectory", "decay")), lazy
assert all(float(row["trajectory_worst"]) > 1 > float(row["decay_worst"]) for row in lazy), lazy
assert all(row["decay"] == "none" and row["decay_worst"] == "" for row in rows if row["gamma"] == "0")
exponents = {(row["quantity"], row["gamma"]): row for row in csv.DictReader(open("exponents.csv"))}
assert len(exponents) == 8, exponents
assert float(exponents["weight_delta_q50", "0"]["high"]) < -1  # the median node's share of lambda falls as m^(-1/alpha)
for quantity in ("weight_delta_max", "ntk_drift_spectral", "ntk_drift_relative"):
    assert exponents[quantity, "1"]["regime"] == "lazy", exponents
    assert float(exponents[quantity, "0"]["low"]) > -0.5 and exponents[quantity, "0"]["regime"] != "lazy", exponents
END
}

@test "theory refuses what it cannot use" {
  write_spec spec.yaml 20
  "$NODESCALE" run spec.yaml
  for delta in 0 1 2 nan x; do
    run --separate-stderr "$NODESCALE" theory spec.h5 --delta "$delta"
    [ "$status" -eq 2 ]
    [[ "$stderr" == "nodescale: --delta is '$delta'"* ]]
  done
  run --separate-stderr "$NODESCALE" theory spec.h5 -o nowhere/bounds.csv
  [ "$status" -eq 2 ]
  [[ "$stderr" == *"nowhere/bounds.csv: cannot be written"* ]]
}

@test "every command has help that names its options; --version tells the version" {
  for command in run plan status verify merge prune transfer figures theory report export; do
    "$NODESCALE" "$command" --help | grep -q "usage: nodescale $command"
    "$NODESCALE" --help | grep -q "^  $command "
  done
  [[ "$("$NODESCALE" --version)" == "nodescale "[0-9]* ]]
}

@test "a file that is missing or foreign is refused by every reading command" {
  echo text >text.h5
  for command in status verify theory report export; do
    for file in nowhere.h5 text.h5; do
      run --separate-stderr "$NODESCALE" "$command" "$file"
      [ "$status" -eq 2 ]
      [[ "$stderr" == "nodescale: $file"* ]]
    done
  done
}

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

@test "every command has help that names its options; --version tells the version" {
  for command in run plan status verify merge prune transfer figures export; do
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

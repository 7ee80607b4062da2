#!/usr/bin/env bash
# Installs what is missing, builds, runs all tests, ends with one line `N passed, N failed, N skipped`.
#   tests/run.sh [--fast]     --fast: without fuzzing and the second build that checks addresses and undefined behaviour
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../jobs/setup.sh"
nodescale_setup test || exit

folders=()
run_suites() { # build folder, meson test arguments...
  local folder=$nodescale_root/$1
  shift
  meson test -C "$folder" --no-rebuild --print-errorlogs "$@"
  folders+=("$folder")
}

rm -f "$nodescale_root"/build*/meson-logs/testlog.{json,junit.xml}
if [ "${1:-}" = --fast ]; then
  run_suites build --no-suite fuzz
else
  nodescale_build build-sanitize -Db_sanitize=address,undefined -Db_lundef=false --buildtype=debugoptimized &
  sanitized=$! # most tests need one core: the other builds meanwhile
  run_suites build
  wait "$sanitized" || exit
  run_suites build-sanitize --suite unit --timeout-multiplier 6
fi
exec /usr/bin/python3 "$nodescale_root/tests/count.py" "${folders[@]}"

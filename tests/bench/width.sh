#!/usr/bin/env bash
# The event engine's time a step against width: gamma = 1, n 100, d 50, 5,000 steps, one core. Prints the table with the exponent
# over the whole range (set-up apart) and draws it.
#   tests/bench/width.sh [engine_bench [PLOT.png]]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bench=$(realpath "${1:-$root/build/tests/bench/engine_bench}")
plot=${2:-width.png}
table=$(mktemp)
trap 'rm -f "$table"' EXIT

for m in 2000 8000 32000 128000 512000 1000000; do
  "$bench" events sphere 1 .5 $m 5000 |
    sed -E "s/.*set-up ([0-9.e+-]+) s .processor ([0-9.e+-]+).*, ([0-9.e+-]+) us.step .processor ([0-9.e+-]+).*/$m \4 \2/"
done >"$table"
awk 'BEGIN { print "| m | us per step | set-up, s |\n|---|---|---|" }
     { printf "| %d | %.1f | %.3f |\n", $1, $2, $3 }
     NR == 1 { m = $1; first = $2 }
     END { printf "exponent %.2f\n", log($2 / first) / log($1 / m) }' "$table"
gnuplot <<END
set terminal pngcairo size 900,600 font "Liberation Sans,16"
set output "$plot"
set logscale xy
set grid
set key top left
set xrange [1e3:2e6]
set xlabel "nodes m"
set ylabel "processor time a step (µs)"
set format x "10^{%T}"
first = real(system("head -n 1 '$table' | cut -d ' ' -f 2"))
plot "$table" using 1:2 with linespoints linewidth 2 pointtype 7 linecolor rgb "#0072b2" title "event engine", \
  first * (x / 2000) ** 0.5 with lines dashtype 2 linecolor rgb "#555555" title "m^{1/2}", \
  first * (x / 2000) with lines dashtype 3 linecolor rgb "#555555" title "m"
END

# Final and best test risk of each configuration, and the step of the best.
name = "generalisation"
table = name . ".txt"
stats table using 1 nooutput name "row"
rows = row_max + 1
longest = 0
do for [k = 0:rows - 1] {
	stats table using (longest = strlen(strcol(2)) > longest ? strlen(strcol(2)) : longest) every ::k::k nooutput name "label"
}
low(mean, std) = mean - std > mean / 3 ? mean - std : mean / 3
stats table using (low($5, $6)) nooutput name "least"
stats table using ($3 + $4) nooutput name "most"
stats table using ($7 + $8) nooutput name "late"
empty = !exists("most_records") || !exists("least_records")
if (empty) { least_min = 0.1; most_max = 1; late_max = 1 }
logarithmic = least_min > 0 && most_max > 5 * least_min
round(x) = x <= 0 ? 1 : 10.0 ** floor(log10(x)) * (x / 10.0 ** floor(log10(x)) < 1.5 ? 1 : x / 10.0 ** floor(log10(x)) < 3.5 ? 2 : \
	x / 10.0 ** floor(log10(x)) < 7.5 ? 5 : 10)
width = 8.6
height = 2.2 + 0.42 * rows
load "style.gnuplot"

set multiplot
labels = 0.35 + 0.125 * longest
room = width - labels - 0.6
first = labels / width
split = (labels + 0.6 * room) / width
set tmargin at screen 1 - 0.75 / height
set bmargin at screen 0.95 / height
set yrange [rows - 0.5:-0.5]
set grid ytics linecolor rgb "#dddddd" linetype 1 linewidth 0.5 dashtype 1 back
set xlabel offset 0, 0.3
set lmargin at screen first
set rmargin at screen split
set key at screen first, screen 1 - 0.3 / height left Left reverse samplen 0.6 width 1 maxrows 1 vertical
set xlabel "test risk (target²)"
if (logarithmic) set logscale x; set format x "%g"; set xtics (0)
if (logarithmic) set for [k = floor(log10(least_min)):ceil(log10(most_max))] xtics add (10.0**k)
if (logarithmic && most_max < 30 * least_min) set for [k = floor(log10(least_min)):ceil(log10(most_max))] xtics add (3 * 10.0**k)
if (!logarithmic) set xtics round((most_max - least_min) / 3)
if (empty) set xrange [0.1:1]
plot table using 3:($1 - 0.12):4 with xerrorbars pointtype 7 pointsize 0.5 linewidth 1.2 linecolor rgb "#0072b2" title "final", \
	table using 5:($1 + 0.12):6 with xerrorbars pointtype 4 pointsize 0.5 linewidth 1.2 linecolor rgb "#d55e00" title "smallest", \
	table using (NaN):1:ytic(2) with points notitle

unset key
unset logscale
set format x "%g"
set xrange [0:late_max > 0 ? 1.05 * late_max : 1]
set xtics round(late_max / 2)
set lmargin at screen split + 0.45 / width
set rmargin at screen 1 - 0.35 / width
set format y ""
set ytics 1
set xlabel "step of the smallest"
plot table using 7:1:8 with xerrorbars pointtype 4 pointsize 0.5 linewidth 1.2 linecolor rgb "#d55e00" notitle
unset multiplot

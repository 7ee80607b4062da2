# Drift against the width, with the lines fitted to the upper half of the widths. A figure's script sets `name` and `y_label` and loads
# this file. The legend has the exponents in m with their intervals of 95 %.
logarithmic = 1
x_logarithmic = 1
x_label = "number of nodes {/:Italic m}"
load "curves.gnuplot"
set ylabel y_label
named = along_max <= 100 * along_min # 1, 2 and 5 times powers of ten, else powers of ten alone
if (along_max < 1e6) set xtics (sprintf("%g", 1e9) 1e9); set for [k = 0:5] xtics add (grouped(10.0**k) 10.0**k)
if (along_max < 1e6 && named) set for [k = 0:5] xtics add (grouped(2 * 10.0**k) 2 * 10.0**k, grouped(5 * 10.0**k) 5 * 10.0**k)
set xrange [along_min / 1.2:along_max * 1.2]
bar_low(mean, std) = mean - std > 0 ? mean - std : bottom
plot for [i = 0:curve_count - 1] table index i using 1:5 with lines linetype i + 1 linewidth 0.8 dashtype (3, 3) notitle, \
	for [i = 0:curve_count - 1] table index i using 1:($6 == 1 ? $5 : NaN) with lines linetype i + 1 linewidth 1.4 dashtype solid notitle, \
	for [i = 0:curve_count - 1] table index i using 1:(bar_low($2, $3)):(0):($2 + $3 - bar_low($2, $3)) with vectors nohead linetype i + 1 \
		linewidth 0.8 dashtype solid notitle, \
	for [i = 0:curve_count - 1] table index i using 1:2 with points linetype i + 1 title columnheader(1)

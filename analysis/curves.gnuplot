# Curves: mean and band of one standard deviation. A figure's script sets `name` (its table is NAME.txt), `logarithmic` (its y axis),
# for another x axis than steps `x_label`, `x_logarithmic` and `marked` (every how many points a curve has a marker), loads this file, labels the y axis and plots @curves.
set datafile columnheaders # the first line of a block is its legend
if (!exists("x_label")) x_label = "gradient descent steps"
if (!exists("x_logarithmic")) x_logarithmic = 0
table = name . ".txt"

# ---- What is in the table: one block of `x mean std n` per curve. On a logarithmic axis only what is positive can be shown,
# and of runs about to diverge nothing that would leave the range of numbers.
shown(mean) = (logarithmic && mean <= 0) || abs(mean) > 1e300 ? NaN : mean
low(mean, std) = shown(mean) - (std < 1e300 ? std : 0)
high(mean, std) = shown(mean) + (std < 1e300 ? std : 0)
stats table using (x_logarithmic && $1 <= 0 ? NaN : $1) nooutput name "along"
stats table using 1 nooutput name "all"
stats table using ($1 - floor($1)) nooutput name "fraction"
stats table using (shown($2)) nooutput name "value"
stats table using (low($2, $3) > $2 / 3 || !logarithmic ? low($2, $3) : shown($2) / 3) nooutput name "low"
stats table using (high($2, $3)) nooutput name "high"
curve_count = all_blocks
records = all_records / curve_count
if (!exists("marked")) marked = records / 7 + 1
empty = !exists("value_records") # gnuplot deletes the names when it finds no number
if (empty) { low_min = 0.1; high_max = 1; value_max = 1 }

# ---- A column of a paper: 8.6 cm wide, 7 point type, the legend above the axes where it hides no curve.
longest = 0
do for [i = 0:curve_count - 1] {
	stats table index i using 1 nooutput name "block"
	longest = strlen(block_column_header[1]) > longest ? strlen(block_column_header[1]) : longest
}
legend_columns = longest > 24 ? 1 : 2
legend_rows = curve_count > 40 ? 1 : (curve_count + legend_columns - 1) / legend_columns
width = 8.6
if (exists("note")) legend_rows = legend_rows + 1
height = 5.8 + (exists("format") && format eq "svg" ? 0.36 : 0.31) * legend_rows # SVG sets lines wider apart
load "style.gnuplot"

# ---- Okabe and Ito's colours without yellow; the next curve also has another dash and another marker: grey print tells them apart.
colours = "#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #000000"
markers = "7 5 9 11 13 6 4 8 10 12"
set for [i = 0:curve_count - 1] linetype i + 1 linecolor rgb word(colours, i % 7 + 1) linewidth 1.8 dashtype solid \
	pointtype int(word(markers, i % 10 + 1)) pointsize 0.45
set for [i = 2:curve_count:5] linetype i dashtype (10, 4)
set for [i = 3:curve_count:5] linetype i dashtype (3, 3)
set for [i = 4:curve_count:5] linetype i dashtype (10, 3, 3, 3)
set for [i = 5:curve_count:5] linetype i dashtype (16, 3, 3, 3, 3, 3)
set style fill transparent solid (curve_count > 8 ? 0.1 : 0.2) noborder

# ---- Axes
set grid ytics linecolor rgb "#dddddd" linetype 1 linewidth 0.5 dashtype 1 back
set key outside top center horizontal Left reverse maxcols legend_columns samplen 2.6 spacing 1 width longest > 12 ? -2 : 0
if (exists("note")) set key title note left noenhanced
if (curve_count > 40) {
	unset key
	set tmargin 2
	set label 2 sprintf("%d curves, in the order of %s", curve_count, table) noenhanced at graph 0.5, 1.04 center
}
set xlabel x_label offset 0, 0.3

# 50 000: groups of three digits apart, a thin space between them
grouped(x) = x < 1000 ? sprintf("%d", x) : x < 1e6 ? sprintf("%d %03d", x / 1000, int(x) % 1000) : \
	sprintf("%d %03d %03d", x / 1000000, int(x) / 1000 % 1000, int(x) % 1000)
if (x_logarithmic) set logscale x; set format x "10^{%T}"; set xrange [along_min:along_max]
if (x_logarithmic && along_max < 1000 * along_min) set format x "%g"
counts = !x_logarithmic && along_min >= 0 && along_max >= 1 && fraction_max == 0 # steps, nodes: from 0 on, whole numbers
last = along_max > 0 ? along_max : 1
decade = 10.0 ** floor(log10(last))
spacing = last / decade >= 5 ? decade : last / decade >= 2 ? decade / 2 : decade / 5
if (counts && spacing < 1) spacing = 1
if (counts) set xtics ("0" 0); set for [k = 1:int(last / spacing)] xtics add (grouped(k * spacing) k * spacing)
if (counts) set xrange [0:last]
if (!counts && !x_logarithmic && along_max > along_min) set xrange [along_min:along_max]
if (along_max == along_min && !(counts && along_max > 0)) set xrange [along_min - (x_logarithmic ? 0.5 * along_min : 1):along_max + (along_max == 0 ? 1 : abs(along_max) / 2)]

# A logarithmic axis runs between round values (1, 2 or 5 times a power of ten) and names all of them if it is short.
power(x) = 10.0 ** floor(log10(x))
rounded_down(x) = power(x) * (x < 2 * power(x) ? 1 : x < 5 * power(x) ? 2 : 5)
rounded_up(x) = power(x) * (x <= power(x) ? 1 : x <= 2 * power(x) ? 2 : x <= 5 * power(x) ? 5 : 10)
bottom = logarithmic ? rounded_down(low_min) : NaN
top = logarithmic ? rounded_up(high_max) : NaN
if (logarithmic && top <= bottom) bottom = bottom / 2; top = 2 * top
if (logarithmic) set logscale y; set yrange [bottom:top]; set format y "10^{%T}"
if (logarithmic && high_max < 50 * low_min) {
	set format y "%g"
	set for [k = floor(log10(bottom)):ceil(log10(high_max))] ytics add (10.0**k, 2 * 10.0**k, 5 * 10.0**k)
}
if (empty) set yrange [0.1:1]; set label 1 "nothing to show" at graph 0.5, 0.5 center
# A linear axis of small or large numbers bears one power of ten in its label: (10^{-3}).
exponent = logarithmic || (value_max < 1000 && value_max > 0.01) || value_max <= 0 ? 0 : int(floor(log10(value_max)))
scale = 10.0 ** exponent
unit(text) = text eq "" ? (exponent == 0 ? "" : sprintf(" (10^{%d})", exponent)) : \
	exponent == 0 ? " (" . text . ")" : sprintf(" (10^{%d} %s)", exponent, text)

# ---- The mean, on a band of one standard deviation to each side (bars if there is a single record). On a logarithmic axis a band ends
# at the bottom.
clipped(y) = logarithmic && y < bottom ? bottom : y
every_curve = "for [i = 0:curve_count - 1] table index i using 1:"
band = records > 1 ? "with filledcurves linecolor i + 1" : "with yerrorbars linetype i + 1"
mean = records > 1 ? "" : "(shown($2) / scale):"
curves = every_curve . mean . "(clipped(low($2, $3)) / scale):(high($2, $3) / scale) " . band . " notitle, " . \
	every_curve . "(shown($2) / scale) with linespoints linetype i + 1 pointinterval marked title columnheader(1)"

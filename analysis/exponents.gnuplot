# Exponents of drift in m against gamma, with intervals of 95 %. A figure's script sets `name` and `y_label` and loads this file. The
# table has a block `gamma exponent low high` per alpha, and one for gamma = 1, which has none.
set datafile columnheaders
table = name . ".txt"
stats table using 1 nooutput name "along"
stats table using 3 nooutput name "low"
stats table using 4 nooutput name "high"
block_count = along_blocks
width = 8.6
height = 6.4
load "style.gnuplot"
colours = "#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #000000"
markers = "7 5 9 11 13 6 4 8 10 12"
set for [i = 0:block_count - 1] linetype i + 1 linecolor rgb word(colours, i % 7 + 1) linewidth 1.2 pointtype int(word(markers, i % 10 + 1)) \
	pointsize 0.5
set grid ytics linecolor rgb "#dddddd" linetype 1 linewidth 0.5 dashtype 1 back
set key outside top center horizontal Left reverse maxcols 4 samplen 1.5 spacing 1 width -1
spread = along_max > along_min ? along_max - along_min : 1
set xrange [along_min - 0.08 * spread:along_max + 0.08 * spread]
set yrange [(low_min < -0.6 ? low_min : -0.6) - 0.02:(high_max > 0.1 ? high_max : 0.1) + 0.02]
set xlabel "γ" offset 0, 0.3
set ylabel y_label
set label 1 "lazy" at graph 0.02, first -0.5 left offset 0, 0.5 front
set label 2 "features" at graph 0.99, first 0 right offset 0, 0.5 front
# dots of the same gamma beside each other
beside(i) = (i - (block_count - 1) / 2.0) * 0.01 * spread
plot -0.5 with lines linecolor rgb "#000000" linewidth 1 dashtype (3, 3) notitle, \
	0 with lines linecolor rgb "#000000" linewidth 1 dashtype (3, 3) notitle, \
	for [i = 0:block_count - 1] table index i using ($1 + beside(i)):2:3:4 with yerrorbars linetype i + 1 title columnheader(1)

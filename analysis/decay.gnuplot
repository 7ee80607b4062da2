# Dashed: what the theorem of arXiv 2302.01002 guarantees. Measured curves are solid, whatever their number.
name = "decay"
logarithmic = 1
load "curves.gnuplot"
set for [i = 1:curve_count] linetype i dashtype solid
set ylabel "training risk / initial training risk"
plot @curves, for [i = 0:curve_count - 1] table index i using 1:5 with lines linetype i + 1 linewidth 1.2 dashtype (6, 4) notitle

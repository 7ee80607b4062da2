# The theorem of arXiv 2302.01002 keeps this at 1 or above, if the net is wide enough.
name = "ntk_bound"
logarithmic = 0
load "curves.gnuplot"
set ylabel "smallest eigenvalue / (γκ/4)" . unit("")
set yrange [0:]
set label 3 "guaranteed" at graph 0.99, first 1.0 / scale right offset 0, 0.5 front
plot 1 / scale with lines linecolor rgb "#000000" linewidth 1 dashtype (3, 3) notitle, @curves

name = "test_risk"
logarithmic = 1
load "curves.gnuplot"
set ylabel "test risk" . unit("target²")
plot @curves

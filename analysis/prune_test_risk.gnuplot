name = "prune_test_risk"
logarithmic = 0
if (!exists("x_label")) x_label = "nodes pruned"
marked = 2
load "curves.gnuplot"
set ylabel "test risk" . unit("target²")
plot @curves

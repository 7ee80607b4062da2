name = "prune_train_risk"
logarithmic = 0
if (!exists("x_label")) x_label = "nodes pruned"
marked = 2
load "curves.gnuplot"
set ylabel "train risk" . unit("target²")
plot @curves

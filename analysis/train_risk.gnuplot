name = "train_risk"
logarithmic = 1
load "curves.gnuplot"
set ylabel "train risk" . unit("target²")
plot @curves

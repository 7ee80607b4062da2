name = "train_risk"
logarithmic = 1
load "style.gnuplot"
set ylabel "train risk" . unit("target²")
plot @curves

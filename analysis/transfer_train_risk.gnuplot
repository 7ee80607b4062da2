name = "transfer_train_risk"
logarithmic = 1
x_label = "features transferred"
marked = 1
load "curves.gnuplot"
set ylabel "train risk of transfer" . unit("target²")
plot @curves

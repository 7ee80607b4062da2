name = "transfer_test_risk"
logarithmic = 1
x_label = "features transferred"
marked = 1
load "curves.gnuplot"
set ylabel "test risk of transfer" . unit("target²")
plot @curves

# j is the node that has moved most at the last step, in each run its own.
name = "weight_delta"
logarithmic = 0
load "curves.gnuplot"
set ylabel "‖{/:Italic w_j}({/:Italic t}) − {/:Italic w_j}(0)‖" . unit("")
plot @curves

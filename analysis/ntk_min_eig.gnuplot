name = "ntk_min_eig"
logarithmic = 0
load "curves.gnuplot"
set ylabel "smallest eigenvalue of Θ({/:Italic W_t})" . unit("")
plot @curves

# The spectral norm itself; the figure published with arXiv 2302.01002 shows its square root.
name = "ntk_drift"
logarithmic = 0
load "curves.gnuplot"
set ylabel "‖Θ({/:Italic W_t}) − Θ({/:Italic W}_0)‖_2" . unit("")
plot @curves

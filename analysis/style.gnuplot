# What the figures share: the page and its type. A figure's script, or one that it loads, sets `name` (its table is NAME.txt), `width`
# and `height` in cm (8.6 is a column of a paper) and loads this file.
#
# To change a figure by hand: edit the scripts in its folder and run `gnuplot NAME.gnuplot` there or, for another format,
# `gnuplot -e "format = 'svg'" NAME.gnuplot`. `nodescale figures` keeps and uses a script that was changed: delete it to have its own
# back.
set encoding utf8
if (!exists("format")) format = "pdf"
if (!exists("output")) output = name . "." . format
face = "Liberation Sans"
pixels(cm, per_cm) = int(cm * per_cm + 0.5)
# The terminals' units differ: these scales give the same type, lines and markers in all three.
if (format eq "pdf") set terminal pdfcairo enhanced color size width cm, height cm font face.",7" fontscale 0.75 dashlength 1.2
if (format eq "png") set terminal pngcairo enhanced size pixels(width, 240), pixels(height, 240) font face.",7" fontscale 6.35 \
	linewidth 4.24 pointscale 4.24 dashlength 1.2
if (format eq "svg") set terminal svg enhanced dynamic size pixels(width, 60), pixels(height, 60) font face.",14.8" \
	linewidth 1 dashlength 1 background "white"
set output output

set border 3 linewidth 0.7
set tics nomirror scale 0.6

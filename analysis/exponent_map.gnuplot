# Exponents of drift in m over gamma and alpha. A figure's script sets `name` and `title` and loads this file. The black line
# parts the cells whose interval holds -1/2 or lies below from those where it lies above. Dots: the interval holds 0 or lies above.
table = name . ".txt"
width = 8.8
height = 6.7
load "style.gnuplot"
stats table index 0 using 3:5 nooutput name "from"
stats table index 0 using 4:6 nooutput name "to"
stats table index 0 using 7:8 nooutput name "value"
set border 15 linewidth 0.7 front
set tics out
set xrange [from_min_x:to_max_x]
set yrange [from_min_y:to_max_y]
set xlabel "γ" offset 0, 0.4
set ylabel "α" offset 1, 0
set title title offset 0, -0.5
set lmargin at screen 1.15 / width
set rmargin at screen 7.2 / width
set bmargin at screen 1.0 / height
set tmargin at screen (height - 0.75) / height
# viridis, from lazy to feature learning
set palette defined (0 "#440154", 1 "#482878", 2 "#3e4989", 3 "#31688e", 4 "#26828e", 5 "#1f9e89", 6 "#35b779", 7 "#6ece58", 8 "#b5de2b", 9 "#fde725")
set cbrange [value_min_x < -0.5 ? value_min_x : -0.5:value_max_x > 0 ? value_max_x : 0]
set cbtics 0.1 out scale 0.6 offset -0.7, 0
set colorbox user origin screen 7.4 / width, screen 1.0 / height size screen 0.28 / width, screen (height - 1.75) / height
right(x) = x + 0.003 * (to_max_x - from_min_x)
above(y) = y + 0.003 * (to_max_y - from_min_y)
plot table index 0 using 1:2:3:(right($4)):5:(above($6)):7 with boxxyerror fillstyle solid 1 noborder linecolor palette notitle, \
	table index 1 using 1:2:($3 - $1):($4 - $2) with vectors nohead linecolor rgb "white" linewidth 4 notitle, \
	table index 1 using 1:2:($3 - $1):($4 - $2) with vectors nohead linecolor rgb "black" linewidth 2 notitle, \
	table index 0 using ($8 > -0.5 && $9 >= 0 ? $1 : NaN):2 with points pointtype 7 pointsize 0.25 linecolor rgb "black" notitle

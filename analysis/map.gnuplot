# Heat maps over two keys, on the grid as it is. A figure's script sets `name` (its table is NAME.txt), labels and scales of the axes and,
# for each panel, title, unit, palette, whether its colours are logarithmic and which panel's colours it shares.
table = name . ".txt"
panels = |panel_title|
rows = (panels + 1) / 2

# ---- What lacks a colour says why, and is named below the panels if there is any.
reasons = "missing diverged crashed partial"
legend = ""
do for [reason in reasons] {
	stats table using (strcol(7) eq reason) nooutput name "reason"
	if (reason_max > 0) { legend = legend . reason . " " }
}
panel_height = 6.7
legend_height = legend eq "" ? 0 : 0.55
width = panels > 1 ? 17.6 : 8.8
height = rows * panel_height + legend_height
load "style.gnuplot"

# ---- Matplotlib's perceptually uniform palettes, even in grey and to the colour-blind
viridis = "#440154 #481467 #482576 #453781 #404688 #39558c #33638d #2d718e #287d8e #238a8d #1f968b #20a386 #29af7f #3cbc75 " . \
	"#56c667 #74d055 #94d840 #b8de29 #dce318 #fde725"
cividis = "#00224e #00285f #002f70 #1b3571 #2f3c6f #3d436d #49496d #54506d #5e576e #68606e #727072 #7a7777 #838078 #8e8877 #9b9275 " . \
	"#a89d71 #b6a76c #c5b365 #d4be5c #e4cb51 #f4d743 #fee838"
defined(list, k) = k > words(list) ? ")" : sprintf("%s %d \"%s\"%s", k > 1 ? "," : "", k, word(list, k), defined(list, k + 1))

# ---- Numbers: 0.02, 300, 2·10^{-5}
number(mantissa, exponent) = abs(exponent) < 4 ? sprintf("%g", mantissa * 10.0**exponent) : \
	mantissa == 1 ? sprintf("10^{%d}", exponent) : sprintf("%g·10^{%d}", mantissa, exponent)
round(step) = step < 1.5 ? 1 : step < 3.5 ? 2 : step < 7.5 ? 5 : 10

# ---- The range of each panel; before the axes have ranges, to which `stats` would keep
array least[panels]
array most[panels]
logarithm(value) = value > 0 ? log10(value) : NaN
do for [p = 1:panels] {
	stats table using (panel_logarithmic[p] ? logarithm(column(9 + panel_like[p])) : column(9 + panel_like[p])) nooutput name "value"
	least[p] = exists("value_records") ? value_min : 0
	most[p] = exists("value_records") ? value_max : 0
}
set border 15 linewidth 0.7 front
set tics out
set xlabel x_label offset 0, 0.4
set ylabel y_label offset format eq "svg" ? 1.6 : 0.9, 0 # SVG measures letters differently
stats table using 3:5 nooutput name "low"
stats table using 4:6 nooutput name "high"
stats table using ($1 - floor($1)):($2 - floor($2)) nooutput name "fraction"
if (fraction_max_x == 0 && high_max_x - low_min_x <= 12) set xtics 1
if (fraction_max_y == 0 && high_max_y - low_min_y <= 12) set ytics 1
set xrange [low_min_x:high_max_x]
set yrange [low_min_y:high_max_y]
if (x_logarithmic) set logscale x
if (y_logarithmic) set logscale y
if (x_logarithmic && high_max_x >= 1e4) set format x "10^{%T}"
if (y_logarithmic && high_max_y >= 1e4) set format y "10^{%T}"
# A cell reaches a little below its right and its upper neighbour, which are drawn later: no seams in viewers that smooth edges.
right(x) = x_logarithmic ? x * (high_max_x / low_min_x) ** 0.003 : x + 0.003 * (high_max_x - low_min_x)
above(y) = y_logarithmic ? y * (high_max_y / low_min_y) ** 0.003 : y + 0.003 * (high_max_y - low_min_y)
is(state) = strcol(7) eq state

set multiplot
# ---- What the greys mean, at the bottom
place = 1.3
count_marks = 0
mark_y(cm) = (0.12 + cm) / height
do for [k = 1:words(reasons)] {
	reason = word(reasons, k)
	if (strstrt(legend, reason) > 0) {
		told = reason eq "partial" ? "some runs lacking" : reason
		first = place / width
		last = (place + 0.36) / width
		count_marks = count_marks + 1
		if (reason ne "partial") {
			set object count_marks rectangle from screen first, screen mark_y(0) to screen last, screen mark_y(0.3) \
				fillstyle solid 1 noborder fillcolor rgb (reason eq "missing" ? "#e3e3e3" : "#b0b0b0")
			if (reason ne "crashed") { set arrow 2 * count_marks from screen first, screen mark_y(0) to screen last, screen mark_y(0.3) \
				nohead linecolor rgb (reason eq "missing" ? "#8a8a8a" : "#404040") linewidth 0.6 }
			if (reason ne "missing") { set arrow 2 * count_marks + 1 from screen first, screen mark_y(0.3) to screen last, screen mark_y(0) \
				nohead linecolor rgb "#404040" linewidth 0.6 }
		} else {
			set label 50 "" at screen (place + 0.18) / width, screen mark_y(0.15) point pointtype 6 pointsize 0.32 linewidth 0.5
		}
		set label count_marks told at screen last + 0.12 / width, screen mark_y(0.15)
		place = place + 0.75 + 0.16 * strlen(told)
	}
}

do for [p = 1:panels] {
	drawn_column = 9 + p
	logarithmic = panel_logarithmic[p]
	shown(value) = logarithmic ? logarithm(value) : value
	bottom = least[p]
	top = most[p]
	empty = bottom == 0 && top == 0 && logarithmic == 0
	constant = top <= bottom
	around = bottom == 0 ? 0.5 : 0.5 * abs(bottom)
	if (constant) { bottom = bottom - around; top = top + around }

	# Contour lines run where the colour bar has its marks.
	levels = ""
	marks = ""
	span = top - bottom
	if (logarithmic && span > 0.7) {
		digits = span > 2.2 ? "1" : "1 2 5"
		every = span > 8 ? int(span / 4) : 1
		do for [k = floor(bottom):ceil(top)] {
			do for [digit in digits] {
				level = k + log10(digit)
				if (level > bottom && level < top && k % every == 0) {
					levels = levels . sprintf(", %.10g", level)
					marks = marks . sprintf(", \"%s\" %.10g", number(real(digit), k), level)
				}
			}
		}
		power = 0
	} else {
		least_value = logarithmic ? 10.0**bottom : bottom
		most_value = logarithmic ? 10.0**top : top
		raw = (most_value - least_value) / 5
		decade = floor(log10(raw))
		step = round(raw / 10.0**decade) * 10.0**decade
		largest = abs(most_value) > abs(least_value) ? abs(most_value) : abs(least_value)
		power = largest < 0.01 || largest >= 1e5 ? floor(log10(largest)) : 0
		do for [k = ceil(least_value / step):floor(most_value / step)] {
			levels = levels . sprintf(", %.10g", shown(k * step))
			marks = marks . sprintf(", \"%g\" %.10g", k * step / 10.0**power, shown(k * step))
		}
	}
	if (constant) {
		levels = ""
		power = 0
		marks = sprintf(", \"%g\" %.10g", logarithmic ? 10.0**least[p] : least[p], least[p])
	}
	set print $contours
	print "NaN NaN"
	unset print
	if (panel_contours[p] && !empty && levels ne "") {
		set contour base
		unset surface
		eval "set cntrparam levels discrete " . levels[3:]
		set table $contours
		splot table using 1:2:(shown(column(drawn_column))) notitle
		unset table
		set surface
		unset contour
	}

	left_edge = ((p - 1) % 2 * 8.8 + 1.3) / width
	low_edge = (legend_height + (rows - 1 - (p - 1) / 2) * panel_height + 1.0) / height
	across = 5.9 / width
	up = (panel_height - 1.75) / height
	set lmargin at screen left_edge
	set rmargin at screen left_edge + across
	set bmargin at screen low_edge
	set tmargin at screen low_edge + up
	unit = panel_unit[p]
	if (power != 0) { unit = sprintf("10^{%d}%s%s", power, unit eq "" ? "" : " ", unit) }
	set title panel_title[p] . (unit eq "" ? "" : " (" . unit . ")") offset 0, -0.5
	eval "set palette defined (" . defined(panel_palette[p] eq "viridis" ? viridis : cividis, 1)
	set cbrange [bottom:top]
	set colorbox user origin screen left_edge + across + 0.2 / width, screen low_edge size screen 0.28 / width, screen up
	if (marks ne "") { eval "set cbtics (" . marks[3:] . ") out scale 0.6 offset -0.7, 0" } else { set cbtics }
	if (empty) { unset colorbox }
	plot table using (is("absent") || is("missing") || is("diverged") || is("crashed") || shown(column(drawn_column)) != shown(column(drawn_column)) ? NaN : $1):2:3:(right($4)):5:(above($6)):\
			(shown(column(drawn_column))) with boxxyerror fillstyle solid 1 noborder linecolor palette notitle, \
		table using (is("missing") ? $1 : NaN):2:3:4:5:6 with boxxyerror fillstyle solid 1 noborder linecolor rgb "#e3e3e3" notitle, \
		table using (is("missing") ? $3 : NaN):5:($4 - $3):($6 - $5) with vectors nohead linecolor rgb "#8a8a8a" linewidth 0.6 notitle, \
		table using (is("diverged") || is("crashed") ? $1 : NaN):2:3:4:5:6 with boxxyerror fillstyle solid 1 noborder \
			linecolor rgb "#b0b0b0" notitle, \
		table using (is("diverged") ? $3 : NaN):5:($4 - $3):($6 - $5) with vectors nohead linecolor rgb "#404040" linewidth 0.6 notitle, \
		table using (is("diverged") || is("crashed") ? $3 : NaN):6:($4 - $3):($5 - $6) with vectors nohead linecolor rgb "#404040" \
			linewidth 0.6 notitle, \
		$contours with lines linecolor rgb "white" linewidth 1.8 notitle, \
		$contours with lines linecolor rgb "black" linewidth 0.7 notitle, \
		table using (is("partial") ? $1 : NaN):2 with points pointtype 7 pointsize 0.32 linecolor rgb "white" notitle, \
		table using (is("partial") ? $1 : NaN):2 with points pointtype 6 pointsize 0.32 linecolor rgb "black" linewidth 0.5 notitle
	unset object
	unset arrow
	unset label
}
unset multiplot

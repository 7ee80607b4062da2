#!/usr/bin/python3
"""Draws published curves beside those of a results file, on the same axes: a PNG for each figure that both have.

usage: draw_beside_reference.py FILE.h5 FOLDER OUTPUT_FOLDER [NAME]

FOLDER holds one CSV per published figure, with columns gamma, alpha (empty at gamma = 1), x, mean, std (ddof 0, over 5 runs).
Writes OUTPUT_FOLDER/NAME_FIGURE.png (NAME: that of the file). Left: published; right: ours; mean and one standard deviation.
"""
import pathlib
import subprocess
import sys

import h5py
import numpy

from compare_reference import FIGURES, PUBLISHED_RUNS, our_curve, published_curves

M = 2000
STEPS = 'gradient descent steps'
# published figure: our name for it, y label, logarithmic, x label
LABELS = {
    'trainrisk': ('train_risk', 'train risk', True, STEPS),
    'testrisk': ('test_risk', 'test risk', True, STEPS),
    'wdiff': ('weight_delta', '‖w_j(t) − w_j(0)‖ of the node moved most', False, STEPS),
    'ntkdiff': ('ntk_drift', '(‖Θ(W_t) − Θ(W_0)‖_2)^{1/2}', False, STEPS),
    'ntkmineig': ('ntk_min_eig', 'smallest eigenvalue of Θ(W_t)', False, STEPS),
    'prune_trainrisk': ('prune_train_risk', 'train risk', True, 'nodes pruned'),
    'prune_testrisk': ('prune_test_risk', 'test risk', True, 'nodes pruned'),
    'transfer_trainrisk': ('transfer_train_risk', 'train risk', True, 'features'),
    'transfer_testrisk': ('transfer_test_risk', 'test risk', True, 'features'),
}
COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7']


def rows(curve, n):
    """x, mean, std (ddof 0) of n runs, from {x: (mean, standard error)}"""
    return numpy.array([(x, mean, error * numpy.sqrt(n - 1)) for x, (mean, error) in sorted(curve.items())])


def block(name, rows):
    return f'${name} << END\n' + ''.join('%.9g %.9g %.9g\n' % tuple(row) for row in rows if row[1] == row[1]) + 'END\n'


def draw(figure, published, ours, path):
    name, label, logarithmic, x_label = LABELS[figure]
    script = ''
    for k, key in enumerate(published):
        script += block(f'published{k}', published[key]) + block(f'ours{k}', ours[key])
    both = numpy.concatenate([*published.values(), *ours.values()])
    both = both[numpy.isfinite(both[:, 1])]
    low, high = both[:, 1].min(), (both[:, 1] + both[:, 2]).max()
    span = f'[{low / 1.5:g}:{high * 1.3:g}]' if logarithmic else f'[{min(0, low):g}:{high * 1.05:g}]'
    # on a logarithmic axis a band ends where it would leave the plot
    lower = f'($2 - $3 > {low / 1.5:g} ? $2 - $3 : {low / 1.5:g})' if logarithmic else '($2 - $3)'
    script += f'''
set terminal pngcairo enhanced size 1500,560 font "Liberation Sans,17"
set output "{path}"
set multiplot layout 1,2 margins 0.085,0.978,0.17,0.84 spacing 0.035
set border 3
set tics nomirror
set grid ytics linecolor rgb "#dddddd"
set yrange {span}
set xrange [{0 if x_label != 'features' else 10}:{both[:, 0].max():g}]
set xlabel "{x_label}"
set style fill transparent solid 0.2 noborder
set key at screen 0.535,0.99 center top horizontal maxrows 1 samplen 2 width -1
{'set logscale y; set format y "10^{%T}"' if logarithmic else ''}
'''
    if logarithmic and high < 50 * low:  # less than two decades: name 1, 2 and 5 in each
        script += 'set format y "%g"; set ytics (1)\n'
        script += 'set for [k = -9:9] ytics add (10.0**k, 2 * 10.0**k, 5 * 10.0**k)\n'
    if x_label == STEPS:
        script += 'set format x "%.0s%c"\n'
    for side, title in (('published', 'published'), ('ours', 'nodescale')):
        script += f'set label 1 "{title}" at graph 0.5,1.05 center font ",19"\n'
        script += f'set ylabel "{label}" offset 0.5,0\n' if side == 'published' else 'unset ylabel; unset key; set format y ""\n'
        plots = []
        for k, (gamma, alpha) in enumerate(published):
            legend = f'γ = {gamma:g}' + ('' if alpha is None else f', α = {alpha:g}')
            colour = f'linecolor rgb "{COLOURS[k % len(COLOURS)]}"'
            plots.append(f'${side}{k} using 1:{lower}:($2 + $3) with filledcurves {colour} notitle')
            plots.append(f'${side}{k} using 1:2 with lines linewidth 2.5 {colour} title "{legend}"')
        script += 'plot ' + ', \\\n  '.join(plots) + '\n'
    subprocess.run(['gnuplot', '-'], input=script, text=True, check=True)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    folder, output = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    name = sys.argv[4] if len(sys.argv) == 5 else pathlib.Path(sys.argv[1]).stem
    output.mkdir(parents=True, exist_ok=True)
    with h5py.File(sys.argv[1]) as results:
        for figure, (variable, shown) in FIGURES.items():
            path = folder / f'{figure}.csv'
            if not path.exists():
                continue
            published = dict(sorted(published_curves(path).items(), key=lambda item: -item[0][0]))  # from lazy to feature learning
            ours = {key: our_curve(results, variable, shown, *key, M) for key in published}
            if all(n > 1 for n, _ in ours.values()):
                draw(figure, {key: rows(curve, PUBLISHED_RUNS) for key, curve in published.items()},
                     {key: rows(curve, n) for key, (n, curve) in ours.items()}, output / f'{name}_{LABELS[figure][0]}.png')


main()

#!/usr/bin/python3
"""Compares a results file with published curves.

usage: compare_reference.py FILE.h5 FOLDER [--m M] [--figure NAME]... [--all] [--at-least FRACTION]

FOLDER holds one CSV per published figure, with columns gamma, alpha (empty at gamma = 1), x (step, nodes pruned or features
transferred), mean, std (ddof 0, over 5 runs). `nodescale prune` and `nodescale transfer` put what the last four figures need into
FILE.h5; without it they are left out.
Differences are counted in combined standard errors: two means of few runs that differ by their seeds alone are within 3 of each other
most of the time (about 98 % at 5 + 5 runs). Neighbouring steps of a curve are nearly one observation, so look at whole curves.
Published data sets that were drawn at random are other draws than ours; that difference is in no standard error.
"""
import argparse
import csv
import pathlib
import sys

import h5py
import numpy

DONE = 1
PUBLISHED_RUNS = 5

# published figure: our variable, and what its plot shows of one run
FIGURES = {
    'trainrisk': ('train_risk', lambda run: run),
    'testrisk': ('test_risk', lambda run: run),
    'wdiff': ('weight_delta_of_max_node', lambda run: run),
    'ntkdiff': ('ntk_drift_spectral', numpy.sqrt),  # the axis says norm, the curve is its root
    'ntkmineig': ('ntk_min_eig', lambda run: run),
    'prune_trainrisk': ('prune_train_risk', lambda run: run),
    'prune_testrisk': ('prune_test_risk', lambda run: run),
    'transfer_trainrisk': ('transfer_train_risk', lambda run: run),
    'transfer_testrisk': ('transfer_test_risk', lambda run: run),
}


def published_curves(path):
    """{(gamma, alpha or None): {x: (mean, standard error)}}"""
    curves = {}
    with open(path, newline='') as file:
        for row in csv.DictReader(file):
            key = float(row['gamma']), float(row['alpha']) if row['alpha'] else None
            error = float(row['std']) / numpy.sqrt(PUBLISHED_RUNS - 1)  # std / sqrt(n) with ddof 1, from the std with ddof 0
            curves.setdefault(key, {})[round(float(row['x']))] = float(row['mean']), error
    return curves


def x_values(results, variable, m):
    if variable.startswith('prune'):
        return numpy.floor(results['prune_level'][:] * m + 1e-9).astype(int).tolist()
    return results['transfer_dimension' if variable.startswith('transfer') else 'step'][:].tolist()


def our_curve(results, variable, shown, gamma, alpha, m):
    """(number of runs, {x: (mean, standard error)}); the error is NaN for a single run"""
    if variable not in results:
        return 0, {}
    chosen = (results['gamma'][:] == gamma) & (results['m'][:] == m) & (results['status'][:] == DONE)
    if alpha is not None:
        chosen &= numpy.isclose(results['alpha'][:], alpha, rtol=1e-12)
    experiment = variable.split('_')[0]
    if experiment in ('prune', 'transfer'):
        chosen &= results[f'{experiment}_checksum'][:] != 0
    runs = shown(results[variable][:][chosen])
    n = len(runs)
    if n == 0:
        return 0, {}
    errors = runs.std(axis=0, ddof=1) / numpy.sqrt(n) if n > 1 else numpy.full(runs.shape[1], numpy.nan)
    return n, dict(zip(x_values(results, variable, m), zip(runs.mean(axis=0), errors)))


def compare(ours, published):
    """rows of (x, our mean, published mean, difference in combined standard errors) at the x that both have"""
    for x in sorted(ours.keys() & published.keys()):
        (mean, error), (published_mean, published_error) = ours[x], published[x]
        single_precision = abs(published_mean) * 2.0**-23  # all that differs once every node is pruned
        combined = numpy.sqrt((0 if numpy.isnan(error) else error)**2 + published_error**2 + single_precision**2)
        with numpy.errstate(divide='ignore', invalid='ignore'):
            difference = (mean - published_mean) / combined if mean != published_mean else 0.0
        yield x, mean, published_mean, difference


def print_rows(rows, everything):
    shown = rows if everything else [rows[k] for k in sorted(set(numpy.linspace(0, len(rows) - 1, 6).round().astype(int)))]
    print(f'    {"x":>8} {"ours":>12} {"published":>12} {"difference":>10}')
    for x, mean, published_mean, difference in shown:
        print(f'    {x:8d} {mean:12.5g} {published_mean:12.5g} {difference:+10.2f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--m', type=int, default=2000, help='nodes of the runs to compare (published: 2000)')
    parser.add_argument('--figure', action='append', choices=FIGURES, help='compare this one only; may be given again')
    parser.add_argument('--all', action='store_true', help='print every common x, not six of them')
    parser.add_argument('--at-least', type=float, default=0, metavar='FRACTION',
                        help='exit with 1 if a smaller fraction of all steps is within 3 standard errors')
    arguments = parser.parse_args()
    within = total = 0
    with h5py.File(arguments.file) as results:
        for figure in arguments.figure or FIGURES:
            variable, shown = FIGURES[figure]
            path = arguments.folder / f'{figure}.csv'
            for (gamma, alpha), published in published_curves(path).items() if path.exists() else ():
                n, ours = our_curve(results, variable, shown, gamma, alpha, arguments.m)
                rows = list(compare(ours, published))
                name = f'{figure}  gamma {gamma:g}' + ('' if alpha is None else f', alpha {alpha:g}') + f'  ({n} runs)'
                if not rows:
                    print(f'{name}: nothing to compare')
                    continue
                close = sum(abs(difference) <= 3 for *_, difference in rows)  # NaN is not close
                within, total = within + close, total + len(rows)
                print(f'{name}: {close / len(rows):.0%} of {len(rows)} steps within 3 standard errors')
                print_rows(rows, arguments.all)
    if total == 0:
        sys.exit('no curve in common: other gamma, alpha, m or steps?')
    print(f'all: {within / total:.1%} of {total} steps within 3 standard errors')
    return 0 if within >= arguments.at_least * total else 1


if __name__ == '__main__':
    sys.exit(main())

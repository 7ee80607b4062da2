"""Writes text files as C: embed.py OUTPUT INPUT.. defines ns_scripts (scripts.h)."""
import pathlib
import sys


def literal(text):
    escaped = text.replace('\\', '\\\\').replace('"', '\\"')
    return '\n'.join(f'\t\t"{line}\\n"' for line in escaped.splitlines())


output, *inputs = map(pathlib.Path, sys.argv[1:])
entries = ''.join(f'\t{{"{path.name}",\n{literal(path.read_text("utf-8"))}}},\n' for path in inputs)
output.write_text(f'#include "scripts.h"\n\nconst struct ns_script ns_scripts[] = {{\n{entries}\t{{0, 0}},\n}};\n', 'utf-8')

"""Checks which folder knows which: base <- core <- sweep; base, core <- store; reader <- analysis; everything <- cli.
MPI is known to base's agree, sweep's run and protocol, store and cli; HDF5 to store; YAML to the spec."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])

# Which folder implements a public header.
owner = {
    "base": "agree archive fault file isa log memory number random status",
    "core": "activation blas data engine experiment filter flight followup mlp ntk numerics parameter point problem quantity record result shared table theory train",
    "sweep": "checkpoints coordinator cost grid select spec sweep",
    "store": "lock provenance schema store",
    "reader": "reader",
    "analysis": "aggregate bounds exponent figures report",
}
folder_of = {header: folder for folder, headers in owner.items() for header in headers.split()}
may_know = {
    "base": {"base"},
    "core": {"base", "core"},
    "sweep": {"base", "core", "sweep"},
    "store": {"base", "core", "store", "reader"},
    "analysis": {"base", "core", "reader", "analysis"},
    "cli": {"base", "core", "sweep", "store", "reader", "analysis"},
}
# External header: the files that may include it, as a pattern on the path.
external = {
    "mpi.h": r"src/(sweep/(run|protocol)\.[ch]|store/.*|cli/.*)|include/nodescale/(agree|lock|sweep|store)\.h|src/base/agree\.c",
    "hdf5.h": r"src/store/.*",
    "hdf5_hl.h": r"src/store/.*",
    "yaml.h": r"src/sweep/spec.*",
}

wrong = []
files = sorted(path for folder in ("src", "analysis", "include") for path in (root / folder).rglob("*.[ch]"))
for path in files:
    relative = path.relative_to(root).as_posix()
    if relative.startswith("include/"):
        folder = folder_of.get(path.stem)
        if folder is None:
            wrong.append(f"{relative}: belongs to no folder in {sys.argv[0]}")
            continue
        folder = "store" if folder == "reader" else folder
    else:
        folder = relative.split("/")[1] if relative.startswith("src/") else "analysis"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^">]+)[">]', line)
        if not match:
            continue
        header = match.group(1)
        if header.startswith("nodescale/"):
            known = folder_of.get(pathlib.Path(header).stem)
            if known not in may_know[folder]:
                wrong.append(f"{relative}:{number}: {folder} may not know {header}")
        elif header in external and not re.fullmatch(external[header], relative):
            wrong.append(f"{relative}:{number}: {header} is not for this file")

print("\n".join(wrong) or f"{len(files)} files know only what they may")
sys.exit(bool(wrong) or not files)

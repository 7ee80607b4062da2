#!/usr/bin/env python3
"""A results file, also of a killed writer, is what netCDF tools expect.

usage: store_netcdf_test.py STORE_WRITER
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import h5py
    import netCDF4
    import numpy as np
    import xarray
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

POINTS = 10
NUMERICS = Path(__file__).resolve().parents[2] / "include/nodescale/numerics.h"
NUMERICS_VERSION = int(re.search(r"NS_NUMERICS_VERSION = (\d+)", NUMERICS.read_text()).group(1))
DIMENSIONS = {"point": POINTS, "record": 11, "quantile": 7, "top_node": 16, "probe": 4, "letter": 16, "candidate": 4, "input": 3,
              "train_sample": 6, "validation_sample": 2, "test_sample": 3, "seal_byte": 8192, "prune_level": 21, "transfer_dimension": 10,
              "kept_node": sum(1 + p % 4 for p in range(POINTS))}
SHAPES = {"train_risk": ("point", "record"), "weight_delta_quantile": ("point", "record", "quantile"),
          "weight_delta_top": ("point", "record", "top_node"), "step": ("record",), "final_weights": ("kept_node", "input"),
          "weights_offset": ("point",), "prune_test_risk": ("point", "prune_level"), "prune_checksum": ("point",),
          "transfer_train_risk": ("point", "transfer_dimension"), "x_train": ("train_sample", "input"), "y_validation": ("validation_sample",), "spec": ()}
COORDINATES = ["point", "quantile", "top_node", "probe", "prune_level", "transfer_dimension"]  # the dimensions that are variables too
ATTRIBUTES = {"step_size": 0.5, "steps": 95, "every": 10, "activation": "relu", "data_kind": "sphere_sine", "data_seed": 7,
              "title": "a small sweep", "numerics_version": NUMERICS_VERSION, "format_version": 2, "command_line": "nodescale run small.yaml"}
ENGINES = [b"events", b"events", b"events", b"events", b"dense"] * 2
PROVENANCE = ["nodescale_version", "commit", "working_tree", "build", "library_hdf5", "library_mpi", "library_openblas", "host",
              "processor", "created"]


def check_h5py(path):
    with h5py.File(path, "r") as file:
        for name, dataset in file.items():
            is_variable = name not in DIMENSIONS or name in COORDINATES
            assert "long_name" in dataset.attrs and ("units" in dataset.attrs) == is_variable, name
            assert h5py.h5ds.is_scale(dataset.id) == (name in DIMENSIONS), name
        assert file["status"].dtype == np.uint8
        assert file["status"][:].tolist() == [1, 1, 1, 1, 2] * 2
        assert [b"".join(name) for name in file["engine"][:]] == ENGINES
        assert np.isnan(file["train_risk"].fillvalue)
        assert file["train_risk"].dims[1][0].name == "/record"
        assert file["train_risk"].compression is None and file["train_risk"].chunks is None


def check_netcdf(path):
    with netCDF4.Dataset(path) as file:
        assert {name: len(dimension) for name, dimension in file.dimensions.items()} == DIMENSIONS
        for name, dimensions in SHAPES.items():
            assert file[name].dimensions == dimensions, name
        for name, value in ATTRIBUTES.items():
            assert file.getncattr(name) == value, (name, file.getncattr(name))
        for name in PROVENANCE:
            assert file.getncattr(name) != "", name
        assert "leak" not in file.ncattrs() and "split" not in file.ncattrs()  # without meaning for this experiment
        assert file["wall_seconds"].units == "s" and file["test_risk"].units == "target^2"
        assert file["status"].flag_values.tolist() == [0, 1, 2, 3, 4, 5, 6]
        assert file["status"].flag_meanings == "missing done diverged crashed running interrupted running_again"
        assert file["spec"][...] == "name: a small sweep\n"
        assert netCDF4.chartostring(file["engine"][:]).tolist() == [name.decode() for name in ENGINES]


def check_xarray(path):
    with xarray.open_dataset(path, engine="netcdf4") as dataset:
        risk = dataset["train_risk"]
        assert set(risk.coords) == {"point", "gamma", "alpha", "m", "seed", "step"}, risk.coords
        assert set(dataset["weight_delta_quantile"].coords) >= {"quantile", "step", "m"}
        assert np.isnan(risk.alpha[0]) and risk.alpha[1] == 0.7 and risk.gamma[0] == 1
        assert risk.step.values.tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95]
        assert not np.isnan(risk[0]).any() and np.isnan(risk[4]).sum() == 6  # point 4 has diverged half way
        assert dataset["wall_seconds"][2] == 0.5
        assert dataset["probe"].values.tolist() == [0, 1, 2, 3]
        assert dataset["prune_level"].values.tolist() == [level / 20 for level in range(21)]
        assert dataset["transfer_dimension"].values.tolist() == list(range(10, 101, 10))
        assert np.isnan(dataset["prune_train_risk"]).all() and (dataset["prune_checksum"] == 0).all()
        assert dataset["status"].dtype == np.uint8
        assert dataset["engine"].values.tolist() == ENGINES


def check_ncdump(path):
    header = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True)
    assert header.returncode == 0, header.stderr
    assert "double weight_delta_top(point, record, top_node) ;" in header.stdout, header.stdout
    assert "uint64 checksum(point) ;" in header.stdout


def make(writer, path, killed):
    if not killed:
        subprocess.run([writer, path, str(POINTS)], check=True)
        return
    process = subprocess.Popen([writer, path, str(POINTS), "wait"])
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)  # ten slots take a millisecond
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def main():
    for killed in [False, True]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.h5"
            make(sys.argv[1], path, killed)
            for check in [check_h5py, check_netcdf, check_xarray, check_ncdump]:
                check(path)


main()

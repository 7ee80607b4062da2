#!/usr/bin/env bash
# Makes a bare Debian or Ubuntu machine ready and builds nodescale: `. jobs/setup.sh; nodescale_setup [test]`.
# As root it installs what is missing; as anyone else it names the packages and stops. Safe to run again.

nodescale_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(gcc libc6-dev pkg-config meson ninja-build git ca-certificates
  openmpi-bin libopenmpi-dev libhdf5-openmpi-dev libopenblas-openmp-dev liblapacke-dev
  libyaml-dev libcsv-dev libssl-dev libxxhash-dev zlib1g-dev librandom123-dev gnuplot-nox fonts-liberation)
test_packages=(libcmocka-dev bats hdf5-tools netcdf-bin python3-h5py python3-xarray python3-netcdf4 poppler-utils)
browser_packages=(chromium tidy) # Ubuntu has no chromium of its own; only the report's tests need them
fuzz_packages=(clang libclang-rt-dev libomp-dev) # not called so everywhere, and only tests/fuzz needs them

nodescale_install() { # package...: installs those that are missing
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "These packages are missing: ${missing[*]}" >&2
    echo "Install them with:  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    return 2
  fi
  echo "Installing ${missing[*]}" >&2
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
    >"${TMPDIR:-/tmp}/nodescale-apt.log" 2>&1 || { tail -n 20 "${TMPDIR:-/tmp}/nodescale-apt.log" >&2; return 1; }
}

nodescale_build() { # folder option...: configures once, builds what changed
  local folder=$nodescale_root/$1 log=${TMPDIR:-/tmp}/nodescale-$1.log
  shift
  [ -f "$folder/build.ninja" ] || meson setup "$folder" "$nodescale_root" "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; return 1; }
  ninja -C "$folder" >"$log" 2>&1 || { grep -A 20 -m 3 -E 'FAILED|error:' "$log" >&2; return 1; }
}

nodescale_setup() { # [test]: packages, then the program in build/
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian or Ubuntu: make sure that meson, Open MPI, parallel HDF5, OpenBLAS, LAPACKE, libyaml, libcsv, OpenSSL, xxhash, zlib and Random123 are here." >&2
  elif [ "${1:-}" = test ]; then
    nodescale_install "${build_packages[@]}" "${test_packages[@]}" || return
    nodescale_install "${browser_packages[@]}" || echo "The report's tests in a browser are skipped." >&2
    nodescale_install "${fuzz_packages[@]}" || echo "The fuzz targets are skipped." >&2
  else
    nodescale_install "${build_packages[@]}" || return
  fi
  nodescale_build build || return
  # shellcheck disable=SC2034 # for whoever sourced this
  nodescale=$nodescale_root/build/src/cli/nodescale
}

# Open MPI refuses root unless told twice; a container's or CI machine's only user is root.
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

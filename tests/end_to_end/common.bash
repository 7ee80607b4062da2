# What the end-to-end tests share. NODESCALE is the program, set by meson.
bats_require_minimum_version 1.5.0

setup() {
  mkdir "$BATS_TEST_TMPDIR/here" # bats keeps files of its own beside it
  cd "$BATS_TEST_TMPDIR/here"
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 # ignored for anyone but root
  export OMP_NUM_THREADS=1
}

ranks() { # n, nodescale's arguments...
  local n=$1
  shift
  mpirun --quiet --oversubscribe --bind-to none -n "$n" "$NODESCALE" "$@"
}

write_spec() { # file, steps: eight small points, two of them long
  cat >"$1" <<END
name: small
data: {kind: sphere_sine, n_train: 20, n_test: 10, d: 4}
grid:
  - {gamma: [1.0, 0.5], alpha: 0.6, m: [50, 300], seed: {from: 0, count: 2}}
train: {step_size: 1.0, steps: $2}
record: {every: 50, probes: 10, weights: final}
END
}

digest() { # file
  "$NODESCALE" verify "$1" | sed -n 's/^digest: //p'
}

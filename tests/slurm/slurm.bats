# jobs/slurm.sbatch on a real Slurm: four emulated nodes on this machine.
load lab
load ../end_to_end/common

setup_file() {
  [ -z "$(lab_missing)" ] || return 0
  lab_start "$BATS_FILE_TMPDIR/lab" >&2
  echo "$BATS_FILE_TMPDIR/lab/slurm.conf" >"$BATS_FILE_TMPDIR/conf"
}

teardown_file() {
  [ -n "$(lab_missing)" ] || lab_stop "$BATS_FILE_TMPDIR/lab"
}

@test "a sweep runs across four nodes and gives the digest of a plain run" {
  [ -z "$(lab_missing)" ] || skip "$(lab_missing)"
  export SLURM_CONF=$BATS_FILE_TMPDIR/lab/slurm.conf NODESCALE
  write_spec spec.yaml 200
  sbatch --wait --nodes=4 --ntasks=4 --output=job.log "$BATS_TEST_DIRNAME/../../jobs/slurm.sbatch" spec.yaml
  cat job.log
  grep -q "on 4 ranks" job.log
  "$NODESCALE" run spec.yaml -o plain.h5
  [ "$(digest spec.h5)" = "$(digest plain.h5)" ]
}

# A Slurm cluster of four emulated nodes on this machine, without systemd: lab_start FOLDER, lab_stop FOLDER. Needs root.

lab_missing() { # why the lab cannot run here; nothing if it can
  command -v slurmctld >/dev/null && command -v slurmd >/dev/null || { echo "slurmctld and slurmd are not installed"; return; }
  command -v munged >/dev/null || [ -x /usr/sbin/munged ] || { echo "munge is not installed"; return; }
  [ "$(id -u)" -eq 0 ] || echo "emulated Slurm nodes need root"
}

lab_start() {
  local folder=$1 host node
  host=$(hostname -s)
  mkdir -p "$folder"/state "$folder"/tmp-node{1..4} /run/munge
  cat >"$folder/slurm.conf" <<END
ClusterName=lab4
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
SlurmctldPort=26817
SlurmctldPidFile=$folder/ctld.pid
SlurmctldLogFile=$folder/ctld.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmdLogFile=$folder/slurmd-%n.log
TmpFS=$folder/tmp-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
ReturnToService=2
MpiDefault=none
JobRequeue=1
KillWait=5
MinJobAge=3600
SlurmdTimeout=10
SlurmctldTimeout=30
InactiveLimit=0
SlurmdParameters=config_overrides
PartitionName=main Nodes=node[1-4] Default=YES MaxTime=INFINITE State=UP
END
  for node in 1 2 3 4; do
    echo "NodeName=node$node NodeHostname=$host NodeAddr=127.0.0.1 Port=$((26820 + node)) CPUs=2 SocketsPerBoard=1" \
      "CoresPerSocket=2 ThreadsPerCore=1 RealMemory=2000 State=UNKNOWN" >>"$folder/slurm.conf"
  done
  chown munge: /run/munge
  [ -f /etc/munge/munge.key ] || mungekey -c 2>/dev/null || dd if=/dev/urandom of=/etc/munge/munge.key bs=1024 count=1 2>/dev/null
  chown munge: /etc/munge/munge.key && chmod 400 /etc/munge/munge.key
  [ -S /run/munge/munge.socket.2 ] || runuser -u munge -- /usr/sbin/munged
  export SLURM_CONF=$folder/slurm.conf
  slurmctld -f "$SLURM_CONF" 3>&-
  for node in 1 2 3 4; do
    slurmd -f "$SLURM_CONF" -N "node$node" 3>&-
  done
  for _ in $(seq 100); do
    [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 4 ] && return 0
    sleep 0.2
  done
  sinfo >&2
  return 1
}

lab_stop() {
  kill $(cat "$1"/slurmd-*.pid "$1"/ctld.pid /run/munge/munged.pid 2>/dev/null) 2>/dev/null || true
}

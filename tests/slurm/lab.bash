# A Slurm cluster of four emulated nodes on this machine, without systemd: lab_start FOLDER (empty), lab_stop FOLDER. Needs root.

lab_missing() { # why the lab cannot run here; nothing if it can
  if ! command -v slurmctld >/dev/null || ! command -v slurmd >/dev/null || [ ! -x /usr/sbin/munged ]; then
    echo "slurmctld, slurmd or munge is not installed"
  elif [ "$(id -u)" -ne 0 ]; then
    echo "emulated Slurm nodes need root"
  fi
}

lab_start() {
  local folder=$1 host node
  exec {lab_lock}>"${TMPDIR:-/tmp}/nodescale-slurm.lock" # one at a time: ports and munge's socket are the machine's
  flock -w 900 "$lab_lock" || return
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
  if ! munge -n >/dev/null 2>&1; then
    runuser -u munge -- /usr/sbin/munged
    touch "$folder/own_munge"
  fi
  export SLURM_CONF=$folder/slurm.conf
  lab_watch "$folder" $$
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

# The processes of the lab's jobs on one node, or on all of them.
lab_processes() { # folder, node or nothing
  local environment
  for environment in /proc/[0-9]*/environ; do
    if grep -qzFx "SLURM_CONF=$1/slurm.conf" "$environment" && grep -qz "^SLURMD_NODENAME=${2:-}" "$environment"; then
      basename "$(dirname "$environment")"
    fi
  done 2>/dev/null
}

lab_node_dies() { # folder, node: as if its power had gone
  local process parent processes=()
  processes=("$(cat "$1/slurmd-$2.pid")")
  for process in $(lab_processes "$1" "$2"); do
    processes+=("$process")
    parent=$(ps -o ppid= -p "$process" | tr -d ' ')
    grep -q slurmstepd "/proc/$parent/cmdline" 2>/dev/null && processes+=("$parent")
  done
  kill -KILL "${processes[@]}" 2>/dev/null || true
  rm -f "$1/slurmd-$2.pid"
}

lab_node_returns() { # folder, node
  slurmd -f "$1/slurm.conf" -N "$2" 3>&-
}

# Stops the lab should the test that started it be killed before it can do so itself.
lab_watch() { # folder, process
  export -f lab_stop lab_processes
  # shellcheck disable=SC2016 # its own parameters
  setsid bash -c 'while kill -0 "$2" && [ -d "$1" ]; do sleep 1; done; [ ! -d "$1" ] || lab_stop "$1"' \
    lab_watch "$1" "$2" </dev/null >/dev/null 2>&1 3>&- &
}

lab_stop() { # folder: ends all that lab_start and its jobs began, removes the folder
  local pids
  scancel --user=root 2>/dev/null || true
  sleep 1
  # shellcheck disable=SC2046 # numbers
  kill -KILL $(lab_processes "$1" "") 2>/dev/null || true
  pids=$(cat "$1"/slurmd-*.pid "$1/ctld.pid" 2>/dev/null)
  [ ! -f "$1/own_munge" ] || pids="$pids $(cat /run/munge/munged.pid)"
  # shellcheck disable=SC2086 # numbers
  kill $pids 2>/dev/null || true
  for _ in $(seq 50); do
    # shellcheck disable=SC2086
    kill -0 $pids 2>/dev/null || break
    sleep 0.2
  done
  # shellcheck disable=SC2086
  kill -KILL $pids 2>/dev/null || true
  rm -rf "$1"
}

# --- jobs ---

lab_job() { # id, field of scontrol show job
  scontrol show job -o "$1" | tr ' ' '\n' | sed -n "s/^$2=//p" | head -n 1
}

# Waits until the job has ended, for good; spares it the two minutes that Slurm lets pass before a requeued job starts again.
lab_wait() { # id, seconds
  local state bad=0
  for _ in $(seq "$2"); do
    state=$(lab_job "$1" JobState)
    case $state in
      PENDING)
        if [ "$(lab_job "$1" Reason)" = BeginTime ]; then
          sleep 3 # credentials of one second cannot be told apart: started at once it would be refused as revoked
          scontrol update JobId="$1" StartTime=now 2>/dev/null || true
        fi
        ;;
      COMPLETED) return 0 ;;
      FAILED | CANCELLED | TIMEOUT | DEADLINE | OUT_OF_MEMORY | BOOT_FAIL) # also for a moment on the way to the queue
        bad=$((bad + 1))
        if [ "$bad" -ge 5 ]; then
          scontrol show job "$1" >&2
          tail -n 30 "$(dirname "$SLURM_CONF")/ctld.log" >&2
          return 1
        fi
        ;;
      *) bad=0 ;;
    esac
    sleep 1
  done
  echo "job $1 is still $state after $2 s" >&2
  return 1
}

# Four hosts on this machine: network namespaces joined by a bridge, each with a name, an address and an sshd of its own.
# hosts_start FOLDER (empty), hosts_stop FOLDER. Needs root. Names and addresses are the lab's own and reach nothing else.

hosts_bridge=nsclab0 hosts_net=10.77.93

hosts_missing() { # why the lab cannot run here; nothing if it can
  local tool
  for tool in ip sshd ssh ssh-keygen unshare; do
    if ! command -v "$tool" >/dev/null && [ ! -x "/usr/sbin/$tool" ]; then
      echo "$tool is not installed"
      return
    fi
  done
  if [ "$(id -u)" -ne 0 ]; then
    echo "network namespaces need root"
  elif ! ip netns add nscprobe 2>/dev/null; then
    echo "network namespaces cannot be made here"
  else
    ip netns delete nscprobe
  fi
}

hosts_start() {
  local folder=$1 n
  exec {hosts_lock}>"${TMPDIR:-/tmp}/nodescale-hosts.lock" # one at a time: names and addresses are the machine's
  flock -w 900 "$hosts_lock" || return
  touch "$folder/started"
  mkdir -p /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
  ssh-keygen -q -t ed25519 -N '' -f "$folder/host_key"
  cat >"$folder/ssh_config" <<END
Host *
  IdentityFile $folder/key
  IdentitiesOnly yes
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  LogLevel ERROR
END
  hosts_watch "$folder" $$
  ip link add "$hosts_bridge" type bridge
  ip address add "$hosts_net.254/24" dev "$hosts_bridge"
  ip link set "$hosts_bridge" up
  for n in 1 2 3 4; do
    hosts_add "$folder" "$n"
  done
  for n in 1 2 3 4; do
    hosts_answers "$folder" "$n" || { echo "host $n does not answer" >&2; return 1; }
  done
}

hosts_add() { # folder, number
  local folder=$1 n=$2 name=nschost$2 k
  ip netns add "$name"
  ip link add "nscv$n" type veth peer name eth0 netns "$name"
  ip link set "nscv$n" master "$hosts_bridge" up
  ip -n "$name" address add "$hosts_net.$n/24" dev eth0
  ip -n "$name" link set eth0 up
  ip -n "$name" link set lo up
  mkdir -p "/etc/netns/$name" # what `ip netns exec` shows as /etc/hosts there
  {
    echo 127.0.0.1 localhost
    for k in 1 2 3 4; do
      echo "$hosts_net.$k nschost$k"
    done
  } >"/etc/netns/$name/hosts"
  # shellcheck disable=SC2016 # its own parameters
  ip netns exec "$name" unshare --uts bash -c 'hostname "$0"; exec /usr/sbin/sshd "$@"' "$name" -f /dev/null \
    -h "$folder/host_key" -o PidFile="$folder/sshd$n.pid" -o AuthorizedKeysFile="$folder/key.pub" -o UsePAM=no -o StrictModes=no \
    -o PermitRootLogin=yes -o ListenAddress="$hosts_net.$n" 3>&-
}

hosts_answers() { # folder, number
  for _ in $(seq 50); do
    [ "$(timeout 5 ssh -F "$1/ssh_config" "$hosts_net.$2" hostname 2>/dev/null)" = "nschost$2" ] && return 0
    sleep 0.1
  done
  return 1
}

hosts_run() { # folder, n, nodescale's arguments...: mpirun on the first host, one rank on each of n
  local folder=$1 n=$2 where
  shift 2
  where=$(seq -f nschost%g:1 -s , "$n")
  ip netns exec nschost1 unshare --uts bash -c 'hostname nschost1; exec "$@"' hosts_run \
    env OMPI_MCA_plm_rsh_agent="ssh -F $folder/ssh_config" OMPI_MCA_btl=self,tcp OMPI_MCA_pml=ob1 \
    OMPI_MCA_btl_tcp_if_include="$hosts_net.0/24" OMPI_MCA_oob_tcp_if_include="$hosts_net.0/24" \
    mpirun --bind-to none --host "$where" \
    --mca oob_tcp_keepalive_time 3 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 "$NODESCALE" "$@"
}

hosts_cut() { ip link set "nscv$1" down; }
hosts_join() { ip link set "nscv$1" up; }

hosts_processes() { # number...: what runs on these hosts, sshd apart
  local n pid
  for n in "$@"; do
    for pid in $(ip netns pids "nschost$n" 2>/dev/null); do
      [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sshd ] || echo "$pid"
    done
  done
}

hosts_stop() { # folder: ends all that hosts_start began, removes the folder
  local n pids=''
  [ -f "$1/started" ] || { rm -rf "$1"; return; }
  for n in 1 2 3 4; do
    pids="$pids $(ip netns pids "nschost$n" 2>/dev/null)"
  done
  # shellcheck disable=SC2086 # numbers
  kill -KILL $pids 2>/dev/null
  for n in 1 2 3 4; do
    ip netns delete "nschost$n" 2>/dev/null
    ip link delete "nscv$n" 2>/dev/null
    rm -rf "/etc/netns/nschost$n"
  done
  rmdir /etc/netns 2>/dev/null
  ip link delete "$hosts_bridge" 2>/dev/null
  rm -rf "$1"
}

# Clears up should the test that started the lab be killed before it can do so itself.
hosts_watch() { # folder, process
  export hosts_bridge
  export -f hosts_stop
  # shellcheck disable=SC2016 # its own parameters
  setsid bash -c 'while kill -0 "$2" && [ -d "$1" ]; do sleep 1; done; [ ! -d "$1" ] || hosts_stop "$1"' \
    hosts_watch "$1" "$2" </dev/null >/dev/null 2>&1 3>&- &
}

#!/usr/bin/env bash
# radosgw.sh DIR PORT MONITOR_PORT: an S3 server with versioning (Ceph's gateway over one monitor and one OSD in memory) that serves
# until it is killed, and takes its helpers with it.
set -euo pipefail
dir=$1 port=$2 monitor=$3
mkdir -p "$dir/mon" "$dir/osd"
fsid=$(cat /proc/sys/kernel/random/uuid)
cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$monitor/0]
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_bind_ipv6 = false
ms_bind_msgr1 = false
ms_mon_client_mode = crc
run_dir = $dir
admin_socket = $dir/\$name.asok
log_file = $dir/\$name.log
mon_cluster_log_file = $dir/cluster.log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
paxos_propose_interval = 0.05
[mon.a]
mon_data = $dir/mon
[osd.0]
osd_data = $dir/osd
osd_objectstore = memstore
memstore_device_bytes = 1073741824
[client]
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw_data = $dir
rgw_run_sync_thread = false
rgw_dynamic_resharding = false
CONF
export CEPH_CONF=$dir/ceph.conf
helper() { setpriv --pdeathsig KILL "$@" </dev/null & }
monmaptool --create --addv a "[v2:127.0.0.1:$monitor/0]" --fsid "$fsid" "$dir/monmap"
ceph-mon --mkfs -i a --monmap "$dir/monmap"
helper ceph-mon -f -i a
osd=$(cat /proc/sys/kernel/random/uuid)
ceph --connect-timeout 20 osd new "$osd"
ceph-osd -i 0 --mkfs --osd-uuid "$osd"
helper ceph-osd -f -i 0
for _ in $(seq 100); do ceph osd pool create .rgw.root 4 && break; sleep 0.2; done
radosgw-admin user create --uid=test --display-name=test --access-key=testkey --secret=testsecret
exec radosgw -f -n client.rgw

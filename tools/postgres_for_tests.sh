#!/usr/bin/env bash
# Is there a PostgreSQL server for the tests of that store? Where it is missing, root on Debian installs it. The tests
# start their own throw-away server (tests/postgres.py); the one of the system is neither used nor left running.
# Exit code 0 unless it is required (CELLTRIAL_TEST_POSTGRES=required) and cannot be had.
set -uo pipefail

have() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1; }

install() {
	local folder=/etc/postgresql-common/createcluster.d
	# no cluster of the system's own, no service started
	mkdir -p "$folder" && echo 'create_main_cluster = false' >"$folder/celltrial-tests.conf" || return
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql
	local code=$?
	rm -f "$folder/celltrial-tests.conf"
	return "$code"
}

have && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing PostgreSQL for the tests"
	log=$(mktemp)
	install >"$log" 2>&1 || { echo "PostgreSQL could not be installed:"; tail -n 5 "$log"; }
	rm -f "$log"
	have && exit 0
fi
echo "PostgreSQL is not installed: the tests of that store are skipped (Debian: apt-get install postgresql)"
[ "${CELLTRIAL_TEST_POSTGRES:-}" != required ]

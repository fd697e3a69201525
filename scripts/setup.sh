#!/usr/bin/env bash
# Installs what is missing of the named tools, and says nothing when all are there:
#
#   setup.sh certs      certificate authorities: Go downloads modules by https
#   setup.sh postgres   PostgreSQL 14 or newer: its programs, no running server
#   setup.sh node       Node.js 18 or newer, with npm: the tests' clients are JavaScript
#   setup.sh cc         a C compiler: the race detector links with it
#   setup.sh nginx      nginx: its program, no running server
#   setup.sh python     python-socketio 5 with aiohttp: one of the tests' clients
#   setup.sh chromium   Chromium, and a font with Arabic: the tests' people use the web client
#
# On Debian and its relatives, as root or by sudo. Elsewhere it says what to install.
set -euo pipefail

fail() {
	echo "setup: $*" >&2
	exit 1
}

as_root() {
	if [[ $EUID -eq 0 ]]; then
		"$@"
	else
		sudo "$@"
	fi
}

# apt is quiet unless it fails.
apt() {
	local log
	log=$(mktemp)
	if as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120 "$@" </dev/null >"$log" 2>&1; then
		rm -f "$log"
	else
		cat "$log" >&2
		rm -f "$log"
		return 1
	fi
}

# major is the first number of a version that a program tells.
major() {
	"$@" 2>/dev/null | grep -oE '[0-9]+' | head -n 1
}

has_certs() {
	local bundle
	# What Go reads on Linux; other systems keep theirs elsewhere. A folder of certificates
	# says nothing: Debian's Postgres brings one with its own in it.
	[[ $(uname) == Linux && -z ${SSL_CERT_FILE:-}${SSL_CERT_DIR:-} ]] || return 0
	for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
		/etc/pki/tls/cacert.pem /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /etc/ssl/cert.pem; do
		[[ -s $bundle ]] && return
	done
	return 1
}

has_postgres() {
	local initdb version
	# The server looks in more places than these; what it finds there, nobody has to
	# install.
	for initdb in "$(command -v initdb || true)" /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb \
		/opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb; do
		[[ -x $initdb ]] || continue
		version=$(major "$initdb" --version)
		[[ ${version:-0} -ge 14 ]] && return
	done
	return 1
}

has_node() {
	local version
	command -v npm >/dev/null || return 1
	version=$(major node --version)
	[[ ${version:-0} -ge 18 ]]
}

has_cc() {
	command -v "${CC:-gcc}" >/dev/null
}

has_nginx() {
	# Debian has it where the PATH of most users does not lead.
	command -v nginx >/dev/null || [[ -x /usr/sbin/nginx ]]
}

has_python() {
	local python
	# Debian's packages are for Debian's Python, which need not be the first on the PATH.
	# Isolated, as else any folder named socketio passes for the package.
	for python in python3 /usr/bin/python3; do
		"$python" -I -c 'import aiohttp, socketio; socketio.AsyncClient' >/dev/null 2>&1 && return
	done
	return 1
}

has_chromium() {
	local browser
	for browser in chromium chromium-browser google-chrome; do
		command -v "$browser" >/dev/null || continue
		# Without fontconfig's tools there is no asking, and no reason to install a font.
		command -v fc-list >/dev/null || return 0
		[[ -n $(fc-list :lang=ar 2>/dev/null) ]] && return
	done
	return 1
}

add_certs() {
	apt install --no-install-recommends ca-certificates
}

add_postgres() {
	# Debian makes and starts a cluster with every server package. Ours has its own, so
	# where nothing of PostgreSQL is installed yet, the packages are told not to.
	if ! dpkg -s postgresql-common >/dev/null 2>&1; then
		apt install --no-install-recommends postgresql-common
		as_root mkdir -p /etc/postgresql-common/createcluster.d
		printf '%s\n' "# Remove the next line to have Debian make clusters again." "create_main_cluster = false" |
			as_root tee /etc/postgresql-common/createcluster.d/expresschat.conf >/dev/null
	fi
	apt install --no-install-recommends postgresql
}

add_node() {
	apt install --no-install-recommends ca-certificates nodejs npm
}

add_cc() {
	apt install --no-install-recommends gcc libc6-dev
}

add_nginx() {
	apt install --no-install-recommends nginx
	# Debian starts every server that it installs, and again at every boot. The tests
	# start nginx themselves, and port 80 is not theirs to take.
	as_root update-rc.d nginx disable >/dev/null
	as_root service nginx stop >/dev/null
}

add_python() {
	apt install --no-install-recommends python3-socketio python3-aiohttp
}

add_chromium() {
	# The sandbox of Debian's is a package of its own, and of no use to root.
	apt install --no-install-recommends chromium fonts-dejavu-core
}

describe() {
	case $1 in
	certs) echo "certificate authorities (ca-certificates)" ;;
	postgres) echo "PostgreSQL 14 or newer" ;;
	node) echo "Node.js 18 or newer with npm" ;;
	cc) echo "a C compiler (gcc)" ;;
	nginx) echo "nginx" ;;
	python) echo "Python 3 with python-socketio 5 and aiohttp" ;;
	chromium) echo "Chromium with a font that has Arabic" ;;
	*) fail "there is no '$1': it takes certs, postgres, node, cc, nginx, python and chromium" ;;
	esac
}

main() {
	local tool list missing=()
	for tool in "$@"; do
		describe "$tool" >/dev/null
		"has_$tool" || missing+=("$tool")
	done
	[[ ${#missing[@]} -gt 0 ]] || return 0

	list=$(for tool in "${missing[@]}"; do describe "$tool"; done | paste -sd, | sed 's/,/, /g')
	command -v apt-get >/dev/null || fail "no apt-get here; please install: $list"
	[[ $EUID -eq 0 ]] || command -v sudo >/dev/null || fail "neither root nor sudo; please install: $list"

	echo "setup: installing $list" >&2
	# A broken third-party list is no reason to stop: the packages are Debian's.
	apt update || echo "setup: apt-get update failed, going on with the lists that are there" >&2
	for tool in "${missing[@]}"; do
		"add_$tool" || fail "apt-get could not install $(describe "$tool")"
		hash -r
		"has_$tool" || fail "this Debian has no $(describe "$tool"); please install it from elsewhere"
	done
}

main "$@"

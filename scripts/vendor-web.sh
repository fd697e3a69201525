#!/usr/bin/env bash
# Renews the libraries that the pages load, from npm, and the note that says what they are.
# It takes the newest of the major versions named below.
set -euo pipefail
cd "$(dirname "$0")/.."

target=web/static/vendor
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# licence_of unpacks a package and takes its licence: licence_of package major
licence_of() {
	local package=$1 major=$2 archive from=$scratch/$1
	mkdir -p "$from"
	# npm checks the archive against the registry's integrity hash.
	archive=$(cd "$from" && npm pack --silent "$package@$major" | tail -n 1)
	tar -xzf "$from/$archive" -C "$from"
	install -m 0644 "$from/package/LICENSE" "$target/$package.LICENSE"
}

# vendor takes one file of a package: vendor package major file as licence-name
vendor() {
	local package=$1 major=$2 file=$3 as=$4 licence=$5 version hash from=$scratch/$1
	licence_of "$package" "$major"
	version=$(node -p 'require(process.argv[1]).version' "$from/package/package.json")
	install -m 0644 "$from/package/$file" "$target/$as"
	hash=$(sha256sum "$target/$as" | cut -d ' ' -f 1)
	echo "| \`$as\` | npm \`$package\` $version, \`$file\`, unchanged | $licence, \`$package.LICENSE\` | \`$hash\` |"
}

rm -rf "$target"
mkdir -p "$target"
{
	printf '%s\n' "# Vendored" "" "| file | from | licence | sha256 |" "|---|---|---|---|"
	vendor socket.io-client 4 dist/socket.io.esm.min.js socket.io.esm.min.js MIT
	vendor htm 3 preact/standalone.module.js preact.standalone.module.js "Apache-2.0; Preact 10 in it MIT, \`preact.LICENSE\`"
	licence_of preact 10
	printf '%s\n' "" "\`make vendor-web\` renews them and this note."
} >"$scratch/README.md"
install -m 0644 "$scratch/README.md" "$target/README.md"
cat "$target/README.md"

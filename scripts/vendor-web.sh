#!/usr/bin/env bash
# Renews the one library that the pages load, from npm: vendor-web.sh [version]
# Without a version it takes the newest 4.x.
set -euo pipefail
cd "$(dirname "$0")/.."

package=socket.io-client
wanted=${1:-4}
target=web/static/vendor

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# npm checks the archive against the registry's integrity hash.
archive=$(cd "$scratch" && npm pack --silent "$package@$wanted" | tail -n 1)
tar -xzf "$scratch/$archive" -C "$scratch"
version=$(node -p 'require(process.argv[1]).version' "$scratch/package/package.json")

mkdir -p "$target"
install -m 0644 "$scratch/package/dist/socket.io.esm.min.js" "$target/socket.io.esm.min.js"
install -m 0644 "$scratch/package/LICENSE" "$target/socket.io.LICENSE"
hash=$(sha256sum "$target/socket.io.esm.min.js" | cut -d ' ' -f 1)

cat >"$target/README.md" <<NOTE
# Vendored

| file | from | licence | sha256 |
|---|---|---|---|
| \`socket.io.esm.min.js\` | npm \`$package\` $version, \`dist/socket.io.esm.min.js\`, unchanged | MIT, \`socket.io.LICENSE\` | \`$hash\` |

\`make vendor-web\` renews it and this note.
NOTE
echo "$package $version is in $target"

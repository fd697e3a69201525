#!/usr/bin/env bash
# Fuzzes every native fuzz target of the module, one after another, each for the time
# given (go's notation, like 10m). Ends with the first one that finds something; go has
# then written the input into the package's testdata, to be committed with the fix.
set -euo pipefail

time=${1:?usage: fuzz.sh <time for each>}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# over tells whether a run failed for no more than that its time was over: before 1.27 go takes
# that for a finding now and then (go.dev/issue/75804).
over() { grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"; }

grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r package; do
	for target in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$package"/*_test.go | cut -d' ' -f2); do
		echo "fuzz: $package $target for $time"
		go test -tags=cheaphash -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x "$package" 2>&1 |
			tee "$log" || over
	done
done

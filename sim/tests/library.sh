#!/bin/sh
# `flashsim test scenarios/l4`: every good scenario passes, every known-bad one fails as it says, and the counts
# are printed and in the JUnit file. The result is left for the tests that look at it.
# usage: library.sh FLASHSIM SOURCE_DIR OUTPUT_DIR
set -u
flashsim=$1
source=$2
here=$3
cd "$source" || exit 1
rm -rf "$here"
mkdir -p "$here" || exit 1

fail() {
    printf 'FAIL: %s\n' "$*"
    cat "$here/library.txt" "$here/library.err"
    exit 1
}

"$flashsim" test scenarios/l4 --jobs 2 --json "$here/library.json" --junit "$here/library.xml" \
    >"$here/library.txt" 2>"$here/library.err" </dev/null || fail "status $?, not 0"
grep -v '^flashsim: \(run\|recording run\) [0-9]* of ' "$here/library.err" | grep -q . &&
    fail "more than progress on stderr"

count=$(find scenarios/l4 -name '*.json' | wc -l)
bad=$(find scenarios/l4 -name '*.json' -exec grep -l '"expect_verdict": "fail"' {} + | wc -l)
[ "$bad" -ge 50 ] || fail "only $bad scenarios are known to be bad"
nothing=$(find scenarios/l4 -name '*.json' -exec grep -l '"expect_verdict": "inconclusive"' {} + | wc -l)
[ "$nothing" -ge 1 ] || fail "no scenario is known to prove nothing"
grep -q "^$count scenarios: $count pass ($bad of them known bad, failing as stated, $nothing inconclusive as stated), 0 fail, 0 inconclusive, 0 bad input;" \
    "$here/library.txt" || fail "the counts are not those of the files: $count scenarios, $bad known bad, $nothing inconclusive"
[ "$(grep -c 'known bad: fails as stated (' "$here/library.txt")" = "$bad" ] ||
    fail "not a line for each that is known to be bad"
grep -qF "tests=\"$count\" failures=\"0\" errors=\"0\"" "$here/library.xml" || fail "counts in the JUnit file"
[ "$(grep -c '<testcase ' "$here/library.xml")" = "$count" ] || fail "not a test case for each scenario"
grep -qF "<property name=\"known_bad\" value=\"$bad\"/>" "$here/library.xml" || fail "known-bad count in the JUnit file"
grep -qF "<property name=\"known_inconclusive\" value=\"$nothing\"/>" "$here/library.xml" ||
    fail "inconclusive count in the JUnit file"
tail -n 1 "$here/library.txt"

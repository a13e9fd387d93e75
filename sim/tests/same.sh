#!/bin/sh
# One scenario, many times: the same result files each time, byte by byte; each tenth with its whole trace. It
# loses power in a write, is reset in its recovery, halted by a debugger and starved, and its RAM is noise.
# `./dev test` compares what the builds of two compilers leave here: a thousand runs in all.
# usage: same.sh FLASHSIM SOURCE_DIR OUTPUT_DIR [TIMES]
set -u
flashsim=$1
source=$2
here=$3
times=${4:-500}
rm -rf "$here"
mkdir -p "$here" || exit 1
cd "$here" || exit 1 # what is compared names no folder
sed 's/^  "run":/  "ram_after_power_loss": "noise",\n&/' "$source/scenarios/l4/kv_timeline.json" >noisy_day.json
grep -q noise noisy_day.json || { echo "FAIL: kv_timeline.json has no line \"run\" any more"; exit 1; }
ran=0

# once NAME TRACES: what the test says and leaves, as NAME.txt, NAME.json, NAME.xml.
once() {
    "$flashsim" test noisy_day.json --jobs $((ran % 2 + 1)) --json "$1.json" --junit "$1.xml" --traces "$2" \
        >"$1.txt" 2>&1 </dev/null || {
        cat "$1.txt"
        echo "FAIL: status not 0 in run $ran"
        exit 1
    }
    ran=$((ran + 1))
}

once short short
once none none
cmp -s short.json none.json && { echo "FAIL: the trace is not in the result"; exit 1; }
while [ "$ran" -lt "$times" ]; do
    traces=none
    [ $((ran % 10)) = 0 ] && traces=short
    once again $traces
    for kind in json xml txt; do
        cmp "$traces.$kind" "again.$kind" || {
            echo "FAIL: run $ran has another result than run 1; both are in $here"
            exit 1
        }
    done
done
rm again.*
grep -q '"verdict":	"pass"' none.json || { echo "FAIL: no verdict in $here/none.json"; exit 1; }
echo "same: $ran runs, one result"

#!/bin/sh
# `flashsim test` and `flashsim replay` from the outside: twice the same bytes, whatever --jobs says; what
# fails says so, can be replayed, and has its exit status; what proves nothing is not green.
# usage: scenarios.sh FLASHSIM SOURCE_DIR
set -u
flashsim=$1
source=$2
here=$(mktemp -d) || exit 1
wait_for= # an endless run in the background: it must not outlive us
trap '[ -z "$wait_for" ] || kill -KILL "$wait_for" 2>/dev/null; rm -rf "$here"' EXIT
trap 'exit 1' INT TERM
firmware=$(cd "$(dirname "$flashsim")/firmware" && pwd)
cd "$source" || exit 1
failures=0

fail() {
    printf 'FAIL: %s\n' "$*"
    [ -s "$here/out" ] && sed 's/^/  out: /' "$here/out" | tail -n 40
    [ -s "$here/err" ] && sed 's/^/  err: /' "$here/err" | tail -n 20
    failures=$((failures + 1))
}

run() {
    "$flashsim" "$@" >"$here/out" 2>"$here/err" </dev/null
    status=$?
    what=$*
}

want_status() { [ "$status" = "$1" ] || fail "status $status, not $1: $what"; }
want_out() { grep -qF -- "$1" "$here/out" || fail "no \"$1\" on stdout: $what"; }
want_err() { grep -qF -- "$1" "$here/err" || fail "no \"$1\" on stderr: $what"; }

# scenario FILE CUT|none EXPECT [MORE]: a scenario for kv in the temporary folder.
scenario() {
    cut="\"cut\": $2, "
    [ "$2" = none ] && cut=
    cat >"$here/$1" <<JSON
{ "name": "$1", "why": "a test", "chip": "stm32l452re", "image": "firmware:${image:-kv}", "run": "1s",
  $cut"expect": [ $3 ]${4:-} }
JSON
}
durability='{ "durability": { "begun": "put ", "acknowledged": "ack ", "reported": "have " } }'

# ---- some of the library, twice --------------------------------------------------------------------

run test scenarios/l4/kv*.json scenarios/l4/pitfalls/2*.json --jobs 2 --json "$here/1.json" --junit "$here/1.xml"
want_status 0
want_out 'known bad: fails as stated (durability)'
cp "$here/out" "$here/1.txt"
run test scenarios/l4/kv*.json scenarios/l4/pitfalls/2*.json --jobs 1 --json "$here/2.json" --junit "$here/2.xml"
want_status 0
for kind in json xml; do
    cmp "$here/1.$kind" "$here/2.$kind" || fail "two runs, two results: $kind"
done
cmp "$here/1.txt" "$here/out" || fail "two runs, two texts"

# ---- a failure, and its replay ---------------------------------------------------------------------

run test scenarios/l4/kv_bad.json --raw
want_status 1
want_out 'FAIL  scenarios/l4/kv_bad.json: 8 of 10 runs fail'
want_out 'durability: ack boot=1 was there in boot 1, boot 2 does not report boot'
grep -q "^    $flashsim replay '" "$here/out" || fail "not the program that was called: $what"
id=$(sed -n "s/^ .*flashsim replay '\(.*\)'\$/\1/p" "$here/out" | sed -n 3p)
hash=$(grep -F -A 12 "\"$id\"" "$here/1.json" | grep -c '"verdict":	"fail"')
[ "$hash" = 1 ] || fail "the replay line is not in the JSON result: $id"
run replay "$id" --trace "$here/1.trace"
want_status 1
want_out 'violated   durability'
want_out '    | put boot=1'
want_out 'flash.program_start'
want_out 'power.cut'
grep -q 'flash.program_start 0x.* pc 0x.* flash_program (flash.c:[0-9]*)$' "$here/out" ||
    fail "no source line of what the flash does: $what"
grep -q '^  power goes 0x.* flash_program (flash.c:[0-9]*)$' "$here/out" || fail "no source line of the cut: $what"
grep -q '^    #[0-9]*  *0x.* main (main.c:[0-9]*)$' "$here/out" || fail "no callers at the cut: $what"
grep -A 1 '^cut=' "$here/out" | grep -q '^    at 0x.* flash_program (flash.c:[0-9]*)$' ||
    fail "no source line beside the verdict: $what"
cp "$here/out" "$here/replay.txt"
run replay "$id" --trace "$here/2.trace"
cmp "$here/replay.txt" "$here/out" || fail "two replays, two texts"
cmp "$here/1.trace" "$here/2.trace" || fail "two replays, two traces"
trace=$(sed -n 's/^fail: trace \([0-9a-f]*\),.*/\1/p' "$here/out")
grep -qF "\"$trace\"" "$here/1.json" || fail "the replay's trace $trace is not that of the test"

# The line is for this scenario: its prose may change, its settings may not.
sed 's/"name": "kv_bad"/"name": "other",  "$schema": "x"/; s/Erasing/erasing/' scenarios/l4/kv_bad.json >"$here/same.json"
run replay "$(printf '%s' "$id" | sed "s|.*#|$here/same.json#|")"
want_status 1
for change in 's/"off_time": "100ms"/"off_time": "101ms"/' 's/"contains": "PASS"/"contains": "PAS"/' 's/"put "/"put"/' \
    's/"run": "1s"/"run": "1s", "timing": "max"/' 's/"run": "1s"/"run": "1s", "ram_after_power_loss": "ones"/'; do
    sed "$change" scenarios/l4/kv_bad.json >"$here/changed.json"
    cmp -s scenarios/l4/kv_bad.json "$here/changed.json" && fail "nothing to change: $change"
    run replay "$(printf '%s' "$id" | sed "s|.*#|$here/changed.json#|")"
    want_status 2
    want_err 'its settings or expectations have changed since the line was printed'
    [ "$(wc -l <"$here/err")" = 1 ] || fail "not one line: $what"
done
run replay "$(printf '%s' "$id" | sed "s|.*#|$here/changed.json#|; s|,plan=.*||")"
want_status 1

digit=$(printf '%s' "$id" | sed 's/.*#\(.\).*/\1/')
other=$([ "$digit" = 0 ] && echo 1 || echo 0)
run replay "$(printf '%s' "$id" | sed "s/#./#$other/")"
want_status 2
want_err 'another image'
[ -s "$here/out" ] && fail "something on stdout: $what"
for bad in '' scenarios/l4/kv.json 'scenarios/l4/kv.json#12345678:cut=3@program.mid,seed=1' \
    'scenarios/l4/kv.json#12345678:cut=0@erase.mid,seed=1' 'scenarios/l4/kv.json#1234567:seed=1' \
    'scenarios/l4/kv.json#12345678:cut=3@erase.mid' 'scenarios/l4/kv.json#12345678:seed=1,read=0' \
    'scenarios/l4/kv.json#12345678:cut=3@program.pulse=5/4,seed=1' 'missing.json#12345678:seed=1'; do
    run replay "$bad"
    want_status 2
    [ "$(wc -l <"$here/err")" = 1 ] || fail "not one line: $what"
done

ln -s "$flashsim" "$here/another name"
"$here/another name" test scenarios/l4/kv_bad.json --raw --json "$here/b.json" --junit "$here/b.xml" --traces whole \
    >"$here/out" 2>"$here/err"
what="called by another name"
want_out "    '$here/another name' replay '"
run test scenarios/l4/kv_bad.json --raw --json "$here/a.json" --junit "$here/a.xml" --traces whole
cmp "$here/a.json" "$here/b.json" || fail "the name of the program is in the JSON result"
cmp "$here/a.xml" "$here/b.xml" || fail "the name of the program is in the JUnit result"
for bad in 'scenarios/l4/kv.json#12345678:cut=1000001@erase.mid,seed=1|they count from 1 to 1000000' \
    'scenarios/l4/kv.json#12345678:cut=@8640001s,seed=1|too long: at most 8640000s' \
    'scenarios/l4/kv.json#12345678:seed=99999999999999999999|too large'; do
    run replay "${bad%|*}"
    want_status 2
    want_err "${bad#*|}"
done

# The result shows a run as its replay does: the same events, and where the flash changed.
awk -v id="\"$id\"" '/"replay":/ { is_it = index($0, id) } /"events":\t\[/ { inside = is_it; next }
    /^\t*\]/ { inside = 0 } inside { sub(/^\t*/, ""); sub(/,$/, ""); print }' "$here/a.json" >"$here/shown.trace"
cmp "$here/1.trace" "$here/shown.trace" || fail "the events in the result are not those of the replay"
[ "$(grep -c '"shown":' "$here/a.json")" = 8 ] || fail "not each failing run and the first one shown"
[ "$(sed -n '/"path":.*kv_bad.json/,/"path":/p' "$here/1.json" | grep -c '"shown":')" = 1 ] ||
    fail "of a known bad one not the first failure alone"
grep -q '"changed":.\[{"offset": ' "$here/a.json" || fail "no page changed in the result"
grep -q '"cut": "37@program.before", "state": "fired", "boot": 1, ' "$here/a.json" || fail "no cut that fired in the result"
grep -q '"channel": "usart2", "t_ps": [0-9]*, "text": "put boot=1"}' "$here/a.json" || fail "no console in the result"
run explain "$here/a.json"
want_status 0
want_out "fail  scenarios/l4/kv_bad.json: $(grep -c '"verdict":.*"fail"' "$here/a.json") of 10 runs fail"
want_out "    flashsim replay '$id'"
want_out '    violated: {"durability":'
want_out '    cut=37@program.before: in boot 1 at '
want_out '    L4.cells.torn: cells that a cut program or erase leaves'
[ "$(grep -c '^  run [0-9]* of 10: fail' "$here/out")" = "$(grep -c '"verdict":.*"fail"' "$here/a.json")" ] ||
    fail "not each failure: $what"
run explain "$here/1.json"
want_status 0
[ "$(wc -l <"$here/out")" = 1 ] || fail "more than the sum of what passes: $what"
[ "$(cat "$here/out")" = "$(tail -n 1 "$here/1.txt")" ] || fail "not the sum of the test: $what"
for bad in scenarios/l4/kv.json "$here/missing.json" "$here/1.txt" "$here/1.xml"; do
    run explain "$bad"
    want_status 2
    [ "$(wc -l <"$here/err")" = 1 ] || fail "not one line: $what"
done
run test scenarios/l4/kv_bad.json --raw --json "$here/short.json"
[ "$(grep -c '"shown":' "$here/short.json")" = 5 ] || fail "not the first five failing runs shown: $what"
run test scenarios/l4/kv_bad.json --raw --json "$here/none.json" --traces none
grep -q '"shown"' "$here/none.json" && fail "something shown: $what"
run test scenarios/l4/kv_bad.json --traces long
want_status 2
want_err '--traces long: not short, whole or none'
TMPDIR=$here/missing "$flashsim" test scenarios/l4/hello.json --json "$here/no.json" >"$here/out" 2>"$here/err"
status=$?
what="no folder for temporary files"
want_status 2
want_err 'set TMPDIR to a folder with room'
[ -e "$here/no.json" ] && fail "half a result: $what"

# A fault is explained as `run` explains it.
image=fault_unmapped_load scenario fault.json none '{ "fault": "none" }'
run test "$here/fault.json"
want_status 1
id=$(sed -n "s/^ .*flashsim replay '\(.*\)'\$/\1/p" "$here/out")
run replay "$id"
want_status 1
want_out 'PRECISERR:'
want_out 'main (unmapped_load.c:'
grep -q '^first fault: at 0x.* main (unmapped_load.c:[0-9]*)$' "$here/out" || fail "no source line: $what"

# ---- quiet, interrupted, watched ---------------------------------------------------------------------

run test scenarios/l4/hello.json --quiet
want_status 0
[ -s "$here/out" ] || [ -s "$here/err" ] && fail "not quiet: $what"
run test scenarios/l4/hello.json scenarios/l4/kv_bad.json --raw --quiet
want_status 1
want_out 'FAIL  scenarios/l4/kv_bad.json'
grep -q '^pass' "$here/out" && fail "says what passes: $what"

# A firmware that counts for longer than anybody waits: 40: adds r0, #1; b 40.
mkdir "$here/long"
{
    printf '\000\020\000\040\101\000\000\010\000\000\000\000\121\000\000\010'
    head -c 48 /dev/zero
    printf '\001\060\375\347'
} >"$here/long/count.bin"
cat >"$here/long/endless.json" <<JSON
{ "name": "endless", "why": "a test", "chip": "stm32l452re", "image": "count.bin", "run": "8000000s",
  "expect": [ { "console": { "contains": "no such text" } } ] }
JSON
for signal in INT TERM; do
    what="test interrupted by SIG$signal"
    (
        cd "$here/long" || exit 1
        exec "$flashsim" test endless.json --firmware "$firmware" --jobs 2 --json out.json --junit out.xml \
            >"$here/out" 2>"$here/err" </dev/null
    ) &
    wait_for=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do
        ls "$here/long" | grep -q 'out.xml' && break
        sleep 1
    done
    ls "$here/long" | grep -q 'out.xml' || fail "it did not begin: $what"
    # Where no terminal is, a line of long work only.
    [ -s "$here/err" ] && fail "something on stderr at once: $what"
    [ $signal = INT ] || sleep 11
    kill -$signal "$wait_for"
    wait "$wait_for"
    status=$?
    wait_for=
    [ "$signal" = INT ] && want_status 130 || want_status 143
    want_err 'flashsim: interrupted after 0 of 1 runs: no result is written'
    [ $signal = INT ] || want_err 'flashsim: run 0 of 1, 1 boots: endless.json'
    [ "$(wc -l <"$here/err")" = "$([ $signal = INT ] && echo 1 || echo 2)" ] || fail "more lines than that: $what"
    [ "$(ls "$here/long" | tr '\n' ' ')" = 'count.bin endless.json ' ] || fail "left something behind: $(ls "$here/long"): $what"
done

what="replay interrupted"
sha=$(sha256sum "$here/long/count.bin" | cut -c 1-8)
(
    cd "$here/long" || exit 1
    exec "$flashsim" replay "endless.json#$sha:seed=1" --trace out.jsonl >"$here/out" 2>"$here/err" </dev/null
) &
wait_for=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
    ls "$here/long" | grep -q 'out.jsonl' && break
    sleep 1
done
ls "$here/long" | grep -q 'out.jsonl' || fail "it did not begin: $what"
sleep 1
kill -INT "$wait_for"
wait "$wait_for"
status=$?
wait_for=
want_status 130
[ "$(ls "$here/long" | tr '\n' ' ')" = 'count.bin endless.json ' ] || fail "left something behind: $what"

# Some containers have no pseudo-terminals.
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    scenario each.json '[{ "operation": "program", "nth": "each", "phase": "done" },
        { "operation": "erase", "nth": "each", "phase": "mid" }]' "$durability"
    what="progress on a terminal while operations are counted"
    timeout 20 script -qec "'$flashsim' test '$here/each.json'" /dev/null >"$here/out" 2>/dev/null </dev/null
    grep -q 'counting operations, [0-9]* boots: 1 of 1: .*each.json' "$here/out" || fail "none: $what"
    what="progress on a terminal"
    script -qec "'$flashsim' test scenarios/l4/kv.json" /dev/null >"$here/out" 2>/dev/null </dev/null
    grep -q 'run [0-9]* of 10, [0-9]* boots: scenarios/l4/kv.json' "$here/out" || fail "none: $what"
else
    echo "not looked at: progress on a terminal, there is none here"
fi

# ---- what proves nothing -----------------------------------------------------------------------------

scenario never.json '{ "operation": "program", "nth": 5000, "phase": "done" }' "$durability"
run test "$here/never.json"
want_status 3
want_out 'cut 1 never fired: there were not so many operations'
scenario uncut.json none "$durability"
run test "$here/uncut.json"
want_status 3
want_out 'no boot was cut, so nothing could be lost'
# A firmware that got no time to do anything shows no absence of anything, and is not known to be bad.
for absent in '{ "fault": "none" }' '{ "resets": { "equals": 0 } }' \
    '{ "event": { "kind": "flash.error", "count": 0 } }'; do
    image=hello scenario dead.json none "$absent" ', "off_time": "1ms"'
    sed -i 's/"run": "1s"/"run": "1ns"/' "$here/dead.json"
    run test "$here/dead.json"
    want_status 3
    want_out 'no sign of life'
done
image=hello scenario dead.json none '{ "console": { "contains": "goodbye" } }' \
    ', "expect_verdict": "fail", "because": "console"'
run test "$here/dead.json"
want_status 0
sed -i 's/"run": "1s"/"run": "1ns"/' "$here/dead.json"
run test "$here/dead.json"
want_status 3
scenario nothing.json none ''
run test "$here/nothing.json"
want_status 3
want_out 'a run without expectations proves nothing'
scenario none.json '{ "operation": "option", "nth": "each", "phase": "each" }' "$durability"
run test "$here/none.json"
want_status 3
want_out 'there was no operation to cut'
scenario third.json '{ "operation": "erase", "nth": 1, "phase": "mid" }' \
    '{ "console": { "contains": "PASS", "power_on": 3 } }'
run test "$here/third.json"
want_status 3
want_out 'there was nothing after power-on 3'

# ---- known bad, and not --------------------------------------------------------------------------------

bad=', "expect_verdict": "fail", "because": "durability"'
scenario good.json '{ "operation": "program", "nth": 5, "phase": "ecc" }' "$durability" "$bad"
run test "$here/good.json"
want_status 1
want_out 'known bad, but all 1 runs pass'
scenario other.json '{ "operation": "program", "nth": 5, "phase": "ecc" }' \
    "$durability, { \"console\": { \"contains\": \"no such text\" } }" "$bad"
run test "$here/other.json"
want_status 1
want_out 'fail for another reason than "durability"'

# What must hold in a known-bad one too; what must prove nothing.
moment='{ "operation": "program", "nth": 37, "phase": "before" }' # scenario() has its own cut
image=kv_bad scenario anyway.json "$moment" "$durability, { \"console\": { \"contains\": \"PASS\" }, \"holds_anyway\": true }" "$bad"
run test "$here/anyway.json"
want_status 0
image=kv_bad scenario anyway.json "$moment" "$durability, { \"console\": { \"contains\": \"no such text\" }, \"holds_anyway\": true }" "$bad"
run test "$here/anyway.json"
want_status 1
want_out 'fail for another reason than "durability"'
nothing=', "expect_verdict": "inconclusive", "because": "never fired"'
scenario vain.json '{ "operation": "program", "nth": 5000, "phase": "done" }' "$durability" "$nothing"
run test "$here/vain.json" --json "$here/vain_result.json"
want_status 0
want_out 'proves nothing, as stated (never fired)'
want_out '1 scenario: 1 pass (1 of them inconclusive as stated), 0 fail, 0 inconclusive'
grep -q '"known_inconclusive":.true' "$here/vain_result.json" &&
    grep -q '"inconclusive_as_stated":.true' "$here/vain_result.json" ||
    fail "not inconclusive as stated in the result"
run explain "$here/vain_result.json"
want_out '1 scenario: 1 pass (1 of them inconclusive as stated), 0 fail'
run test "$here/vain.json" --raw
want_status 3
scenario vain.json "$moment" "$durability" "$nothing"
run test "$here/vain.json"
want_status 1
want_out 'is to prove nothing'
# Cut before anything was acknowledged: shown by another run, and by no other.
scenario early.json '{ "operation": "program", "nth": [1, 37], "phase": "before" }' "$durability"
run test "$here/early.json"
want_status 0
scenario early.json '{ "operation": "program", "nth": 1, "phase": "before" }' "$durability"
run test "$here/early.json"
want_status 3

# A firmware that such a cut bricks is silent, or says no more than that it started: neither is shown to be well.
for image in brick brick_says; do
    scenario brick.json '{ "operation": "program", "nth": [1, 4], "phase": "done" }' "$durability"
    run test "$here/brick.json"
    want_status 3
    want_out '1 of 2 runs prove nothing'
    scenario brick.json '{ "operation": "program", "nth": [1, 4], "phase": "before" }' "$durability"
    run test "$here/brick.json"
    want_status 0
done
image=

# ---- status of several, bad input --------------------------------------------------------------------

mkdir "$here/mixed" "$here/empty"
cp "$here/uncut.json" "$here/mixed/a.json"
scenario mixed/b.json none '{ "console": { "contains": "no such text" } }'
scenario mixed/c.json none '{ "console": { "contains": "PASS" } }'
run test "$here/mixed"
want_status 1
want_out '3 scenarios: 1 pass, 1 fail, 1 inconclusive, 0 bad input; 3 runs'
scenario mixed/d.json none '{ "console": { "contain": "PASS" } }'
run test "$here/mixed" --junit "$here/mixed.xml"
want_status 2
want_out '4 scenarios: 1 pass, 1 fail, 1 inconclusive, 1 bad input; 3 runs'
want_err 'd.json:2:30: no such key: "contain": did you mean "contains"?'
grep -qF 'tests="4" failures="1" errors="2"' "$here/mixed.xml" || fail "counts of the mixed JUnit file"

# An output is none of the files that a scenario names.
cp "$firmware/kv.elf" "$here/kv.elf"
cp "$here/kv.elf" "$here/expected.bin"
cat >"$here/names.json" <<JSON
{ "name": "names", "why": "a test", "chip": "stm32l452re", "image": "kv.elf",
  "expect": [ { "flash": { "at": "0x08000000", "equals_file": "expected.bin" } } ] }
JSON
for file in names.json kv.elf expected.bin; do
    run test "$here/names.json" --json "$here/$file"
    want_status 2
    want_err "$file: is also an input"
done
cmp -s "$firmware/kv.elf" "$here/kv.elf" || fail "an output replaced an image"

# refused WORDS ARGUMENT...: one line on stderr, nothing else, nothing written.
refused() {
    words=$1
    shift
    run test "$@" --json "$here/refused.json" --junit "$here/refused.xml"
    want_status 2
    want_err "$words"
    [ "$(wc -l <"$here/err")" = 1 ] || fail "not one line: $what"
    [ -s "$here/out" ] && fail "something on stdout: $what"
    [ -e "$here/refused.json" ] || [ -e "$here/refused.xml" ] && fail "something was written: $what"
}
refused 'no scenario in this folder' "$here/empty"
refused 'missing.json: can not be opened' "$here/missing.json"
refused 'did you mean "contains"?' "$here/mixed/d.json"
refused 'no scenario: `flashsim test' --jobs 2
refused '--jobs 0: out of range: from 1 to 256' scenarios/l4/hello.json --jobs 0
refused 'no such option' scenarios/l4/hello.json --jobz
image=no_such scenario noimage.json none "$durability"
refused 'no such image: build the test firmware' "$here/noimage.json"
image=hello_sram scenario ram.json none "$durability"
refused 'linked for RAM at 0x20000000, which a power cut empties' "$here/ram.json"
scenario symbol.json none '{ "symbol": { "name": "no_such_symbol", "equals": 1 } }'
refused 'no_such_symbol' "$here/symbol.json"
scenario nocut.json '[]' "$durability"
refused 'nocut.json:2:10: no cut in this list' "$here/nocut.json"
scenario rule.json none '{ "event": { "kind": "flash.error", "rule": "L4.program.stale_flags", "count": 0 } }'
refused 'did you mean "L4.program.stale_flag"?' "$here/rule.json"
run test scenarios/l4/hello.json --firmware "$here"
want_status 2
run test "$here/uncut.json" --firmware "$(dirname "$flashsim")/firmware"
want_out "--firmware '$(dirname "$flashsim")/firmware'"

# ---- a timeline: each step leaves its event, and one that never happens is no pass ---------------------

run test scenarios/l4/kv_timeline.json --json "$here/timeline.json"
want_status 0
run replay "$(grep -o 'scenarios/l4/kv_timeline.json#[^"]*' "$here/timeline.json")" --trace "$here/timeline.jsonl"
want_status 0
[ "$(grep -c '"kind":"scenario.step"' "$here/timeline.jsonl")" = 4 ] || fail "not an event for each step: $what"
sed 's/"have boot"/"no such text"/' scenarios/l4/kv_timeline.json >"$here/never_step.json"
run test "$here/never_step.json"
want_status 3
want_out 'a debugger looks at the page'

# ---- what an earlier run left ------------------------------------------------------------------------

torn='{ "operation": "program", "nth": 37, "phase": ["late", "before"] }'
scenario left.json "$torn" '{ "console": { "contains": "PASS", "power_on": 2 } }'
run test "$here/left.json" --json "$here/left.result.json"
want_status 0
goes_on() {
    scenario goes_on.json none '{ "console": { "contains": "have boot=2", "power_on": 1 } }, { "console": { "contains": "PASS" } }' \
        ", \"flash\": $1"
}
goes_on '{ "result": "left.result.json" }'
run test "$here/goes_on.json" --json "$here/goes_on.result.json"
want_status 0
run replay "$(grep -o "$here/left.json#[^\"]*" "$here/left.result.json" | head -n 1)" --save-state "$here/state.json"
want_status 0
goes_on '{ "result": "state.json" }'
run test "$here/goes_on.json" --json "$here/from_state.json"
want_status 0
cmp "$here/goes_on.result.json" "$here/from_state.json" >/dev/null && fail "the results do not name what they start from"
grep '"trace_hash"' "$here/goes_on.result.json" >"$here/a"
grep '"trace_hash"' "$here/from_state.json" | cmp - "$here/a" || fail "a state and the result it comes from differ"
# refused_start START WORDS
refused_start() {
    goes_on "$1"
    run test "$here/goes_on.json"
    want_status 2
    want_err "$2"
    [ "$(wc -l <"$here/err")" = 1 ] || fail "not one line: $what"
}
refused_start '{ "result": "left.result.json", "run": 2 }' "--save-state FILE\` writes what it leaves"
refused_start '{ "result": "left.result.json", "run": 3 }' 'there is no run 3: there are 2'
refused_start '{ "result": "left.result.json", "scenario": "right" }' 'no scenario here is called "right"'
refused_start '{ "result": "state.json", "run": 1 }' 'one state: remove "scenario" and "run"'
refused_start '{ "result": "left.json" }' 'neither a result of `flashsim test --json` nor a state'
refused_start '{ "result": "none.json" }' 'none.json'
sed 's/"chip":	"stm32l452re"/"chip":	"stm32l476rg"/' "$here/state.json" >"$here/other_chip.json"
refused_start '{ "result": "other_chip.json" }' 'other_chip.json:3:10: the state of a stm32l476rg, not of a stm32l452re'
image=hello
refused_start '{ "result": "state.json" }' 'programs the image over it'
unset image
# The firmware of another build over the data of the old one, and the old one under other symbols.
scenario update.json none '{ "console": { "contains": "have boot=2", "power_on": 1 } }' ', "flash": { "result": "state.json" }'
sed -i 's/"firmware:kv"/{ "file": "firmware:kv_bad_ack", "load": true }/' "$here/update.json"
run test "$here/update.json"
want_status 0
sed -i 's/"load": true/"load": false/' "$here/update.json"
run test "$here/update.json"
want_status 0
run test "$here/update.json" --json "$here/state.json"
want_status 2
want_err 'state.json: is also an input'

# ---- every operation, without being told how many ----------------------------------------------------

image=flash_stall scenario each.json '{ "operation": "erase", "nth": "each", "phase": "each" }' \
    '{ "console": { "contains": "PASS", "power_on": 2 } }'
run test "$here/each.json"
want_status 0
want_out '5 runs'

[ "$failures" = 0 ] && printf 'scenarios: all is well\n'
[ "$failures" = 0 ]

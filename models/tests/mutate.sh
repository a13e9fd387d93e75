#!/bin/sh
# Plants faults in a copy of the tree, one at a time, and asks whether the tests notice.
#   mutate.sh check TREE TABLE...           every fault of the tables can be planted
#   mutate.sh run TREE TABLE WORK [ID...]   plants them (all, or these) in a copy in WORK
#   mutate.sh self-test SCRATCH             the same on a small project, where the answers are known
# Before these: --first-only asks no other tests than those that the table names, which is quick.
# The table says of itself how it is written (models/tests/mutants/l4.txt). A test counts only where it
# passed on the tree without faults and fails twice with one; a test that never ends has noticed, a fault
# that does not build or gives the same code is a mistake in the table.
# Exit: 0 the tests will do, 1 they will not, 2 the table or the tree is wrong.
set -eu
export LC_ALL=C

least=60    # faults in a table
percent=95  # of them that must be noticed
patience=60 # seconds beyond three times what the tests take otherwise, before they count as hanging
jobs=$(nproc)
others=yes  # the tests that the table does not name are asked too

say() { printf 'mutate: %s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

# --- the table ---

# read_table TABLE DIRECTORY: ids in order in `ids`; of each, ID.what, ID.in, ID.old, ID.new, ID.why.
read_table() {
    [ -f "$1" ] || die "$1: no such table"
    awk -v dir="$2" '
        function wrong(text) { printf "mutate: %s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"; failed = 1; exit 2 }
        function add(kind, text) { printf "%s%s", lines[id, kind]++ ? "\n" : "", text >(dir "/" id "." kind) }
        function finish() {
            if (id == "") return
            for (i = 1; i <= 5; i++) close(dir "/" id "." kinds[i])
            if (!lines[id, "what"] || !lines[id, "in"] || !lines[id, "old"]) wrong(id " wants a sentence, a file and a text before this line")
        }
        BEGIN { split("what in old new why", kinds); printf "" >(dir "/ids"); printf "" >(dir "/first") }
        /^#/ || /^$/ { next }
        /^first / { print substr($0, 7) >>(dir "/first"); next }
        /^fault / {
            finish()
            id = $2
            if (NF != 2 || id !~ /^[a-z0-9_.]+$/) wrong("an id is lower case letters, digits, _ and .")
            if (known[id]++) wrong(id " is there twice")
            print id >>(dir "/ids")
            next
        }
        id == "" { wrong("no fault yet: " $0) }
        /^in [^ ]+$/ { add("in", $2); next }
        /^- / { add("old", substr($0, 3)); next }
        /^\+ / { add("new", substr($0, 3)); next }
        /^unnoticed / { add("why", substr($0, 11)); next }
        lines[id, "in"] { wrong("neither - nor + nor unnoticed: " $0) }
        { add("what", $0) }
        END { if (!failed) finish() }' "$1"
}

# replace OLD NEW FILE: the text of FILE with the text in OLD replaced; 3 and how often, where that is not once.
replace() {
    awk -v old_file="$1" -v new_file="$2" '
        function slurp(name, text, line, n) {
            while ((getline line <name) > 0) text = text (n++ ? "\n" : "") line
            close(name)
            return text
        }
        BEGIN { old = slurp(old_file); new = slurp(new_file) }
        { all = all $0 "\n" }
        END {
            for (rest = all; (at = index(rest, old)) > 0; rest = substr(rest, at + length(old))) {
                if (!count++) position = at
            }
            if (count != 1) { print count + 0; exit 3 }
            printf "%s%s%s", substr(all, 1, position - 1), new, substr(all, position + length(old))
        }' "$3"
}

# Complains of each fault that can not be planted in the tree.
can_be_planted() {
    bad=0
    while read -r id; do
        file=$(cat "$faults/$id.in")
        [ -e "$faults/$id.new" ] || : >"$faults/$id.new"
        if [ ! -f "$2/$file" ]; then
            say "$1: $id: no such file: $file"
            bad=1
        elif ! replace "$faults/$id.old" "$faults/$id.new" "$2/$file" >"$faults/planted"; then
            say "$1: $id: its text is $(cat "$faults/planted") times in $file, not once"
            bad=1
        elif cmp -s "$faults/planted" "$2/$file"; then
            say "$1: $id: the new text is the old one"
            bad=1
        fi
    done <"$faults/ids"
    count=$(wc -l <"$faults/ids")
    if [ "$count" -lt "$least" ]; then
        say "$1: $count faults, wanted are $least"
        bad=1
    fi
    [ "$bad" = 0 ]
}

check() {
    tree=$1
    shift
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 2' INT TERM
    for table in "$@"; do
        faults=$scratch/$(basename "$table" .txt)
        mkdir "$faults"
        read_table "$table" "$faults" || exit 2
        can_be_planted "$table" "$tree" || exit 2
        echo "mutate: $table: $count faults can be planted"
    done
}

# --- running ---

running=
stop() {
    [ -z "$running" ] || kill "$running" 2>/dev/null || true
    exit 2
}

# In the background, so that Ctrl-C is heard at once.
run_tests() {
    limit=$1
    shift
    rm -f "$build/Testing/Temporary/LastTestsFailed.log"
    timeout -k 5 "$limit" ctest --test-dir "$build" -j "$jobs" --output-on-failure "$@" >"$work/test.log" 2>&1 &
    running=$!
    status=0
    wait "$running" || status=$?
    running=
    return "$status"
}

build_targets() { cmake --build "$build" -j "$jobs" "$@" >"$work/build.log" 2>&1; }

near_tests() { run_tests "$@" -R "^($first)\$"; }
# Tests that read the sources would notice the text of a fault, not the fault.
far_tests() { run_tests "$@" -E "^($first)\$" -LE '^tidy$'; }

build_near() {
    # shellcheck disable=SC2046
    build_targets --target $(cat "$work/near")
}

# stage NAME: what passes without a fault, and how long that takes.
baseline() {
    started=$(date +%s)
    "$1_tests" 3600 || { cat "$work/test.log" >&2; die "the tree does not pass its tests without any fault"; }
    eval "$1_limit=$((patience + 3 * ($(date +%s) - started)))"
    sed -n 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: \([^ ]*\) .*Passed .*/\1/p' "$work/test.log" >"$work/$1.passed"
    [ -s "$work/$1.passed" ] || die "no test is called $first"
}

prepare() {
    mkdir -p "$work"
    exec 9>"$work/lock"
    flock -n 9 || die "another one is running in $work"
    rm -rf "$copy" "$faults"
    mkdir -p "$copy" "$faults"
    (cd "$tree" && tar -c --exclude=./build --exclude='./build-*' --exclude=./.git .) | tar -x -C "$copy"
    read_table "$table" "$faults" || exit 2
    can_be_planted "$table" "$copy" || exit 2
    first=$(tr " \n" "||" <"$faults/first" | sed "s,|$,,")
    # What an earlier run left built with a fault must not stay.
    while read -r id; do touch "$copy/$(cat "$faults/$id.in")"; done <"$faults/ids"
    cmake -S "$copy" -B "$build" -G Ninja -DCMAKE_C_COMPILER=gcc -DCMAKE_C_FLAGS=-O1 -DCMAKE_BUILD_TYPE= \
        >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; die "cmake fails on the tree without any fault"; }
    ctest --test-dir "$build" -N -R "^($first)\$" | sed -n 's/^ *Test *#[0-9]*: //p' >"$work/near"
    [ -s "$work/near" ] || die "no test is called $first"
    say "building the tree without faults"
    build_near || { cat "$work/build.log" >&2; die "the tree does not build without any fault"; }
    baseline near
    rm -f "$work/far.passed"
    # To tell a fault that changes nothing.
    rm -rf "$objects"
    while read -r id; do
        file=$(cat "$faults/$id.in")
        object=$(object_of "$file")
        mkdir -p "$objects/$(dirname "$file")"
        [ -z "$object" ] || cp "$object" "$objects/$file.o"
    done <"$faults/ids"
}

# The other tests are built and looked at when the first fault comes that far.
prepare_far() {
    [ ! -e "$work/far.passed" ] || return 0
    say "building all tests"
    cp "$work/original" "$copy/$file"
    build_targets || { cat "$work/build.log" >&2; die "the tree does not build without any fault"; }
    baseline far
    cp "$work/planted" "$copy/$file"
}

object_of() { find "$build" -path "*/$1.o" ! -path "$build/Testing/*" | head -n 1; }

# A name and, where cmocka tells it, the test inside.
who() {
    inside=$(awk -v name="$1" '/^[0-9]+\/[0-9]+ Testing: / { here = $NF == name }
        here && /^\[  FAILED  \] [a-z]/ { print $4; exit }' "$build/Testing/Temporary/LastTest.log")
    how=
    ! grep -q "$1 .*\*\*\*Timeout" "$work/test.log" || how=" (does not end)"
    printf '%s%s%s' "$1" "${inside:+: $inside}" "$how"
}

# noticed STAGE: sets `noticer` when a test that passed before fails now, and fails again.
noticed() {
    eval "limit=\$$1_limit"
    noticer=
    for attempt in 1 2; do
        status=0
        "$1_tests" "$limit" --stop-on-failure || status=$?
        [ "$status" != 0 ] || return 1
        if [ "$status" = 124 ] || [ "$status" = 137 ]; then
            noticer="$(sed -n 's/^ *Start *[0-9]*: //p' "$work/test.log" | while read -r name; do
                grep -q "Test *#[0-9]*: $name " "$work/test.log" || echo "$name"
            done | paste -s -d ' ') (does not end)"
            return 0
        fi
        # shellcheck disable=SC2013
        for name in $(sed 's/^[0-9]*://' "$build/Testing/Temporary/LastTestsFailed.log" 2>/dev/null); do
            grep -qxF "$name" "$work/$1.passed" || continue
            text=$(who "$name")
            if ! run_tests "$limit" -R "^$name\$"; then
                noticer=$text
                return 0
            fi
            say "$id: $name failed once and not again (attempt $attempt): not counted"
        done
    done
    return 1
}

try_fault() {
    file=$(cat "$faults/$id.in")
    cp "$copy/$file" "$work/original"
    object=$(object_of "$file")
    replace "$faults/$id.old" "$faults/$id.new" "$work/original" >"$work/planted"
    cp "$work/planted" "$copy/$file"
    build_near || { grep -E 'error|undefined' "$work/build.log" >&2; die "$id: does not build"; }
    if [ -n "$object" ] && cmp -s "$object" "$objects/$file.o"; then
        die "$id: the compiler makes the same code of it"
    fi
    found=1
    if ! noticed near; then
        found=0
    fi
    if [ "$found$others" = 0yes ]; then
        prepare_far
        build_targets || { grep -E 'error|undefined' "$work/build.log" >&2; die "$id: does not build"; }
        ! noticed far || found=1
    fi
    # Newer than what was built with the fault, whatever the original's age.
    cp "$work/original" "$copy/$file"
}

run() {
    tree=$1
    table=$2
    mkdir -p "$3"
    work=$(cd "$3" && pwd)
    shift 3
    copy=$work/tree
    build=$work/build
    faults=$work/faults
    objects=$work/objects
    trap stop INT TERM HUP
    began=$(date +%s)
    prepare
    for id in "$@"; do
        grep -qxF "$id" "$faults/ids" || die "$table: no fault is called $id"
    done
    [ $# = 0 ] || printf '%s\n' "$@" >"$work/chosen"
    [ $# != 0 ] || cp "$faults/ids" "$work/chosen"
    planted=0
    caught=0
    unjustified=0
    while read -r id <&3; do
        try_fault
        planted=$((planted + 1))
        if [ "$found" = 1 ]; then
            caught=$((caught + 1))
            printf 'noticed   %-34s %s\n' "$id" "$noticer"
            [ ! -e "$faults/$id.why" ] || say "$id: is noticed now: its 'unnoticed' can go"
        else
            printf 'SURVIVED  %-34s %s\n' "$id" "$(cat "$faults/$id.what")"
            if [ -e "$faults/$id.why" ]; then
                printf '          justified: %s\n' "$(cat "$faults/$id.why")"
            else
                unjustified=$((unjustified + 1))
            fi
        fi
    done 3<"$work/chosen"
    word=pass
    [ "$unjustified" = 0 ] || word=FAIL
    if [ $# = 0 ] && [ $((caught * 100)) -lt $((planted * percent)) ]; then word=FAIL; fi
    printf 'dev mutate: %s: %s: %d faults planted, %d noticed (%d.%d %%), %d survived, %d of them without a justification; %d s\n' \
        "$word" "$(basename "$table" .txt)" "$planted" "$caught" $((caught * 100 / planted)) \
        $((caught * 1000 / planted % 10)) $((planted - caught)) "$unjustified" $(($(date +%s) - began))
    [ "$word" = pass ]
}

# --- self-test ---

# A project of one function and three tests; what becomes of each fault is known.
toy() {
    mkdir -p "$scratch/toy"
    cat >"$scratch/toy/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.25)
project(toy LANGUAGES C)
enable_testing()
add_library(toy STATIC toy.c)
foreach(name IN ITEMS near far odd)
    add_executable(${name} ${name}.c)
    target_link_libraries(${name} PRIVATE toy)
    add_test(NAME ${name} COMMAND ${name})
endforeach()
add_test(NAME text COMMAND grep -q "a + 1" ${PROJECT_SOURCE_DIR}/toy.c)
set_tests_properties(text PROPERTIES LABELS tidy)
TEXT
    cat >"$scratch/toy/toy.c" <<'TEXT'
int clamp(int a);
int unused(int a);
static int low = 0;
int clamp(int a)
{
    if (a > 9)
        return 9;
    while (a < low)
        a++;
    return a;
}
int unused(int a)
{
    return a + 1;
}
TEXT
    echo 'int clamp(int a); int main(void) { return clamp(10) != 9; }' >"$scratch/toy/near.c"
    echo 'int clamp(int a); int main(void) { return clamp(-1) != 0; }' >"$scratch/toy/far.c"
    # Fails the first time that it sees a certain fault, and only then.
    cat >"$scratch/toy/odd.c" <<TEXT
#include <stdio.h>
int clamp(int a);
int main(void)
{
    if (clamp(5) == 5)
        return 0;
    FILE *seen = fopen("$scratch/seen", "r");
    if (seen)
        return 0;
    fopen("$scratch/seen", "w");
    return 1;
}
TEXT
}

# expect STATUS TEXT TABLE-TEXT [ID...]: a run over such a table ends so and says so.
expect() {
    wanted=$1
    text=$2
    printf 'first near\n%s\n' "$3" >"$scratch/table.txt"
    shift 3
    got=0
    # shellcheck disable=SC2086
    sh "$0" --least 1 --patience 3 $only run "$scratch/toy" "$scratch/table.txt" "$scratch/work" "$@" \
        >"$scratch/out" 2>&1 || got=$?
    expected=$((expected + 1))
    if [ "$got" != "$wanted" ] || ! grep -qF "$text" "$scratch/out"; then
        echo "self-test: status $got, not $wanted, or no '$text' in:"
        cat "$scratch/out"
        missed=$((missed + 1))
    fi
}

fault() { printf 'fault %s\nOne sentence.\nin toy.c\n- %s\n+ %s\n' "$1" "$2" "$3"; }

self_test() {
    scratch=$1
    rm -rf "$scratch"
    mkdir -p "$scratch"
    scratch=$(cd "$scratch" && pwd)
    expected=0
    missed=0
    only=
    toy
    near=$(fault near 'return 9;' 'return 8;')
    far=$(fault far 'a < low' 'a < low - 1')
    unseen=$(fault unseen 'a + 1' 'a + 2')
    expect 0 'noticed   near                               near' "$near"
    expect 0 'noticed   far                                far' "$far"
    only=--first-only
    expect 1 'SURVIVED  far' "$far"
    only=
    expect 0 'near (does not end)' "$(fault hang 'return 9;' 'for (;;) low++;')"
    expect 1 'SURVIVED  unseen' "$unseen"
    expect 1 '2 faults planted, 1 noticed (50.0 %), 1 survived, 0 of them without' "$near
$unseen
unnoticed Nobody calls it."
    expect 0 '1 faults planted, 0 noticed (0.0 %), 1 survived, 0 of them without' "$near
$unseen
unnoticed Nobody calls it." unseen
    expect 0 "unnoticed' can go" "$near
unnoticed It is not so."
    expect 1 'odd failed once and not again' "$(fault odd 'return a;' 'return a == 5 ? 6 : a;')"
    expect 2 'build: does not build' "$(fault build 'return 9;' 'return nine;')"
    expect 2 'same: the compiler makes the same code of it' "$(fault same 'return 9;' 'return 4 + 5;')"
    expect 2 'absent: its text is 0 times in toy.c, not once' "$(fault absent 'return 7;' 'return 9;')"
    expect 2 'double: its text is 2 times in toy.c, not once' "$(fault double 'int unused(int a)' 'x')"
    expect 2 'equal: the new text is the old one' "$(fault equal 'return 9;' 'return 9;')"
    expect 2 'near is there twice' "$near
$near"
    expect 2 'no fault is called other' "$near" other
    expect 2 'wants a sentence, a file and a text' 'fault empty'
    sed 's/return 9;/return 7;/' "$scratch/toy/toy.c" >"$scratch/changed" && cp "$scratch/changed" "$scratch/toy/toy.c"
    expect 2 'does not pass its tests without any fault' "$(fault broken 'return 7;' 'return 9;')"
    echo "mutate self-test: $expected runs, $missed not as expected"
    [ "$missed" = 0 ]
}

while [ $# -gt 1 ]; do
    case $1 in
        --least) least=$2; shift 2 ;;
        --patience) patience=$2; shift 2 ;;
        --first-only) others=; shift ;;
        *) break ;;
    esac
done
case ${1:-} in
    check) shift; check "$@" ;;
    run) shift; run "$@" ;;
    self-test) self_test "$2" ;;
    *) die "check TREE TABLE..., run TREE TABLE WORK [ID...] or self-test SCRATCH" ;;
esac

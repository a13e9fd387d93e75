#!/bin/sh
# PITFALLS_L4.md has the 47 rows in order, and every test it names is one that its file runs.
# usage: pitfalls_md.sh TABLE DIRECTORY...
set -eu
table=$1
shift
bad=0
say() { printf '%s: %s\n' "$table" "$1" >&2; bad=1; }

rows=$(sed -n 's/^| \([0-9][0-9]*\) | .*/\1/p' "$table" | tr '\n' ' ')
[ "$rows" = "$(seq 47 | tr '\n' ' ')" ] || say "rows are not 1 to 47 but: $rows"

# row, file, test: one line each
named=$(sed 's/\\|/ /g' "$table" | awk -F ' [|] ' '/^[|] [0-9]/ {
    row = substr($1, 3); last = $NF; sub(/ [|]$/, "", last)
    if (NF != 4) print row, "-", "-"
    n = split(last, group, /; */)
    for (i = 1; i <= n; i++) {
        colon = index(group[i], ": ")
        file = colon ? substr(group[i], 1, colon - 1) : "-"
        m = split(substr(group[i], colon ? colon + 2 : 1), name, /, */)
        for (j = 1; j <= m; j++) print row, file, name[j]
    }
}')
while read -r row file name; do
    found=
    for directory in "$@"; do
        [ -f "$directory/$file" ] && found=$directory/$file
    done
    if [ -z "$found" ]; then
        say "row $row: no such file of tests: $file"
    elif ! grep -q "cmocka_unit_test($name)" "$found"; then
        say "row $row: $file runs no test $name"
    fi
done <<NAMED
$named
NAMED
exit $bad

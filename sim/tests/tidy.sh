#!/bin/sh
# The shape of the tree as a test: who includes whom, calls that are banned, models that cite sources,
# rules that are listed. `tidy.sh TREE` prints one line for each breach; `tidy.sh TREE --self-test`
# plants a breach of each kind in a copy and wants to hear of it.
set -eu
export LC_ALL=C
tree=${1:?usage: tidy.sh TREE [--self-test]}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

sources() { find "$@" -name '*.[chS]' | sort; }

# "path:line:code", without comments and what is inside quotes.
code_of() {
    # shellcheck disable=SC2046
    awk '
        FNR == 1 { in_comment = 0 }
        {
            rest = $0; code = ""
            while (rest != "") {
                if (in_comment) {
                    end = index(rest, "*/")
                    if (!end) break
                    rest = substr(rest, end + 2); in_comment = 0
                } else if (match(rest, /\/\*|\/\/|"|\047/)) {
                    code = code substr(rest, 1, RSTART - 1)
                    opening = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
                    if (opening == "/*") in_comment = 1
                    else if (opening == "//") break
                    else {
                        code = code opening opening
                        while (rest != "") {
                            letter = substr(rest, 1, 1)
                            rest = substr(rest, letter == "\\" ? 3 : 2)
                            if (letter == opening) break
                        }
                    }
                } else { code = code rest; rest = "" }
            }
            print FILENAME ":" FNR ":" code
        }' $(sources sim models firmware_under_test) >"$scratch/code"
}

# The table of the style guide. A library's header belongs to the files that wrap it.
includes() {
    # shellcheck disable=SC2046
    grep -nE '^ *# *include' $(sources sim models firmware_under_test) | awk '
        function one_of(word, list) { return index(" " list " ", " " word " ") > 0 }
        BEGIN {
            plain = "assert.h inttypes.h limits.h stdbool.h stddef.h stdint.h stdlib.h string.h strings.h"
            c = plain " ctype.h errno.h math.h stdarg.h stdio.h"
            posix = c " dirent.h fcntl.h getopt.h poll.h signal.h sys/stat.h sys/types.h sys/wait.h unistd.h"
            tests = posix " setjmp.h time.h cmocka.h sys/mman.h sys/resource.h"
            from_models = "models/chip.h models/board.h models/rules.h models/flash.h models/flash_array.h models/flash_phase.h"
            owner["unicorn/unicorn.h"] = "^sim/(cpu_unicorn|tests/(test_cpu_unicorn|test_backtrace|bench_speed))[.]c$"
            owner["cjson/cJSON.h"] = "^sim/(scenario[a-z_]*|result[a-z_]*|flash_state|suite_json|run_summary|command_[a-z]+|board_file|json_text)[.]c$"
            owner["gelf.h"] = owner["elf.h"] = "^sim/(image|debug_info)[.]c$"
            owner["elfutils/libdw.h"] = owner["elfutils/libdwfl.h"] = owner["dwarf.h"] = "^sim/debug_info[.]c$"
            owner["capstone/capstone.h"] = "^sim/disassemble[.]c$"
            owner["sys/socket.h"] = owner["netinet/in.h"] = owner["arpa/inet.h"] = owner["termios.h"] = \
                "^sim/(gdb_server|jtag_server|uart_pty)[.]c$"
            owner["time.h"] = "^sim/command_[a-z]+[.]c$"
        }
        {
            split($0, part, ":")
            path = part[1]
            name = $0; sub(/^[^"<]*["<]/, "", name); sub(/[">].*/, "", name)
            ours = $0 ~ /include *"/
            in_tests = path ~ /\/tests\//
            if (path ~ /^firmware_under_test\//)
                ok = ours ? name !~ /^(sim|models)\// : one_of(name, plain " stdarg.h stdio.h errno.h sys/stat.h")
            else if (!ours && name in owner)
                ok = path ~ owner[name] || (in_tests && name ~ /elf[.]h$|time[.]h|cJSON/)
            else if (in_tests)
                ok = ours ? name !~ /_regs[.]h$/ : one_of(name, tests)
            else if (path ~ /^sim\/core\//)
                ok = ours ? name ~ /^sim\/core\// : one_of(name, c)
            else if (path ~ /^models\//)
                ok = ours ? name ~ /^(sim\/core|models)\// : one_of(name, plain)
            else
                ok = ours ? name ~ /^sim\/[^\/]*$|^sim\/core\// || one_of(name, from_models) : one_of(name, posix)
            if (!ok) print path ":" part[2] ": includes " name ", which is not for this file"
        }'
}

# calls PATHS NAMES WHY: a call in a file whose path matches.
calls() {
    grep -E "^$1" "$scratch/code" |
        grep -E "^[^:]*:[0-9]+:(|.*[^_[:alnum:].>])($2) *\(" |
        sed -E "s/^([^:]*:[0-9]+):.*/\1: $3/"
}

banned_calls() {
    calls '(sim|models|firmware_under_test)/' \
        'strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|alloca' \
        'a call that can not tell of an error or of too little room'
    calls '(sim|models)/(core/)?[a-z0-9_]+[.]' 'system|popen|exec[lv][ep]*' 'no other program is needed to run'
    calls '(sim|models)/' 'rand|srand|random|srandom|drand48|getrandom|arc4random|time|gettimeofday|localtime|gmtime' \
        'a host clock or randomness: sim\/core has both, seeded'
    calls '(models|sim/core)/[a-z0-9_]+[.]' '[a-z]*printf|puts|fopen|getenv|clock_gettime|exit|abort' \
        'models speak through events only' | grep -v '^sim/core/error[.]c:'
    calls 'models/[a-z0-9_]+[.]' 'malloc|calloc|realloc|free' \
        'memory is made when a chip is made, or a snapshot of it' |
        grep -vE '^models/(chip|flash_array|flash_array_snapshot)[.]c:'
    grep -E '^models/[a-z0-9_]+[.]c:[0-9]+: *# *(if|else|elif)' "$scratch/code" |
        sed -E 's/^([^:]*:[0-9]+):.*/\1: conditional compilation inside a model/'
}

# Files that hold no fact of the hardware need no source.
citations() {
    for file in models/*.c; do
        case $file in
            models/chip.c | models/cycle_count.c | models/flash.c | models/flash_cells.c | models/flash_array_snapshot.c | models/rules.c | models/unmodelled.c) continue ;;
        esac
        tr '\n' ' ' <"$file" | sed 's/ \* / /g' |
            grep -qE 'RM0[0-9]{3}|([Ll]4|[Cc]ore|[Bb]oot) +sheet|DDI 0403|CMSIS device|UM[0-9]{4}' ||
            echo "$file: cites no manual and no data sheet"
    done
}

rules() {
    # shellcheck disable=SC2046
    grep -noE '"[A-Z][A-Z0-9]*\.[a-z][a-z0-9_]*(\.[a-z0-9_]+)*"' /dev/null models/*.[ch] sim/*.[ch] sim/core/*.[ch] |
        sed 's/"//g' | grep -vE '\.(md|c|h|json)$' |
        while IFS=: read -r file line id; do
            grep -qE "(\||,|switch) $id( \||,|;)" models/RULES.md || echo "$file:$line: rule $id is not in models/RULES.md"
        done
    grep -hoE '^static void [a-z0-9_]+\(void \*\*' sim/tests/*.c sim/core/tests/*.c models/tests/*.c |
        sed -E 's/static void ([a-z0-9_]+).*/\1/' | sort -u >"$scratch/tests"
    awk -F'|' '/^\|/ { print $(NF - 1) }' models/RULES.md | tr ',' '\n' | tr -d ' `' |
        grep -vE '^-*$|^test$' | sort -u | comm -23 - "$scratch/tests" |
        sed 's/.*/models\/RULES.md: no test is called &/'
}

text() {
    # A path of somebody's machine; a note to self without an issue.
    find . -path './build*' -prune -o -path ./.git -prune -o -type f -print | sed 's/^..//' | sort |
        xargs -d '\n' grep -nIE '/(home|work|Users|tmp/[a-z]+_jobs)/' |
        grep -v '^sim/tests/tidy.sh:' | sed -E 's/^([^:]*:[0-9]+):.*/\1: a path of one machine/'
    # shellcheck disable=SC2046
    grep -nE '(TODO|FIXME)' $(sources sim models firmware_under_test) |
        grep -vE '(TODO|FIXME) \(issue [0-9]+\)' | sed -E 's/^([^:]*:[0-9]+):.*/\1: a TODO without an issue/'
    grep -E '^[^:]*:[0-9]+: *typedef +(struct|union|enum)' "$scratch/code" |
        sed -E 's/^([^:]*:[0-9]+):.*/\1: a typedef that hides a struct/'
    grep -n 'NDEBUG' CMakePresets.json | sed -E 's/^([0-9]+):.*/CMakePresets.json:\1: asserts stay on/'
}

top_level() {
    find . -mindepth 1 -maxdepth 1 ! -name 'build' ! -name 'build-*' ! -name .git | sed 's/^..//' | sort |
        while read -r entry; do
            case $entry in
                .ci | .clang-format | .gitignore | CMakeLists.txt | CMakePresets.json | LICENSE | README.md | \
                dev | sim | models | firmware_under_test | scenarios | reports | fuzz-failure) ;;
                *) echo "$entry: not a top-level entry of the style guide's tree" ;;
            esac
        done
    for entry in README.md LICENSE dev models/RULES.md firmware_under_test/README.md; do
        [ -e "$entry" ] || echo "$entry: is missing"
    done
    # Links of the front door lead somewhere.
    grep -oE '\]\([^)#:]+\)' README.md 2>/dev/null | sed 's/^](//; s/)$//' | while read -r link; do
        [ -e "$link" ] || echo "README.md: links to $link, which is not there"
    done
}

check() {
    cd "$1"
    code_of
    { includes; banned_calls; citations; rules; text; top_level; } >"$scratch/breaches" || true
    sort -u "$scratch/breaches"
    [ ! -s "$scratch/breaches" ]
}

# plant FILE TEXT WANTED: TEXT appended to a copy of the tree must give a breach that holds WANTED.
plant() {
    planted=$((planted + 1))
    if [ -e "$copy/$1" ]; then cp "$copy/$1" "$scratch/kept"; else rm -f "$scratch/kept"; fi
    printf '%s\n' "$2" >>"$copy/$1"
    if found=$(check "$copy"); then
        echo "self-test: $1 with '$2' passed"
        missed=$((missed + 1))
    elif ! printf '%s\n' "$found" | grep -qF "$3"; then
        echo "self-test: $1 with '$2' gave '$found', not '$3'"
        missed=$((missed + 1))
    fi
    if [ -e "$scratch/kept" ]; then cp "$scratch/kept" "$copy/$1"; else rm "$copy/$1"; fi
}

self_test() {
    copy=$scratch/copy
    planted=0
    missed=0
    mkdir "$copy"
    (cd "$tree" && tar -c --exclude=./build --exclude='./build-*' --exclude=./.git .) | tar -x -C "$copy"
    plant models/usart.c '#include <stdio.h>' 'includes stdio.h'
    plant models/usart.c '#include "sim/machine.h"' 'includes sim/machine.h'
    plant models/tests/test_usart.c '#include "models/usart_regs.h"' 'includes models/usart_regs.h'
    plant sim/core/clock.c '#include "models/chip.h"' 'includes models/chip.h'
    plant sim/core/clock.h '#include <time.h>' 'includes time.h'
    plant sim/machine.c '#include "models/flash_l4.h"' 'includes models/flash_l4.h'
    plant sim/machine.c '#include <unicorn/unicorn.h>' 'includes unicorn/unicorn.h'
    plant sim/console.c '#include <capstone/capstone.h>' 'includes capstone/capstone.h'
    plant firmware_under_test/hello/main.c '#include "models/usart_regs.h"' 'includes models/usart_regs.h'
    plant sim/image.c 'void f(char *a) { strcpy(a, ""); }' 'can not tell of an error'
    plant sim/image.c 'long f(void) { return time(0); }' 'a host clock'
    plant models/gpio.c 'void f(void) { puts(""); }' 'events only'
    plant models/gpio.c 'void *f(void) { return malloc(1); }' 'memory is made when'
    plant models/gpio.c '#ifdef TEST' 'conditional compilation'
    plant models/planted.c 'int planted;' 'cites no manual'
    plant models/gpio.c 'const char *f = "L4.planted.rule";' 'rule L4.planted.rule'
    plant models/RULES.md '| L4 1 | planted | | modelled | planted_test |' 'no test is called planted_test'
    plant sim/image.c "// see /ho""me/someone" 'a path of one machine'
    plant sim/image.c "// TO""DO: later" 'a TODO without'
    plant sim/image.h 'typedef struct image image_t;' 'hides a struct'
    plant utils.c 'int planted;' 'not a top-level entry'
    plant README.md '[planted](planted.md)' 'links to planted.md'
    # What looks like a breach and is none.
    planted=$((planted + 1))
    printf '%s\n' '/* strcpy(a, b) */' 'const char *quoted = "time(";' 'int my_time(int);' >>"$copy/sim/image.c"
    if ! check "$copy" >/dev/null; then
        echo "self-test: a comment, a string or a longer name counted as a call"
        missed=$((missed + 1))
    fi
    echo "tidy self-test: $planted planted, $missed missed"
    [ "$missed" = 0 ]
}

if [ "${2:-}" = --self-test ]; then
    self_test
elif (check "$tree"); then
    echo "tidy: clean"
else
    exit 1
fi

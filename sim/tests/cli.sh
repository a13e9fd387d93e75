#!/bin/sh
# The program from the outside: bad input, exit status, consoles, reports, files.
# usage: cli.sh FLASHSIM FIRMWARE_DIR
set -u
flashsim=$1
firmware=$2
LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$(cd "$(dirname "$0")" && pwd)/lsan.supp:print_suppressions=0}
export LSAN_OPTIONS
tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
failures=0
chip="--chip stm32l452re"

fail() {
    printf 'FAIL: %s\n' "$*"
    [ -s out ] && sed 's/^/  out: /' out | head -n 20
    [ -s err ] && sed 's/^/  err: /' err | head -n 40
    failures=$((failures + 1))
}

# Runs with output in `out` and `err`, status in $status.
run() {
    "$flashsim" "$@" >out 2>err </dev/null
    status=$?
}

want_status() { [ "$status" = "$1" ] || fail "status $status, not $1: $what"; }
want_out() { grep -qF -- "$1" out || fail "no \"$1\" on stdout: $what"; }
want_err() { grep -qF -- "$1" err || fail "no \"$1\" on stderr: $what"; }

# refused FIRST-WORDS ARGUMENT...: status 2, one line on stderr that begins so, nothing else anywhere.
refused() {
    words=$1
    shift
    what="refused: $*"
    before=$(ls -A)
    run "$@"
    want_status 2
    [ "$(wc -l <err)" = 1 ] || fail "not one line: $what"
    [ -s out ] && fail "something on stdout: $what"
    case $(cat err) in
        "flashsim: $words"*) ;;
        *) fail "does not begin with \"$words\": $what" ;;
    esac
    [ "$(ls -A)" = "$before" ] || fail "left something behind: $(ls -A): $what"
}

# ---- bad input -----------------------------------------------------------------------------------

: >out; : >err
hello=$firmware/hello.elf
head -c 1000 "$hello" >truncated.elf
head -c 40 "$hello" >header.elf
cp /bin/sh host.elf
: >empty.bin
printf ':020000040800F2\n:04000000000102030A\n:00000001FF\n' >checksum.hex
printf ':020000040800F2\n:0400000000010203F6\n:10000400AABB' >cut.hex
printf ':020000040900F1\n:0400000000010203F6\n:00000001FF\n' >outside.hex
head -c 64 /dev/zero >zeros.bin
head -c 4096 /dev/zero >short.bin
outputs="--trace trace.jsonl --json result.json --save-flash flash.bin"

refused truncated.elf run truncated.elf $chip $outputs
refused header.elf run header.elf $chip $outputs
refused host.elf run host.elf $chip $outputs
refused empty.bin run empty.bin $chip $outputs
refused checksum.hex:2: run checksum.hex $chip $outputs
refused cut.hex: run cut.hex $chip $outputs
refused outside.hex: run outside.hex $chip $outputs
refused missing.elf: run missing.elf $chip $outputs
refused "$here" run "$here" $chip $outputs
refused zeros.bin: run zeros.bin $chip --at 0x20030000 $outputs
refused zeros.bin: run zeros.bin $chip --at 0x40000000 $outputs
refused zeros.bin: run zeros.bin $chip --at 0x0807FFF0 $outputs
refused short.bin: run "$hello" $chip --flash short.bin $outputs
refused missing.bin: run "$hello" $chip --flash missing.bin $outputs
refused "$hello (0x08000000" run "$hello" zeros.bin $chip $outputs
refused "$hello (0x08000000" run "$hello" "$hello" $chip $outputs
refused '--chip stm32f407:' run "$hello" --chip stm32f407 $outputs
refused '--chip is missing' run "$hello" $outputs
refused 'no image' run $chip $outputs
refused '--time 2x:' run "$hello" $chip --time 2x $outputs
refused '--time 0s:' run "$hello" $chip --time 0s $outputs
refused '--at 0x:' run zeros.bin $chip --at 0x $outputs
refused '--at: no BIN' run "$hello" $chip --at 0x08000000 $outputs
refused '--at 0x100000000:' run zeros.bin $chip --at 0x100000000 $outputs
refused '--seed -1:' run "$hello" $chip --seed -1 $outputs
refused '--boot rom:' run "$hello" $chip --boot rom $outputs
refused '--timing slow:' run "$hello" $chip --timing slow $outputs
refused '--caches on:' run "$hello" $chip --caches on $outputs
refused '--console usart9:' run "$hello" $chip --console usart9 $outputs
refused '--console ,: a name is missing' run "$hello" $chip --console , $outputs
refused '--gdb :3333:' run "$hello" $chip --gdb :3333 $outputs
refused '--fast:' run "$hello" $chip --fast $outputs
refused '--chip: a value' run "$hello" --chip
refused '--until PASS:' run "$hello" $chip --until PASS $outputs
refused '--until console:' run "$hello" $chip --until console: $outputs
refused '--until event:flash.gone:' run "$hello" $chip --until event:flash.gone $outputs
refused '--until sym:reset_count:' run "$hello" $chip --until sym:reset_count $outputs
refused '--until no_such_symbol: ' run "$hello" $chip --until sym:no_such_symbol==1 $outputs
refused '--until no_such_symbol: ' run "$hello" $chip --until pc:no_such_symbol $outputs
refused '--board nowhere:' run "$hello" $chip --board nowhere $outputs
refused '--board nucleo-l476rg:' run "$hello" $chip --board nucleo-l476rg $outputs
refused '--files none:' run "$hello" $chip --files none $outputs
refused none/trace.jsonl: run "$hello" $chip --trace none/trace.jsonl
refused none/result.json: run "$hello" $chip --trace trace.jsonl --json none/result.json
refused none/flash.bin: run "$hello" $chip --trace trace.jsonl --save-flash none/flash.bin
# A dump and option bytes: each may be brought up to date in its own file, and only there.
head -c 128 /dev/zero >option.bin
head -c 127 /dev/zero >short_option.bin
head -c 524288 /dev/zero | tr '\0' '\377' >erased.bin
refused missing.bin: run "$hello" $chip --option-bytes missing.bin $outputs
refused "$here: can not be read" run "$hello" $chip --option-bytes "$here" $outputs
refused 'short_option.bin: not 128 bytes' run "$hello" $chip --option-bytes short_option.bin $outputs
refused 'erased.bin: not 128 bytes' run "$hello" $chip --option-bytes erased.bin $outputs
refused 'empty.bin: not 128 bytes' run "$hello" $chip --option-bytes empty.bin $outputs
refused none/option.bin: run "$hello" $chip --trace trace.jsonl --save-option-bytes none/option.bin
refused "$here: can not be written" run "$hello" $chip --trace trace.jsonl --save-option-bytes "$here"
refused "$hello: is also an input" run "$hello" $chip --save-option-bytes "$hello"
refused 'option.bin: is also an input' run "$hello" $chip --option-bytes option.bin --save-flash option.bin
refused 'option.bin: is also an input' run "$hello" $chip --option-bytes option.bin --trace option.bin
refused 'erased.bin: is also an input' run "$hello" $chip --flash erased.bin --save-option-bytes erased.bin
refused 'both.bin: is named for two' run "$hello" $chip --save-flash both.bin --save-option-bytes both.bin

# Presses, and what is too long or too large is not called malformed.
for press in B1 B1@ @1s B1@5 B1@1s+ B1@1s+x B1@1.5.5s 'B1@ 1s'; do
    refused "--press $press: write a button" run "$hello" $chip --press "$press" $outputs
done
refused '--press B9: nucleo-l452re has no button of this name, but B1' run "$hello" $chip --press B9@1s
refused '--press LD2:' run "$hello" $chip --press LD2@1s $outputs
refused '--press B1: nucleo-l432kc has no button:' run "$hello" --board nucleo-l432kc --press B1@1s
refused '--press B1@8640001s: 8640001s: too long: at most 8640000s' run "$hello" $chip --press B1@8640001s
refused '--press B1@1s+0s: 0s: too short' run "$hello" $chip --press B1@1s+0s
refused '--time 8640001s: too long: at most 8640000s' run "$hello" $chip --time 8640001s
refused '--time 99999999999999999999999s: too long' run "$hello" $chip --time 99999999999999999999999s
refused '--time 99999999999999999999999x: not a duration' run "$hello" $chip --time 99999999999999999999999x
refused '--seed 99999999999999999999: too large: at most 0xFFFFFFFFFFFFFFFF' \
    run "$hello" $chip --seed 99999999999999999999
refused '--seed 9x: not a number' run "$hello" $chip --seed 9x
refused '--at 0x100000000: too large' run zeros.bin $chip --at 0x100000000
refused '--until time:8640001s: too long' run "$hello" $chip --until time:8640001s
refused '--until pc:0x100000000: the address is too large' run "$hello" $chip --until pc:0x100000000
refused '--until sym:reset_count==0x100000000: the value is too large' \
    run "$hello" $chip --until sym:reset_count==0x100000000
refused '--jobs 257: out of range: from 1 to 256' test x.json --jobs 257
refused '--jobs many: not a number' test x.json --jobs many

# One value stands once, and is not empty.
refused '--chip stm32l476rg: --chip stands twice' run "$hello" $chip --chip stm32l476rg
refused '--save-flash b.bin: --save-flash stands twice' run "$hello" $chip --save-flash a.bin --save-flash b.bin
refused '--json b: --json stands twice' test x.json --json a --json b
refused '--trace b: --trace stands twice' replay x --trace a --trace b
for option in chip board at boot flash save-flash option-bytes save-option-bytes press time until timing seed \
    console trace json caches files; do
    refused "--$option: a value must follow, this one is empty" run "$hello" "--$option" ''
done
refused '--junit: a value must follow' test x.json --junit=
refused '--firmware: a value must follow' replay x --firmware ''
refused '--quet: no such option: did you mean --quiet?' run "$hello" $chip --quet
refused '--quiet=1: --quiet takes no value' run "$hello" $chip --quiet=1
refused '-q: no such option' run "$hello" $chip -qx

# What was probably meant; and what was not said at all.
refused '--chip stm32l45re: no such chip: did you mean stm32l452re?' run "$hello" --chip stm32l45re
refused '--board nucleo-l452r: no such board and no such file: did you mean nucleo-l452re?' \
    run "$hello" --board nucleo-l452r
refused '--until event:flash.eror: no such event: did you mean flash.error?' \
    run "$hello" $chip --until event:flash.eror
refused '--until reset_cont: no symbol called reset_cont: did you mean reset_count?' \
    run "$hello" $chip --until sym:reset_cont==1
refused 'tset: no such command: did you mean test?' tset x.json
refused 'argument 1 is empty' ''
refused 'argument 3 is empty: name something' run $chip ''
refused 'argument 1 is empty: name something' test ''
refused 'argument 1 is empty: name something' replay ''
refused 'list: name one of' list ''

refused 'frobnicate:' frobnicate
refused 'list planets:' list planets
refused 'explain NOTHING:' explain NOTHING
refused 'explain: one word' explain
refused 'explain: one word' explain ''
refused 'explain PGSER: no such register, flag, event or rule: did you mean PGSERR?' explain PGSER
refused 'explain flash_sr.pgser: no such register, flag, event or rule: did you mean FLASH_SR.PGSERR?' \
    explain flash_sr.pgser
refused 'explain RCC_CRX: no such register, flag, event or rule: did you mean RCC_CR?' explain RCC_CRX
refused 'explain FLASH_SX=0xA8: no such register, flag, event or rule: did you mean FLASH_SR?' \
    explain FLASH_SX=0xA8
refused 'explain flash.erase_strat: no such register, flag, event or rule: did you mean flash.erase_start?' \
    explain flash.erase_strat
refused 'explain L4.program.not_blnk: no such register, flag, event or rule: did you mean L4.program.not_blank?' \
    explain L4.program.not_blnk
refused 'explain FLASH_SR=much: not a number' explain FLASH_SR=much
refused 'list: name one of' list

printf '{"name": "b", "chip": "stm32l452re",\n "hse": 1}\n' >key.json
printf '{"name": "b", "chip": "stm32l452re",\n "hse_hz": "fast"}\n' >type.json
printf '{"name": "b", "chip": "stm32l452re",\n "hse_hz": 1}\n' >range.json
printf '{"name": "b", "chip": "stm32l452re",\n "name": "c"}\n' >twice.json
printf '{"name": "b", "chip": "stm32l452re"' >cut.json
: >empty.json
refused key.json:2:2: run "$hello" --board key.json $outputs
refused type.json:2:12: run "$hello" --board type.json $outputs
refused range.json:2:12: run "$hello" --board range.json $outputs
refused twice.json:2:2: run "$hello" --board twice.json $outputs
refused cut.json:1:36: run "$hello" --board cut.json $outputs
refused empty.json:1:1: run "$hello" --board empty.json $outputs
refused missing.json: run "$hello" --board missing.json $outputs

# An output never replaces an input, and two outputs are two files.
cp "$hello" own.elf
refused "own.elf: is also an input" run own.elf $chip --save-flash own.elf
refused "own.elf: is also an input" run own.elf $chip --trace own.elf
cmp -s "$hello" own.elf || fail "an output replaced the image"
refused "both: is named for two outputs" run own.elf $chip --trace both --json both
refused "both: is named for two outputs" run own.elf $chip --trace ./both --json both
if [ -w /dev/full ]; then
    what="list chips >/dev/full"
    "$flashsim" list chips >/dev/full 2>err
    status=$?
    : >out
    want_status 2
    want_err "standard output: not all could be written"
fi

# ---- runs and their status ------------------------------------------------------------------------

what="hello"
run run "$hello" $chip
want_status 0
want_err "asleep"
printf 'hello from stm32l452re\nreset cause: PINRSTF BORRSTF\nstarts since power came: 1\nPASS\n' >wanted
cmp -s out wanted || fail "stdout is not what the firmware sent: $what"

for board in l432kc l476rg l496zg l4r5zi; do
    what="hello on $board"
    run run "$firmware/hello_$board.elf" --board "nucleo-$board" --quiet
    want_status 0
    want_out "hello from stm32$board"
done

what="a console that is not shown"
run run "$hello" $chip --console rtt
[ -s out ] && fail "something on stdout: $what"
want_err "bytes of usart2: --console usart2 shows them"

what="--until console"
run run "$hello" $chip --until console:PASS
want_status 0
want_err "reached console:PASS"

what="--until that never comes"
run run "$hello" $chip --until console:FAIL
want_status 3
want_err "not reached: console:FAIL"

what="--until pc"
run run "$hello" $chip --until pc:main
want_status 0
[ -s out ] && fail "main was passed: $what"

what="--until sym"
run run "$hello" $chip --until 'sym:reset_count==1'
want_status 0

what="--until event"
run run "$hello" $chip --until event:console.out
want_status 0
[ "$(cat out)" = h ] || fail "not stopped at the first byte: $what"

what="what we say begins on a line of its own, also in one pipe or file"
"$flashsim" run "$hello" $chip --until console:hell </dev/null 2>&1 | cat >out
grep -q '^hell$' out && grep -q '^flashsim: reached' out || fail "one pipe: $what"
"$flashsim" run "$hello" $chip --until console:hell </dev/null >out 2>&1
grep -q '^hell$' out && grep -q '^flashsim: reached' out || fail "one file: $what"
run run "$hello" $chip --until console:hell
[ "$(head -c 8 err)" = flashsim ] || fail "an empty line: $what"
[ "$(cat out)" = hell ] || fail "bytes changed: $what"

what="--until time"
run run "$hello" $chip --until time:1ms
want_status 0
want_err "0.00100"

what="--time"
run run "$firmware/compute.elf" $chip --time 20ms
want_status 0
want_err "time is over after 0.0200"

what="semihosting"
run run "$firmware/semihost.elf" $chip
want_status 0
want_out "through a handle"
want_err "exited with 0"

what="semihosting, failing"
run run "$firmware/semihost_fail.elf" $chip
want_status 1
want_err "exited with 1"

what="semihosting without a debugger"
run run "$firmware/semihost.elf" $chip --no-semihosting
want_status 1
want_err "DEBUGEVT: a BKPT with no debugger"

what="RTT"
run run "$firmware/rtt.elf" $chip --until console:PASS
want_status 0
want_out "hello through RTT"
want_out "so that it can only come out whole when the reader keeps up with the writer"

what="ITM"
run run "$firmware/itm.elf" $chip
want_status 0
want_out "hello through ITM"

what="an image in SRAM"
run run "$firmware/hello_sram.elf" $chip
want_status 0
want_out "PASS"

what="boot loader and application"
run run "$firmware/bootloader.elf" "$firmware/app.elf" $chip --until console:PASS
want_status 0
want_out "application: VTOR 08008000"

what="an empty chip"
run run --flash erased.bin $chip
head -c 524288 /dev/zero | tr '\0' '\377' >erased.bin
run run --flash erased.bin $chip
want_status 3
want_err "system memory"

what="an image that is not where the chip starts"
# 0x20001000 and the reset handler; a BIN of 0x100 bytes
vector_bin() { printf '\000\020\000\040'"$1"; head -c 248 /dev/zero; }
vector_bin '\101\000\000\010' >low.bin
vector_bin '\101\200\000\010' >high.bin
vector_bin '\001\000\001\010' >other.bin
run run low.bin $chip --at 0x08008000
want_status 3
want_err "nothing is at 0x08000000, where the chip starts: low.bin is at 0x08008000, but its vector table is \
linked for 0x08000000: say --at 0x08000000"
run run high.bin $chip --at 0x08008000
want_err "its vector table is linked for there: load the boot loader that starts it too"
run run other.bin $chip --at 0x08008000
want_err "whose reset handler is at 0x08010000, outside of it"
run run zeros.bin $chip --at 0x08008000
want_err "zeros.bin is at 0x08008000, and does not begin with a vector table"
run run low.bin --chip stm32l476rg --at 0x08008000
want_status 1
want_err "say --at 0x08000000"
run run "$firmware/app.elf" $chip
want_status 3
want_err "load the boot loader that starts it too"

what="a watchdog that bites"
run run "$firmware/iwdg_erase.elf" $chip
want_status 0
want_err "IWDG 1"

what="option bytes of the right size but wrong values are what silicon makes of them"
run run "$hello" $chip --option-bytes option.bin --time 5ms
want_status 0
want_err "SR OPTVERR"
want_err "L4.option.mismatch"

what="option bytes saved are a start, in their own file too"
run run "$firmware/optbytes.elf" $chip --save-option-bytes saved.bin --quiet
[ "$(wc -c <saved.bin)" = 128 ] || fail "size: $what"
cp saved.bin before.bin
run run "$hello" $chip --option-bytes saved.bin --save-option-bytes saved.bin
want_status 0
grep -q OPTVERR err && fail "not what was saved: $what"
cmp -s saved.bin before.bin || fail "changed by nobody: $what"

what="a button that is down when power comes"
run run "$hello" $chip --press B1@0s+1ms --press B1@2ms
want_status 0
want_out "PASS"

what="a file taken for a BIN by mistake"
printf 'this is a list of things to do, and no firmware at all\n' >todo.txt
run run todo.txt $chip
want_err "flashsim: hint: todo.txt: taken for a BIN at 0x08000000, but its first words are no vector table"
run run todo.txt $chip --quiet
grep -q hint: err && fail "a hint though quiet: $what"
run run "$hello" todo.txt --at 0x08040000 $chip
want_status 0
grep -q hint: err && fail "a hint at data: $what"

# ---- input ----------------------------------------------------------------------------------------

what="a pipe to the UART"
printf 'hello world\n\004' | "$flashsim" run "$firmware/uart_echo.elf" $chip >out 2>err
status=$?
want_status 0
want_out "hello world"
want_out "bytes 13, overruns 0"

what="any byte in the result is JSON"
printf 'a\000\377\004' | "$flashsim" run "$firmware/uart_echo.elf" $chip --json bytes.json >out 2>err
status=$?
want_status 0
[ "$(od -An -tx1 out | tr -d ' \n' | grep -c 6100ff)" = 1 ] || fail "bytes changed on stdout: $what"
od -An -tx1 bytes.json | tr -d ' \n' | grep -q 61efbfbdc3bf || fail "$what"

what="a file to the UART"
head -c 3000 /dev/zero | tr '\0' 'x' >typed
printf '\004' >>typed
"$flashsim" run "$firmware/uart_echo.elf" $chip >out 2>err <typed
status=$?
want_status 0
want_out "bytes 3001, overruns 0"

# ---- faults ---------------------------------------------------------------------------------------

what="a fault report"
run run "$firmware/fault_optkeyr_first.elf" $chip
want_status 1
want_err "HardFault, escalated from BusFault"
want_err "IMPRECISERR: a buffered store met a bus error"
want_err "FORCED:"
want_err "to 0x4002200C, FLASH_OPTKEYR"
want_err "str r3, [r2]"
want_err "main (optkeyr_first.c:"
want_err "Reset_Handler (startup.c:"
want_err "L4.key.options_first"
want_err "flash.lockout"
want_err "frame      at 0x2001FFD0: r0"
want_out "PASS"

[ -z "$(grep -n ' $' err)" ] || fail "a blank at the end of a line: $what"

what="README.md names each field of a result"
run run "$firmware/fault_optkeyr_first.elf" $chip --json fields.json
grep -q last_fault fields.json || fail "no fault: $what"
grep -o '^	*"[a-z_]*":' fields.json | tr -d '	":' | sort -u | while read -r field; do
    grep -q "\`$field\`" "$tree/README.md" || echo "$field"
done >unnamed
grep -vxE 'power-on|sha256' unnamed >out && fail "fields without a word: $what"

what="a recursion that overflows its stack is told with who began it"
run run "$firmware/fault_stack_overflow_recursion.elf" $chip
grep -q '#0  0x08000[0-9A-F]* recurse (stack_overflow_recursion.c:' err || fail "no innermost frame: $what"
want_err "more ..."
want_err "main (stack_overflow_recursion.c:"
want_err "Reset_Handler (startup.c:"

what="a precise fault"
run run "$firmware/fault_unmapped_load.elf" $chip
want_status 1
want_err "PRECISERR:"
want_err "(BFAR), nothing is there"

what="a fault that --until forgives"
run run "$firmware/fault_unmapped_load.elf" $chip --until console:PASS
want_status 0

what="a lockup"
run run "$firmware/lockup_vectors_erased.elf" $chip
want_status 1
want_err "LOCKUP"
want_err "flash.erase_start    0x08000000 size 2048"

what="refused writes"
run run "$firmware/flash_selftest.elf" $chip
want_status 0
want_out "PASS"
want_err "the flash refused a double word: SR PROGERR PGAERR PGSERR"
want_err "store_pair (main.c:"
want_err "L4.program.not_blank: "
want_err "the flash ignored a write to a register"

# Thumb by hand: 0x20001000, 0x08000041 and for HardFault 0x08000051 as vectors; the rest of them zero.
vectors() {
    printf '\000\020\000\040\101\000\000\010\000\000\000\000\121\000\000\010'
    head -c 48 /dev/zero
}

what="a loop that waits in vain is named"
# 40: ldr r0, [pc, #8]; ldr r1, [r0]; lsls r1, #14 (HSERDY); bpl 42; b .; nop; RCC_CR
{ vectors; printf '\002\110\001\150\211\003\374\325\376\347\000\277\000\020\002\100'; } >hse.bin
printf '{"name": "bare", "chip": "stm32l452re"}\n' >bare.json
run run hse.bin --board bare.json --time 50ms
want_status 0
want_err "still waiting: polls RCC_CR (0x40021000) at 0x08000042"

what="the board file of README.md"
sed -n '/^### A board of your own/,/^###* [^A]/p' "$tree/README.md" | sed -n '/^```json/,/^```/p' | grep -v '^```' >board.json
run run "$hello" --board board.json --press USER@1ms
want_status 0
want_err "stm32l452re on my-board"
want_err "bytes of usart2: --console usart2 shows them"
run run hse.bin --board board.json --time 50ms
want_err "still waiting: polls RCC_CR"

what="a handler that spins is an unhandled fault"
# 40: udf #0; 50: b .
{ vectors; printf '\000\336'; head -c 14 /dev/zero; printf '\376\347'; } >spin.bin
run run spin.bin $chip
want_status 1
want_err "HardFault, escalated from UsageFault"
want_err "UNDEFINSTR: "
want_err "unhandled fault: its handler does not return"
want_err "after 0.1"

what="a fault whose stack frame can not be pushed is still named, its MemManage off or on"
# 40: ldr r0, SHCSR; ldr r1, its value; str r1, [r0]; ldr r0, 0x30000000; mov sp, r0; ldr r1, 0x40000001; bx r1;
# 50: b .
xn() {
    vectors
    printf '\005\110\006\111\001\140\006\110\205\106\006\111\010\107\000\277'
    printf '\376\347\000\277\000\277\000\277\044\355\000\340\000\000'"$1"'\000\000\000\000\060\001\000\000\100'
}
for enable in '\000' '\001'; do
    xn "$enable" >xn.bin
    run run xn.bin $chip
    want_status 1
    want_err "HardFault, escalated from MemManage, whose stack frame could not be pushed"
    want_err "CFSR       0x00001001"
    want_err "STKERR: "
done

what="what is not modelled is told once, by name"
# 40: ldr r0, I2C1_CR1; movs r1, #1; str r1, [r0]; ldr r0, DWT_FUNCTION0; str r1, [r0]; b .
{ vectors; printf '\003\110\001\041\001\140\003\110\001\140\376\347\000\277\000\277'
  printf '\000\124\000\100\050\020\000\340'; } >absent.bin
run run absent.bin $chip --time 1ms
want_status 0
want_err "not modelled I2C1, first I2C1_CR1 by 0x08000044"
want_err "no effect   DWT_FUNCTION0 bits 0x00000001, first set by 0x08000048"
[ "$(grep -c I2C1 err)" = 1 ] || fail "told twice: $what"

what="an interrupt ends the run and its files are whole"
{ vectors; printf '\376\347'; } >loop.bin
"$flashsim" run loop.bin $chip --time 80000s --no-skip --json stopped.json >out 2>err </dev/null &
sleep 2
kill -INT $!
wait $!
status=$?
want_status 3
want_err "interrupted after"
grep -q '"ended_by":	"interrupted"' stopped.json || fail "no result: $what"

# ---- files ----------------------------------------------------------------------------------------

what="a trace is the same twice, and with the loops run in full"
run run "$firmware/flash_selftest.elf" $chip --trace a.jsonl --json a.json
run run "$firmware/flash_selftest.elf" $chip --trace b.jsonl
run run "$firmware/flash_selftest.elf" $chip --trace c.jsonl --no-skip
cmp a.jsonl b.jsonl || fail "$what"
cmp a.jsonl c.jsonl || fail "--no-skip: $what"
[ "$(wc -l <a.jsonl)" -gt 1000 ] || fail "short: $what"
grep -q '"kind":"flash.erase_start","unit":"FLASH"' a.jsonl || fail "no erase: $what"
grep -q '"status":	"pass"' a.json || fail "no status: $what"
grep -q '"sha256":	"[0-9a-f]\{64\}"' a.json || fail "no sha256: $what"

what="flash saved at the end is a start"
run run "$firmware/kv.elf" $chip --save-flash first.bin
want_status 0
[ "$(wc -c <first.bin)" = 524288 ] || fail "size: $what"
run run --flash first.bin $chip --save-flash second.bin
want_status 0
want_out "have a=40"
cmp -s first.bin second.bin && fail "nothing was written: $what"

what="an image over a dump"
run run "$hello" $chip --flash first.bin
want_status 0
want_out "hello from"

what="a link stays, what it points to is written"
mkdir deep
: >deep/target.json
ln -s deep/target.json link.json
ln -s new.bin deep/link.bin
ln -s deep/link.bin chain.bin
run run "$hello" $chip --time 5ms --json link.json --save-flash chain.bin
want_status 0
[ -h link.json ] && [ -h chain.bin ] && [ -h deep/link.bin ] || fail "a link was replaced: $what"
grep -q '"status"' deep/target.json || fail "not written: $what"
[ "$(wc -c <deep/new.bin)" = 524288 ] || fail "not made: $what"
rm deep/new.bin
refused 'deep/new.bin: is named for two outputs' run "$hello" $chip --save-flash deep/new.bin --trace chain.bin
ln -s circle.json circle.json
refused 'circle.json: can not be written' run "$hello" $chip --json circle.json
ln -s "$hello" image.elf
refused "$hello: is also an input" run image.elf $chip --json "$hello"

what="outputs that are no files"
run run "$hello" $chip --time 5ms --json /dev/null --trace /dev/null
want_status 0
"$flashsim" run "$hello" $chip --console rtt --json /dev/stdout --quiet >mixed.json 2>err </dev/null
status=$?
want_status 0
grep -q '"ended_by"' mixed.json || fail "/dev/stdout that is a file: $what"
"$flashsim" run "$hello" $chip --json /dev/stdout --quiet 2>err </dev/null | grep -q '"ended_by"' ||
    fail "/dev/stdout that is a pipe: $what"
refused '/dev/fd/77: can not be written' run "$hello" $chip --json /dev/fd/77

what="list and explain"
run list chips
want_status 0
want_out "stm32l452re"
run list events --json
want_out '"name":	"flash.erase_start"'
run list rules
want_out "L4.program.not_blank"
run explain FLASH_SR=0xA8
want_status 0
want_out "FLASH_SR.PROGERR"
want_out "FLASH_SR.PGSERR"
run explain flash.erase_start
want_status 0
run explain L4.program.not_blank
want_status 0
run explain RCC_CR
want_out "0x40021000"
while IFS='>' read -r word wanted; do
    what="explain $word"
    run explain "$word"
    want_status 0
    want_out "$wanted"
done <<'END'
ECCD>FLASH_ECCR.ECCD (0x80000000): two wrong bits
FLASH_ECCR=0x80000000>FLASH_ECCR.ECCD (0x80000000): two wrong bits
ECCR=0x40001000>FLASH_ECCR.ADDR_ECC (0x0007FFFF) = 0x1000: 
sr>FLASH_SR.PGSERR
CR>also: RCC_CR
CSR>RCC_CSR
SR=0>FLASH_SR: no bit is set
FLASH_ACR>FLASH_ACR.DCEN
RCC_CSR=0x24000600>RCC_CSR.IWDGRSTF
CFSR=0x100>IBUSERR
HFSR>FORCED
FLASH_OPTR=0xFFEFF8AA>FLASH_OPTR.RDP (0x000000FF) = 0xAA
NMI>value 2 of core.exception_entry
latched>value 1 of flash.torn
pulse>value 4 of flash.torn
option_load>value 7 of core.reset
core.reset>  4  iwdg
flash.torn>  7  done
L4.program>L4.program.size: a store of a byte
L4.program>L4.program.zero_over_zero: zeros over zeros: accepted
flash>flash.erase_start
END
refused 'explain L4.prog: no such register, flag, event or rule' explain L4.prog
refused 'explain latchd: no such register, flag, event or rule: did you mean latched?' explain latchd
run run --help
want_status 0
want_out "--until CONDITION"
for option in press option-bytes save-option-bytes files no-semihosting quiet caches no-skip; do
    want_out "--$option"
done
want_out "interrupted"

# ---- init ------------------------------------------------------------------------------------------

mkdir -p "in it/tests"
cp "$firmware/kv.elf" "in it/kv.elf"
what="init beside the image"
(cd "in it" && "$flashsim" init kv.elf --chip stm32l452re >../out 2>../err </dev/null) || fail "status $?: $what"
want_err "flashsim: kv.json: written"
[ "$(tail -n 1 err)" = "  $flashsim test kv.json" ] || fail "does not end with the next command: $what"
[ -s out ] && fail "something on stdout: $what"
what="init in another folder"
run init "in it/kv.elf" --chip stm32l452re -o "in it/tests/it's.json"
want_status 0
want_err "test 'in it/tests/it'\\''s.json'"
grep -qF '"image": "../kv.elf"' "in it/tests/it's.json" || fail "not the image as seen from there: $what"
what="init: what it asks for is done"
run test "in it/kv.json"
want_status 1
want_out '"ready" was not said after the last power-on'
sed -i 's/ready/PASS/' "in it/kv.json" "in it/tests/it's.json"
run test "in it/kv.json" "in it/tests/it's.json"
want_status 0
want_out "2 scenarios: 2 pass, 0 fail, 0 inconclusive, 0 bad input; 20 runs"
what="init without anything"
run init
want_status 0
want_err 'stm32l452re is a guess'
want_err 'in place of firmware.elf'
cp scenario.json before.json
refused 'scenario.json: is there already: name another one with -o' init
cmp scenario.json before.json || fail "init changed a file that was there"
refused 'no_such.elf: ' init no_such.elf
refused 'host.elf: ' init host.elf
refused '--chip stm32l452rg: no such chip: did you mean stm32l452re?' init --chip stm32l452rg
refused 'no_such_folder: no such folder' init -o no_such_folder/a.json
refused '-o b.json: -o stands twice' init -o a.json -o b.json
refused '-o: a value must follow' init -o
refused 'header.elf: one image at a time' init "$hello" header.elf
printf 'a\377.elf' | xargs -0 cp "$hello"
refused 'a' init "$(printf 'a\377.elf')"

for words in 'list chips' 'list boards' 'list rules' 'list events' 'run --help' 'test --help' 'replay --help' 'init --help' \
    'explain --help' 'list --help' --help; do
    what=$words
    run $words
    want_status 0
    [ -z "$(grep -n ' $' out)" ] || fail "a blank at the end of a line: $what"
done

[ "$failures" = 0 ] || { printf '%s failures\n' "$failures"; exit 1; }

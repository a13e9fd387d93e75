/* From options to a machine that is ready for power: chip, board, images, flash dump, listeners, files. */
#include "sim/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/flash_array.h"
#include "sim/loader.h"
#include "sim/option_reader.h"
#include "sim/trace_file.h"

enum { NAMES_MAX = 64 };

/* ---- chip and board ---- */

static bool refuse_board(const char *name, struct error *error)
{
    char hint[OPTION_HINT];
    const char *names[NAMES_MAX] = {NULL};
    for (unsigned i = 0; i < board_count() && i + 1 < NAMES_MAX; i++)
        names[i] = board_at(i)->name;
    option_reader_hint(name, names, hint);
    return error_set(error, "--board %s: no such board and no such file%s", image_short_path(name),
                     hint[0] ? hint : ": `flashsim list boards` names those that ship");
}

static bool choose_board(struct run *run, struct error *error)
{
    const struct run_options *options = &run->options;
    run->chip = options->chip;
    if (options->board) {
        run->board = board_find(options->board);
        if (!run->board) {
            bool is_path = strchr(options->board, '/') || strchr(options->board, '.') ||
                           access(options->board, F_OK) == 0;
            if (!is_path)
                return refuse_board(options->board, error);
            if (!board_file_load(&run->board_file, options->board, error))
                return false;
            run->board = &run->board_file.board;
        }
        if (!run->chip)
            run->chip = chip_find(run->board->chip);
        if (strcmp(run->chip->name, run->board->chip) != 0)
            return error_set(error, "--board %s: a board for the %s, not for the %s: name another board "
                             "or chip", image_short_path(options->board), run->board->chip,
                             run->chip->name);
    }
    if (!run->chip)
        return error_set(error, "--chip is missing: `flashsim list chips` names them");
    if (!run->board)
        run->board = board_for_chip(run->chip->name);
    return true;
}

/* ---- images ---- */

static bool check_image(const struct run *run, const struct image *image, struct error *error)
{
    struct image_region regions[LOADER_REGION_MAX];
    size_t count = loader_list_memories(run->chip, regions);
    if (!image_check_fits(image, regions, count, error))
        return false;
    for (size_t i = 0; i < run->image_count; i++)
        if (&run->images[i] != image && !image_check_overlap(&run->images[i], image, error))
            return false;
    return true;
}

static bool load_images(struct run *run, struct error *error)
{
    const struct run_options *options = &run->options;
    bool has_bin = false;
    for (size_t i = 0; i < options->image_count; i++) {
        struct image *image = &run->images[i];
        if (!image_load(image, options->image_path[i], options->bin_addr, error))
            return false;
        run->image_count++;
        has_bin = has_bin || image_is_bin(image);
        if (!check_image(run, image, error) || !debug_info_add(run->debug, image, error))
            return false;
    }
    return has_bin || !options->has_bin_addr ||
           error_set(error, "--at: no BIN image is there to use it: leave it out");
}

/* A segment may go across memories that adjoin. */
static void load_segment(struct machine *machine, const struct image_segment *segment)
{
    for (uint32_t done = 0; done < segment->size;) {
        uint32_t addr = segment->addr + done;
        const struct bus_region *region = bus_find(&machine->soc->bus, addr);
        uint32_t room = region->size - (addr - region->base);
        uint32_t size = segment->size - done < room ? segment->size - done : room;
        machine_load(machine, addr, segment->bytes + done, size);
        done += size;
    }
}

static void place_images(struct run *run)
{
    run->starts_in_ram = run->image_count > 0;
    for (size_t i = 0; i < run->image_count; i++) {
        for (size_t k = 0; k < run->images[i].segment_count; k++) {
            const struct image_segment *segment = &run->images[i].segments[k];
            load_segment(run->machine, segment);
            if (loader_is_in_flash(run->chip, segment->addr))
                run->starts_in_ram = false;
        }
    }
    if (run->options.flash_path)
        run->starts_in_ram = false;
}

/* ---- flash dump ---- */

static bool load_dump(struct run *run, struct error *error)
{
    uint8_t *dump = NULL;
    if (!run->options.flash_path)
        return true;
    if (!loader_read_dump(run->chip, run->options.flash_path, &dump, error))
        return false;
    soc_flash_load(run->machine->soc, LOADER_FLASH_BASE, dump, chip_flash_bytes(run->chip),
                   FLASH_LOAD_DUMP);
    free(dump);
    return true;
}

static bool load_option_bytes(struct run *run, struct error *error)
{
    const char *path = run->options.option_bytes_path;
    uint8_t bytes[SOC_OPTION_BYTES];
    if (!path)
        return true;
    if (!loader_read_option_bytes(path, bytes, error))
        return false;
    soc_option_bytes_load(run->machine->soc, bytes);
    return true;
}

/* ---- listeners ---- */

static void show_consoles(struct run *run)
{
    const struct run_options *options = &run->options;
    struct console *console = &run->console;
    console_init(console, run->machine, stdout);
    uint32_t shown = options->consoles;
    console->input_channel = (enum console_channel)options->first_console;
    if (!shown) {
        enum console_channel uart = run->board ? console_channel_find(run->board->console)
                                               : (enum console_channel)UART_USART2;
        shown = 1u << uart | 1u << CONSOLE_RTT | 1u << CONSOLE_ITM | 1u << CONSOLE_SEMIHOSTING;
        console->input_channel = uart;
    }
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++)
        console->output[channel].is_shown = shown >> channel & 1;
}

static bool contains(const struct image *image, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        for (uint32_t at = 0; at + length <= segment->size; at++)
            if (segment->bytes[at] == (uint8_t)text[0] &&
                memcmp(segment->bytes + at, text, length) == 0)
                return true;
    }
    return false;
}

/* RAM is searched only for images that seem to use RTT, or when it was asked for. */
static void prepare_rtt(struct run *run)
{
    uint32_t hint = 0;
    bool is_likely = run->options.consoles >> CONSOLE_RTT & 1;
    for (size_t i = 0; i < run->image_count; i++) {
        const struct image_symbol *symbol =
            image_symbol_named(&run->images[i].symbols, "_SEGGER_RTT", NULL);
        if (symbol)
            hint = symbol->addr;
        is_likely = is_likely || symbol || contains(&run->images[i], "SEGGER");
    }
    rtt_init(&run->rtt, &run->console, hint);
    run->rtt.is_on = is_likely && (!run->options.consoles || run->options.consoles >> CONSOLE_RTT & 1);
}

static void prepare_semihosting(struct run *run)
{
    const char *name = run->image_count ? run->images[0].path : "firmware";
    semihosting_init(&run->semihosting, &run->console, run->options.files_folder, name);
    if (run->options.is_semihosting_off)
        return;
    run->machine->semihosting = semihosting_call;
    run->machine->semihosting_context = &run->semihosting;
}

static bool check_folder(const struct run *run, struct error *error)
{
    struct stat status;
    const char *path = run->options.files_folder;
    if (!path || (stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
        return true;
    return error_set(error, "--files %s: not a folder: name one that is there", image_short_path(path));
}

/* Flash and option bytes may be brought up to date, each in its own file; nothing else is
 * overwritten. */
static bool check_names(const struct run_options *options, struct error *error)
{
    const char *inputs[RUN_IMAGE_MAX + 3] = {options->board, options->flash_path,
                                             options->option_bytes_path};
    for (size_t i = 0; i < options->image_count; i++)
        inputs[3 + i] = options->image_path[i];
    const char *const outputs[4] = {options->trace_path, options->json_path,
                                    options->save_flash_path, options->save_option_bytes_path};
    const char *const dump[1] = {options->flash_path};
    const char *const option_bytes[1] = {options->option_bytes_path};
    const char *const other[1] = {NULL};
    return output_file_check_names(inputs, 3 + options->image_count, outputs, 2, error) &&
           output_file_check_names(inputs + 3, options->image_count, outputs + 2, 2, error) &&
           output_file_check_names(inputs, 1, outputs + 2, 2, error) &&
           output_file_check_names(dump, 1, outputs + 3, 1, error) &&
           output_file_check_names(option_bytes, 1, outputs + 2, 1, error) &&
           output_file_check_names(other, 1, outputs, 4, error);
}

static bool open_outputs(struct run *run, struct error *error)
{
    const struct run_options *options = &run->options;
    if (!check_names(options, error))
        return false;
    if (options->trace_path && !output_file_open(&run->trace, options->trace_path, error))
        return false;
    if (options->json_path && !output_file_open(&run->json, options->json_path, error))
        return false;
    if (options->save_option_bytes_path &&
        !output_file_open(&run->saved_option_bytes, options->save_option_bytes_path, error))
        return false;
    return !options->save_flash_path ||
           output_file_open(&run->saved_flash, options->save_flash_path, error);
}

static void set_wires(struct run *run)
{
    const struct run_options *options = &run->options;
    struct wires *wires = &run->machine->soc->wires;
    if (run->board)
        board_connect(run->board, run->machine->soc);
    wires->seed = options->seed;
    wires->timing = (uint8_t)options->timing;
    wires->caches = (uint8_t)options->caches;
    wires->forced_boot = (uint8_t)options->boot;
    if (options->boot == BOOT_AS_SELECTED && run->starts_in_ram)
        wires->forced_boot = BOOT_SRAM1;
}

/* ---- a file taken for a BIN ---- */

static bool is_stack_pointer(const struct run *run, uint32_t value)
{
    const struct bus_region *region = bus_find(&run->machine->soc->bus, value - 4);
    return value % 4 == 0 && region && region->kind == BUS_RAM;
}

/* Where the chip looks for its vectors, or all there is. Data goes elsewhere, and beside an image.
 */
static bool must_begin_with_vectors(const struct run *run, const struct image *image)
{
    bool is_alone = run->image_count == 1 && !run->options.flash_path;
    uint32_t addr = image->segments[0].addr;
    return image_is_bin(image) && (is_alone || addr == LOADER_FLASH_BASE || addr == 0);
}

static bool begins_with_vectors(const struct run *run, const struct image *image)
{
    uint32_t words[2] = {0, 0};
    if (image->segments[0].size < sizeof words)
        return false;
    memcpy(words, image->segments[0].bytes, sizeof words); /* both little-endian */
    const struct bus_region *region = bus_find(&run->machine->soc->bus, words[1]);
    bool is_memory = loader_is_in_flash(run->chip, words[1]) || (region && region->kind == BUS_RAM);
    return is_stack_pointer(run, words[0]) && (words[1] & 1) && is_memory;
}

static void hint_at_bins(const struct run *run)
{
    for (size_t i = 0; i < run->image_count && !run->options.is_quiet; i++) {
        const struct image *image = &run->images[i];
        if (must_begin_with_vectors(run, image) && !begins_with_vectors(run, image))
            fprintf(stderr,
                    "flashsim: hint: %s: taken for a BIN at 0x%08X, but its first words are no "
                    "vector table: say with --at where it goes, or load the ELF or HEX\n",
                    image_short_path(image->path), image->segments[0].addr);
    }
}

bool run_prepare(struct run *run, struct error *error)
{
    run->debug = debug_info_new();
    if (!run->debug)
        return error_set(error, "out of memory");
    if (!choose_board(run, error) || !check_folder(run, error) || !load_images(run, error) ||
        !machine_create(&run->machine, run->chip, error) || !load_dump(run, error) ||
        !load_option_bytes(run, error) ||
        !press_find_buttons(&run->options.presses, run->board, error))
        return false;
    if (run->options.until && !until_parse(&run->until, run->options.until, run->images,
                                           run->image_count, error))
        return false;
    if (!open_outputs(run, error))
        return false;
    place_images(run);
    set_wires(run);
    run->machine->skip.is_off = run->options.is_skip_off;
    show_consoles(run);
    prepare_rtt(run);
    prepare_semihosting(run);
    run->report = (struct fault_report){.out = stderr,
                                        .is_coloured = isatty(STDERR_FILENO),
                                        .machine = run->machine,
                                        .debug = run->debug,
                                        .log = &run->log};
    struct trace *trace = &run->machine->soc->trace;
    if (run->trace.stream)
        trace_listen(trace, trace_file_write, run->trace.stream);
    trace_listen(trace, run_log_hear, &run->log);
    trace_listen(trace, console_hear, &run->console);
    until_watch(&run->until, run->machine);
    trace_listen(trace, until_hear, &run->until);
    hint_at_bins(run);
    return true;
}

/* ---- power ---- */

/* A debugger's start of an image in RAM that is not at the beginning of SRAM1, where the chip itself
 * would look: by its vector table, else at its entry. */
static bool start_as_debugger(struct run *run, struct error *error)
{
    const struct image *image = &run->images[0];
    const struct image_segment *first = &image->segments[0];
    struct cpu *cpu = run->machine->processor.cpu;
    const struct chip_memory *sram1 = run->machine->soc->ram[0].memory;
    uint32_t words[2] = {0, 0};
    if (first->size >= 8)
        memcpy(words, first->bytes, 8); /* both little-endian */
    bool is_table = is_stack_pointer(run, words[0]) && (words[1] & 1) &&
                    bus_find(&run->machine->soc->bus, words[1]);
    if (is_table && first->addr == sram1->base)
        return true;
    if (!is_table && !image->has_entry)
        return error_set(error, "%s: begins with no vector table and has no entry: link it for the "
                         "start of SRAM1, 0x%08X", image_short_path(image->path), sram1->base);
    if (is_table)
        run->machine->soc->control.vtor = first->addr;
    cpu_write(cpu, CPU_MSP, is_table ? words[0] : sram1->base + sram1->bytes);
    cpu_jump(cpu, is_table ? words[1] : image->entry | 1);
    run->machine->processor.is_thumb_state = true;
    return true;
}

bool run_start(struct run *run, struct error *error)
{
    if (!machine_power_on(run->machine, error))
        return false;
    bool is_sram = run->machine->soc->wires.forced_boot == BOOT_SRAM1;
    run->machine->ram_after_power_loss = RAM_ZEROS; /* as Standby leaves it */
    return !run->starts_in_ram || !is_sram || start_as_debugger(run, error);
}

void run_free(struct run *run)
{
    output_file_discard(&run->trace);
    output_file_discard(&run->json);
    output_file_discard(&run->saved_flash);
    output_file_discard(&run->saved_option_bytes);
    semihosting_close_all(&run->semihosting);
    if (run->machine)
        console_free(&run->console);
    machine_destroy(run->machine);
    debug_info_free(run->debug);
    for (size_t i = 0; i < run->image_count; i++)
        image_free(&run->images[i]);
    board_file_free(&run->board_file);
}

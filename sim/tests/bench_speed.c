/* Speed as ratios in one run against the same CPU engine used bare (`./dev bench`).
 * Nothing here is a test: machines differ and are busy; the ratios are what to compare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicorn/unicorn.h>

#include "sim/image.h"
#include "sim/machine.h"

enum { ROUNDS = 9, REBOOTS = 400, WAITS = 40 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

struct subject {
    struct image image;
    struct machine *machine;
};

static void load(struct subject *s, const char *folder, const char *name)
{
    char path[1024];
    struct error error;
    snprintf(path, sizeof path, "%s/%s.elf", folder, name);
    if (!image_load(&s->image, path, 0x08000000, &error) ||
        !machine_create(&s->machine, chip_find("stm32l452re"), &error))
        die(error.text);
    for (size_t i = 0; i < s->image.segment_count; i++)
        if (!machine_load(s->machine, s->image.segments[i].addr, s->image.segments[i].bytes,
                          s->image.segments[i].size))
            die("the image does not fit");
}

static bool exits(void *context, struct machine *machine, uint32_t *result)
{
    (void)context;
    (void)result;
    machine->has_exited = true;
    return true;
}

static uint32_t symbol(const struct subject *s, const char *name)
{
    struct error error;
    const struct image_symbol *found = image_symbol_named(&s->image.symbols, name, &error);
    if (!found)
        die(error.text);
    return found->addr;
}

/* ---- the same instructions in a bare engine with an empty code hook --------------------------------- */

struct bare {
    uc_engine *uc;
    uint64_t count;
};

static void empty(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    (void)address;
    (void)size;
    (void)user;
}

static void counting(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    (void)address;
    (void)size;
    ++*(uint64_t *)user;
}

static uc_engine *open_bare(struct subject *s)
{
    uc_engine *uc = NULL;
    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &uc) ||
        uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M4))
        die("cannot open a bare engine");
    struct soc *soc = s->machine->soc;
    uc_mem_map_ptr(uc, 0x08000000, chip_flash_bytes(soc->chip), UC_PROT_READ | UC_PROT_EXEC,
                   soc->view);
    for (unsigned i = 0; i < soc->ram_count; i++)
        uc_mem_map_ptr(uc, soc->ram[i].memory->base, soc->ram[i].memory->bytes, UC_PROT_ALL,
                       soc->ram[i].bytes);
    return uc;
}

static void copy_registers(struct subject *s, uc_engine *uc)
{
    static const int ids[] = {UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2,  UC_ARM_REG_R3,
                              UC_ARM_REG_R4, UC_ARM_REG_R5, UC_ARM_REG_R6,  UC_ARM_REG_R7,
                              UC_ARM_REG_R8, UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
                              UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR};
    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        uint32_t value = cpu_read(s->machine->processor.cpu, (enum cpu_register)i);
        uc_reg_write(uc, ids[i], &value);
    }
}

/* Seconds for the function that the machine is about to enter, and how many instructions it is. */
static double run_bare(struct subject *s, bool is_counted, uint64_t *count)
{
    uc_engine *uc = open_bare(s);
    uc_hook hook;
    uc_hook_add(uc, &hook, UC_HOOK_CODE,
                is_counted ? (void *)(uintptr_t)counting : (void *)(uintptr_t)empty, count, 1, 0);
    copy_registers(s, uc);
    uint32_t back = cpu_read(s->machine->processor.cpu, CPU_LR) & ~1u;
    double start = seconds();
    uc_err code = uc_emu_start(uc, cpu_current_pc(s->machine->processor.cpu) | 1u, back, 0, 0);
    double time = seconds() - start;
    if (code)
        die("the bare engine stopped");
    uc_close(uc);
    return time;
}

static void run_to(struct subject *s, uint32_t addr)
{
    machine_set_break(s->machine, addr);
    if (machine_run(s->machine, machine_now_ps(s->machine) + PS_PER_S) != MACHINE_STOP_REQUEST)
        die("the firmware did not get there");
    machine_set_break(s->machine, UINT32_MAX);
    s->machine->skip.is_off = false;
}

static void bench_compute(const char *folder)
{
    double ours[ROUNDS];
    double bare[ROUNDS];
    double ratio[ROUNDS];
    uint64_t count = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct subject s;
        struct error error;
        load(&s, folder, "compute");
        s.machine->semihosting = exits;
        if (!machine_power_on(s.machine, &error))
            die(error.text);
        run_to(&s, symbol(&s, "compute_kernel"));
        uint8_t *ram = malloc(s.machine->soc->ram[0].memory->bytes);
        memcpy(ram, s.machine->soc->ram[0].bytes, s.machine->soc->ram[0].memory->bytes);
        if (i == 0) {
            run_bare(&s, true, &count);
            memcpy(s.machine->soc->ram[0].bytes, ram, s.machine->soc->ram[0].memory->bytes);
        }
        uint64_t ignored = 0;
        bare[i] = run_bare(&s, false, &ignored);
        memcpy(s.machine->soc->ram[0].bytes, ram, s.machine->soc->ram[0].memory->bytes);
        free(ram);
        double start = seconds();
        if (machine_run(s.machine, 1000 * PS_PER_S) != MACHINE_STOP_EXIT)
            die("compute did not end");
        ours[i] = seconds() - start;
        ratio[i] = bare[i] / ours[i]; /* in pairs: the machine's speed drifts */
        machine_destroy(s.machine);
        image_free(&s.image);
    }
    double our_time = median(ours, ROUNDS);
    double bare_time = median(bare, ROUNDS);
    printf("compute: %.1f million instructions: flashsim %.3f s (%.0f MIPS), bare engine with an "
           "empty code hook %.3f s (%.0f MIPS)\n",
           (double)count / 1e6, our_time, (double)count / 1e6 / our_time, bare_time,
           (double)count / 1e6 / bare_time);
    printf("compute: ratio to the bare engine %.2f (wanted: at least 0.75)\n",
           median(ratio, ROUNDS));
}

/* ---- a reboot ------------------------------------------------------------------------------------ */

/* How a boot begins: a reset with the power on, or a cut and power again. */
static void begin_boot(struct machine *m, bool is_cut)
{
    struct error error;
    if (!is_cut) {
        machine_reset(m, RESET_PIN);
        return;
    }
    machine_request_cut(m);
    machine_run(m, CLOCK_NEVER);
    if (!machine_power_on(m, &error))
        die(error.text);
}

static void bench_reboot(const char *folder, bool is_cut)
{
    struct subject s;
    struct error error;
    load(&s, folder, "kv");
    if (!machine_power_on(s.machine, &error))
        die(error.text);
    struct machine *m = s.machine;
    machine_run(m, 300 * PS_PER_MS); /* some records in flash */
    double whole[REBOOTS];
    double running[REBOOTS];
    uint64_t to_main_ps = 0;
    for (unsigned i = 0; i < REBOOTS; i++) {
        double start = seconds();
        begin_boot(m, is_cut);
        double middle = seconds();
        uint64_t from_ps = machine_now_ps(m);
        if (i == 0) { /* how long that takes, found once with a break */
            run_to(&s, symbol(&s, "main"));
            to_main_ps = machine_now_ps(m) - from_ps;
        } else {
            machine_run(m, from_ps + to_main_ps);
        }
        running[i] = seconds() - middle;
        whole[i] = seconds() - start;
    }
    double all = median(whole, REBOOTS);
    double instructions = median(running, REBOOTS);
    printf("%s: to main %.1f us, of which instructions %.1f us: ratio %.2f%s\n",
           is_cut ? "power cut, RAM lost, power on" : "reset", all * 1e6, instructions * 1e6,
           all / instructions, is_cut ? "" : " (wanted: at most 1.5)");
    machine_destroy(m);
    image_free(&s.image);
}

/* ---- waiting --------------------------------------------------------------------------------------- */

static double run_once(const char *folder, const char *name)
{
    struct subject s;
    struct error error;
    load(&s, folder, name);
    s.machine->semihosting = exits;
    if (!machine_power_on(s.machine, &error))
        die(error.text);
    double start = seconds();
    if (machine_run(s.machine, 10 * PS_PER_S) != MACHINE_STOP_EXIT)
        die("the waiting image did not end");
    double time = seconds() - start;
    machine_destroy(s.machine);
    image_free(&s.image);
    return time;
}

static void bench_wait(const char *folder, const char *name)
{
    double with[WAITS];
    double without[WAITS];
    for (unsigned i = 0; i < WAITS; i++) {
        with[i] = run_once(folder, name);
        without[i] = run_once(folder, "wait_none");
    }
    double wait = median(with, WAITS) * 1e3;
    double none = median(without, WAITS) * 1e3;
    printf("%s: %.3f ms, the same without the wait %.3f ms: %.3f ms more (wanted: at most 1 ms)\n",
           name, wait, none, wait - none);
}

/* ---- one power cut --------------------------------------------------------------------------------- */

/* The firmware's whole work, with its power gone once in the middle of an operation or not at all. */
static double run_kv(const char *folder, uint64_t cut_ps)
{
    struct subject s;
    struct error error;
    load(&s, folder, "kv");
    double start = seconds();
    machine_cut_at(s.machine, cut_ps, RESET_POWER_ON);
    bool is_on = machine_power_on(s.machine, &error);
    if (is_on && cut_ps != CLOCK_NEVER) {
        if (machine_run(s.machine, PS_PER_S) != MACHINE_STOP_CUT)
            die("kv was not cut");
        is_on = machine_power_on(s.machine, &error);
    }
    if (!is_on)
        die(error.text);
    machine_run(s.machine, machine_now_ps(s.machine) + PS_PER_S);
    double time = seconds() - start;
    machine_destroy(s.machine);
    image_free(&s.image);
    return time;
}

static void bench_cut(const char *folder)
{
    double ratio[WAITS];
    for (unsigned i = 0; i < WAITS; i++)
        ratio[i] = run_kv(folder, 150 * PS_PER_MS) / run_kv(folder, CLOCK_NEVER);
    printf("one power cut: %.2f times the plain run, its second boot included (wanted: at most 2)\n",
           median(ratio, WAITS));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        die("usage: bench_speed FIRMWARE_FOLDER");
    printf("CPU engine: Unicorn %s\n", cpu_engine_version());
    bench_compute(argv[1]);
    bench_reboot(argv[1], false);
    bench_reboot(argv[1], true);
    bench_wait(argv[1], "wait_erase");
    bench_wait(argv[1], "wait_sleep");
    bench_wait(argv[1], "wait_stall");
    bench_cut(argv[1]);
    return 0;
}

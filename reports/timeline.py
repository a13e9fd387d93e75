"""The events of one run as the lanes of a timeline.

A lane is a list of items [begin, duration, class, text], times in picoseconds, where class and text are numbers
of strings in a table: a run has thousands of items and few different texts.
"""

from __future__ import annotations

import re
from typing import Any

from result import Object, number

Item = list[int]

LANES = ["boots", "flash", "stalls", "faults", "interrupts", "debugger", "watchdog", "steps", "pins", "console"]
LANE_ITEMS = 3000  # more are drawn together, but for those near a moment that matters
NEAR = 100
FOCUS_MAX = 12  # buttons of moments at first
FOCUS_ALL = 300
FAULT_EXCEPTIONS = range(2, 7)  # NMI to UsageFault

OPERATIONS = {
    "flash.program_start": "program",
    "flash.erase_start": "erase",
    "flash.option_start": "option",
}
OPERATION_ENDS = {"flash.program_end", "flash.erase_end", "flash.option_end"}
FAULTS = {
    "core.fault": "fault",
    "core.lockup": "lockup",
    "bus.error": "bus error",
    "flash.error": "flash refuses",
    "flash.lockout": "wrong key: locked out",
    "flash.ecc_corrected": "one wrong bit corrected",
    "flash.ecc_detected": "two wrong bits",
    "flash.stale_read": "a cache gave old data",
}


def time_text(ps: int) -> str:
    """As a person reads it: four digits and a unit."""
    for unit, size in (("s", 10**12), ("ms", 10**9), ("µs", 10**6), ("ns", 10**3)):
        if ps >= size:
            return f"{ps / size:.6g} {unit}"
    return f"{ps} ps"


def hex_text(value: int) -> str:
    return f"0x{value:08X}"


class Timeline:
    """Goes through the events once and keeps what is open: boots, operations, halts."""

    def __init__(self, run: Object, file: Object, words: Object) -> None:
        self.run = run
        self.steps = file.get("timeline", [])
        self.words = words
        self.end = number(run["end_ps"])
        self.strings: dict[str, int] = {}
        self.lanes: dict[str, list[Item]] = {name: [] for name in LANES}
        self.stalls: list[tuple[Item, str]] = []  # of this boot, and what each says without its time
        self.moments: list[Item] = []
        self.focus: list[dict[str, Any]] = []
        self.supply: list[list[int]] = []
        self.boot: tuple[int, str] | None = None
        self.boot_number = 0
        self.boot_ends: dict[int, int] = {}
        self.operation: Object | None = None
        self.latched: int | None = None
        self.halted: int | None = None
        self.entered: list[tuple[int, int]] = []

    # --- items ---

    def string(self, text: str) -> int:
        return self.strings.setdefault(text, len(self.strings))

    def add(self, lane: str, begin: int, end: int, kind: str, text: str) -> None:
        item = [begin, max(0, end - begin), self.string(kind), self.string(text)]
        self.lanes[lane].append(item)

    def look_at(self, t: int, span: int, label: str, weight: int, is_fault: bool = False) -> None:
        place = {"t": t, "span": max(span, 10**6), "label": label, "weight": weight}
        self.focus.append(place | {"fault": True} if is_fault else place)

    def word(self, kind: str, value: int) -> str:
        return self.words.get(kind, {}).get(str(value), str(value))

    # --- what ends when power goes or a reset comes ---

    def end_operation(self, t: int, outcome: str | None) -> None:
        start, self.operation, self.latched = self.operation, None, None
        if not start:
            return
        begin, kind = number(start["t_ps"]), OPERATIONS[start["kind"]]
        where = f" of {hex_text(start['addr'])}, {start['size']} bytes" if start["size"] else ""
        text = f"{kind}{where}: {time_text(t - begin)}"
        if outcome:
            text += f", {outcome}"
            self.look_at(t, 2 * (t - begin), f"{kind} {outcome}", 3)
        self.add("flash", begin, t, f"{kind} broken" if outcome else kind, text)

    def end_stalls(self, t: int) -> None:
        """Who waits is told at once how long; a cut or a reset ends it earlier."""
        for item, text in self.stalls:
            if item[0] + item[1] > t:
                item[1] = max(0, t - item[0])
                item[3] = self.string(f"{text}: {time_text(item[1])}, then the boot ended")
        self.stalls = []

    def end_boot(self, t: int) -> None:
        self.end_stalls(t)
        if self.boot:
            begin, text = self.boot
            self.add("boots", begin, t, "boot", f"{text}: {time_text(t - begin)}")
            self.boot_ends[self.boot_number] = t
        self.boot = None
        while self.entered:
            self.leave_exception(t)

    def leave_exception(self, t: int) -> None:
        value, begin = self.entered.pop()
        name = self.exception(value)
        lane = "faults" if value in FAULT_EXCEPTIONS else "interrupts"
        self.add(lane, begin, t, "handler", f"{name}: {time_text(t - begin)}")

    def exception(self, value: int) -> str:
        return f"IRQ {value - 16}" if value >= 16 else self.word("core.exception_entry", value)

    # --- one event ---

    def hear(self, event: Object) -> None:
        kind, t, value = event["kind"], number(event["t_ps"]), event["value"]
        if kind in ("power.on", "core.reset"):
            self.hear_start(kind, t, value, event["boot"])
        elif kind == "power.cut":
            self.hear_cut(t)
        elif kind.startswith("flash.") and self.hear_flash(kind, t, event):
            pass
        elif kind in FAULTS:
            self.hear_fault(kind, t, event)
        else:
            self.hear_other(kind, t, value, event)

    def hear_start(self, kind: str, t: int, value: int, boot: int) -> None:
        cause = f"reset: {self.word('core.reset', value)}" if kind == "core.reset" else "power on"
        if kind == "power.on":
            self.end_operation(t, "cut")
        if kind == "core.reset" and self.boot:
            self.end_operation(t, "ended by the reset")
            self.moments.append([t, 0, self.string("reset"), self.string(cause)])
            self.look_at(t, 10**9, cause, 1)
        self.end_boot(t)
        self.boot = (t, f"boot {boot}, {cause}")
        self.boot_number = boot

    def hear_cut(self, t: int) -> None:
        self.end_operation(t, "cut")
        self.end_boot(t)
        self.moments.append([t, 0, self.string("cut"), self.string("power cut")])
        if not self.focus or self.focus[-1]["t"] != t:
            self.look_at(t, 10**9, "power cut", 2)

    def hear_flash(self, kind: str, t: int, event: Object) -> bool:
        if kind == "flash.latch":
            self.latched = t
        elif kind in OPERATIONS:
            if self.latched is not None and kind == "flash.program_start":
                text = f"first word taken: {time_text(t - self.latched)} before the pulse"
                self.add("flash", self.latched, t, "latched", text)
            self.operation = event
        elif kind in OPERATION_ENDS:
            self.end_operation(t, None)
        elif kind == "flash.torn":
            phase = self.word(kind, event["value"])
            text = f"torn at {hex_text(event['addr'])}, {event['size']} bytes, phase {phase}"
            self.end_operation(t, f"cut in phase {phase}")
            self.add("flash", t, t, "torn", text)
        elif kind == "flash.stall":
            wait = event["value"] * 1000
            text = f"{event['master']} waits for {hex_text(event['addr'])}"
            self.add("stalls", t, t + wait, "stall", f"{text}: {time_text(wait)}")
            self.stalls.append((self.lanes["stalls"][-1], text))
        else:
            return False
        return True

    def hear_fault(self, kind: str, t: int, event: Object) -> None:
        text = f"{FAULTS[kind]}: {hex_text(event['addr'])}"
        if kind in ("core.fault", "flash.error"):
            text += f", flags {hex_text(event['value'])}"
        text += f", pc {hex_text(event['pc'])}"
        self.add("faults", t, t, kind.replace(".", "-"), text)
        if kind in ("core.fault", "core.lockup", "flash.ecc_detected"):
            self.look_at(t, 10**8, FAULTS[kind], 2, is_fault=True)

    def hear_other(self, kind: str, t: int, value: int, event: Object) -> None:
        if kind == "core.exception_entry":
            self.entered.append((value, t))
        elif kind == "core.exception_return" and self.entered:
            self.leave_exception(t)
        elif kind == "debug.halt":
            self.hear_halt(t, bool(value))
        elif kind == "debug.access":
            how = "writes" if event.get("op") else "reads"
            self.add("debugger", t, t, "access", f"debugger {how} {hex_text(event['addr'])}")
        elif kind == "watchdog":
            word = self.word(kind, value)
            text = f"{event.get('unit', '')} {word}"
            if event.get("repeats"):
                text += f", and {event['repeats']} times more"
            until = number(event.get("until_ps", t))
            self.add("watchdog", t, until, f"watchdog-{word}", text)
        elif kind == "scenario.step":
            self.hear_step(t, value)
        elif kind == "gpio.pin":
            pin = f"P{chr(ord('A') + event['addr'] // 16)}{event['addr'] % 16}"
            self.add("pins", t, t, "pin-high" if value else "pin-low", f"{pin} goes to {value}")
        elif kind == "supply.level":
            self.supply.append([t, value])

    def hear_halt(self, t: int, is_halted: bool) -> None:
        if is_halted:
            self.halted = t
            self.look_at(t, 10**9, "debugger halt", 1)
        elif self.halted is not None:
            text = f"halted by the debugger: {time_text(t - self.halted)}"
            self.add("debugger", self.halted, t, "halt", text)
            self.halted = None

    def hear_step(self, t: int, value: int) -> None:
        step = self.steps[value - 1] if 0 < value <= len(self.steps) else {}
        name = step.get("name", "") if isinstance(step, dict) else ""
        text = f"step {value}{': ' if name else ''}{name}"
        self.add("steps", t, t, "step", text)
        self.look_at(t, 10**9, text, 1)

    def look_at_violation(self) -> None:
        """Without a fault: the end of the boot that the first note names last, where it became known."""
        named = re.findall(r"\bboot (\d+)", next(iter(self.run.get("notes", [])), ""))
        is_faulty = any("fault" in place for place in self.focus)
        if self.run.get("verdict") == "fail" and not is_faulty and named:
            end = self.boot_ends.get(int(named[-1]))
            if end is not None:
                self.look_at(end, 10**9, f"violation known, boot {named[-1]} ends", 0, is_fault=True)

    # --- the whole ---

    def build(self) -> Object:
        for event in sorted(self.run["shown"]["events"], key=lambda event: number(event["seq"])):
            self.hear(event)
        self.end_operation(self.end, "still under way at the end")
        if self.halted is not None:
            self.hear_halt(self.end, False)
        self.end_boot(self.end)
        for line in self.run["shown"]["console"]:
            t = number(line["t_ps"])
            self.add("console", t, t, "input" if line.get("input") else "line", line["text"][:200])
        self.look_at_violation()
        focus = self.best_focus()
        places = [place["t"] for place in focus if "more" not in place]
        near = sorted([item[0] for item in self.moments] + places)
        lanes = [
            {"name": name, "items": thin(items, self.end, near)}
            for name, items in self.lanes.items()
            if items
        ]
        return {
            "end": self.end,
            "strings": list(self.strings),
            "lanes": lanes,
            "moments": self.moments,
            "supply": self.supply,
            "focus": focus,
            "focus_left_out": max(0, len(self.focus) - FOCUS_ALL),
            "left_out": self.run["shown"].get("events_left_out", 0),
        }

    def best_focus(self) -> list[Object]:
        """All moments that matter, in the order of time, the first fault before them. `more` has each that is
        not among the most important few: it waits behind a button."""
        seen: dict[str, int] = {}
        shown = 0
        faults = [place for place in self.focus if "fault" in place]
        first_fault = min(faults, key=lambda place: place["t"], default=None)
        order = sorted(self.focus, key=lambda place: (-place["weight"], place["t"]))
        for place in order:
            if place is first_fault:
                continue
            place.pop("fault", None)
            seen[place["label"]] = seen.get(place["label"], 0) + 1
            if seen[place["label"]] <= 3 and shown < FOCUS_MAX:
                shown += 1
            else:
                place["more"] = True
        return sorted(order[:FOCUS_ALL], key=lambda place: ("fault" not in place, place["t"]))


def thin(items: list[Item], end: int, near: list[int]) -> list[Item]:
    """Of a crowded lane, what is alike and falls into the same thousandth is one item."""
    items.sort(key=lambda item: (item[0], item[1]))
    if len(items) <= LANE_ITEMS:
        return items
    kept_times = _times_near(items, near)
    bucket = max(1, end // 1000)
    thinned: list[Item] = []
    last: dict[int, Item] = {}
    for item in items:
        before = last.get(item[2])
        is_kept = item[0] in kept_times
        if before is not None and not is_kept and before[0] // bucket == item[0] // bucket:
            before[1] = max(before[1], item[0] + item[1] - before[0])
            before[4] += 1
            continue
        merged = [*item, 1]
        if not is_kept:
            last[item[2]] = merged
        thinned.append(merged)
    return [item[:4] if item[4] == 1 else item for item in thinned]


def _times_near(items: list[Item], near: list[int]) -> set[int]:
    """Begins of the items that are among the next ones before or after a moment."""
    times = [item[0] for item in items]
    kept: set[int] = set()
    position = 0
    for t in near:
        while position < len(times) and times[position] < t:
            position += 1
        kept.update(times[max(0, position - NEAR) : position + NEAR])
    return kept

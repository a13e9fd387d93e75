"""The page in a real browser: made from runs of real scenarios, opened in headless Chromium, looked at, clicked
and typed into.

usage: test_page.py FLASHSIM SOURCE_DIR LIBRARY_RESULT [--keep FOLDER]
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from webdriver import Browser, BrowserError

HOSTILE = "</script><script>window.hurt=1</script><img src=x onerror='window.hurt=2'>&amp;\"'"
WIDTHS = (400, 1400)

# The rectangle of the first visible element that matches, as the browser lays it out.
BOX = """
const found = [...document.querySelectorAll(arguments[0])].find((e) => e.getClientRects().length);
if (!found) return null;
const box = found.getBoundingClientRect();
return { width: box.width, height: box.height, text: found.textContent, label: found.getAttribute("aria-label") };
"""
COUNT = "return [...document.querySelectorAll(arguments[0])].filter((e) => e.getClientRects().length).length;"
CURRENT = "return document.querySelector('article.current')?.id ?? '';"


class Fail(Exception):
    """What is wrong with the page."""


def want(is_so: bool, what: str) -> None:
    if not is_so:
        raise Fail(what)


class Case:
    """The program, the page script and a folder to work in."""

    def __init__(self, flashsim: str, source: Path, library: Path, folder: Path) -> None:
        self.flashsim = flashsim
        self.source = source
        self.library = library
        self.folder = folder

    def result(self, name: str, *words: str) -> Path:
        """A result of real runs."""
        path = self.folder / f"{name}.json"
        command = [self.flashsim, "test", *words, "--json", str(path)]
        done = subprocess.run(
            command, cwd=self.source, capture_output=True, text=True, timeout=800, check=False
        )
        want(done.returncode in (0, 1, 2), f"{' '.join(command)}: {done.stderr}")
        return path

    def report(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.source / "reports/report.py"), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def page(self, result: Path, *words: str) -> Path:
        path = result.with_suffix(".html")
        done = self.report(str(result), "-o", str(path), *words)
        want(done.returncode == 0 and not done.stderr, f"report: {done.stderr}")
        return path


def wait_for(browser: Browser, script: str, wanted: Any, what: str) -> None:
    deadline = time.monotonic() + 5
    found = browser.run(script)
    while found != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
        found = browser.run(script)
    want(found == wanted, f"{what}: {found!r}, not {wanted!r}")


def want_box(browser: Browser, selector: str, wide: float, high: float) -> dict[str, Any]:
    box = browser.run(BOX, selector)
    want(box is not None, f"{selector}: not there, or not visible")
    want(
        box["width"] >= wide and box["height"] >= high,
        f"{selector}: {box['width']:.0f} x {box['height']:.0f}, not at least {wide} x {high}",
    )
    return box


def want_quiet(browser: Browser, when: str) -> None:
    messages = browser.messages()
    want(not messages, f"{when}: the browser says {messages[:3]}")


def want_no_overflow(browser: Browser, when: str) -> None:
    wide = browser.run("return [document.documentElement.scrollWidth, innerWidth];")
    want(wide[0] <= wide[1], f"{when}: the page is {wide[0]} wide in a window of {wide[1]}")


# --- what is looked at ---


def check_parts(browser: Browser, page: Path, _: Case) -> None:
    """The failing run comes first, and its parts are there."""
    browser.open(page)
    want_box(browser, "article.current h2", 100, 20)
    title = browser.run("return document.querySelector('article.current h2').textContent;")
    want("kv_bad" in title and "fail" in title, f"the first run is {title!r}")
    note = want_box(browser, "article.current .notes li", 200, 15)["text"]
    want("ack boot=1 was there in boot 1" in note, f"the note is {note!r}")
    replay = want_box(browser, "article.current .replay code", 200, 12)["text"]
    want(
        replay.startswith("flashsim replay 'scenarios/l4/kv_bad.json#"),
        f"the replay line is {replay!r}",
    )
    outcomes = browser.run(
        "return [...document.querySelectorAll('article.current .expectations .badge')].map((e) => e.textContent);"
    )
    want(outcomes == ["violated", "met", "met"], f"outcomes {outcomes}")
    cut = want_box(browser, "article.current .facts .wide", 200, 15)["text"]
    want("37@program.before" in cut and "in boot 1 at 147.5" in cut, f"the cut is {cut!r}")
    rules = browser.run(COUNT, "article.current .rules dt")
    want(rules > 0 or "before" in cut, "no assumed rules")


def check_console(browser: Browser, _page: Path, __: Case) -> None:
    want_box(browser, "article.current .console .screen", 300, 150)
    lines = browser.run(
        "return [...document.querySelectorAll('article.current .console .s')].map((e) => e.textContent);"
    )
    want("put boot=1" in lines and "PASS" in lines, f"console lines {lines[:5]}")
    boots = browser.run(
        "return [...document.querySelectorAll('article.current .console h4')].map((e) => e.textContent);"
    )
    want(boots == ["boot 1, power-on 1", "boot 2, power-on 2"], f"boots {boots}")


def check_timeline(browser: Browser, _page: Path, __: Case) -> None:
    """It begins at the cut; the whole run shows both boots and what they did to the flash."""
    want_box(browser, "article.current svg.detail", 300, 60)
    want_box(browser, "article.current svg.overview rect.window", 2, 10)
    want_box(browser, "article.current svg.detail line.moment.cut", 0, 40)
    want_box(browser, "article.current svg.detail .lane-flash .item", 2, 8)
    browser.click("article.current .buttons button")
    pressed = browser.run(
        "return document.querySelector('article.current .buttons button').ariaPressed;"
    )
    want(pressed == "true", "the whole run is not shown")
    boots = browser.run(COUNT, "article.current svg.detail .lane-boots .boot")
    want(boots == 2, f"{boots} boots in the timeline, not 2")
    erases = browser.run(COUNT, "article.current svg.detail .lane-flash .erase")
    want(erases >= 2, f"{erases} erases in the timeline")
    want_box(browser, "article.current svg.detail .lane-flash .erase", 5, 8)


def check_zoom(browser: Browser, _page: Path, __: Case) -> None:
    """By button, by key, and by the buttons of moments."""
    axis = (
        "return [...document.querySelectorAll('article.current svg.detail .axis + text')]"
        ".map((e) => e.textContent).join();"
    )
    whole = browser.run(axis)
    browser.click("article.current .buttons button:nth-child(2)")
    nearer = browser.run(axis)
    want(nearer != whole, "the zoom button does nothing")
    browser.keys("article.current svg.detail", "+")
    nearest = browser.run(axis)
    want(nearest != nearer, "the key + does nothing")
    browser.keys("article.current svg.detail", "0")
    want(browser.run(axis) == whole, "the key 0 does not show the whole run")
    browser.keys("article.current svg.detail", "n")
    told = want_box(browser, "article.current .read", 100, 10)["text"]
    want("boot 1, power on" in told, f"the first item is told as {told!r}")
    browser.click("article.current .buttons button:last-child")
    want("147.5" in browser.run(axis), f"not at the cut: {browser.run(axis)}")


def check_flash(browser: Browser, _page: Path, __: Case) -> None:
    pages = browser.run(COUNT, "article.current .flash .grid .page")
    want(pages == 2 * (256 + 1), f"{pages} pages in two maps of 512 KB and the option bytes")
    cell = want_box(browser, "article.current .flash .page.changed", 8, 8)
    want("bank 1, page 25" in cell["label"] and "changed" in cell["label"], f"it says {cell['label']!r}")
    about = want_box(browser, "article.current .flash .about", 200, 60)["text"]
    want("0x0807" in about and "changed:" in about, f"about the page: {about!r}")
    browser.keys("article.current .flash .page[tabindex='0']", "\ue012")  # to the left
    moved = want_box(browser, "article.current .flash .about", 200, 60)["text"]
    want(moved != about and "bank 1, page 25" in moved, f"arrow left shows {moved!r}")


def check_runs(browser: Browser, _page: Path, __: Case) -> None:
    """From run to run with the mouse, with keys, and by name."""
    first = browser.run(CURRENT)
    browser.keys("body", "j")
    wait_for(browser, CURRENT, "r1", "the key j")
    browser.keys("body", "k")
    wait_for(browser, CURRENT, first, "the key k")
    browser.click(".list .scenario:last-child a")
    last = browser.run("return document.querySelector('.list .scenario:last-child a').dataset.run;")
    wait_for(browser, CURRENT, last, "a click on the last scenario")
    want_box(browser, f"#{last} .console .screen", 300, 30)
    shown = browser.run(COUNT, "article")
    want(shown == 1, f"{shown} runs are shown at once")
    browser.keys("#filter", "hello")
    listed = browser.run(COUNT, ".list .scenario")
    want(listed == 1, f"{listed} scenarios are listed that are called hello")


def check_copy(browser: Browser, page: Path, _: Case) -> None:
    browser.open(page)
    browser.click("article.current button.copy")
    label = "return document.querySelector('article.current button.copy').textContent;"
    wait_for(browser, label, "Copied", "the copy button")


def check_widths(browser: Browser, page: Path, case: Case) -> None:
    for width in WIDTHS:
        browser.resize(width, 900)
        for is_dark in (False, True):
            browser.dark(is_dark)
            browser.open(page)
            want_no_overflow(browser, f"{width} wide")
            want_box(browser, "article.current svg.detail", width * 0.6 - 20, 60)
            want_box(browser, "article.current .flash .page.changed", 8, 8)
            dark = browser.run("return getComputedStyle(document.body).backgroundColor;")
            want((dark == "rgb(20, 23, 26)") == is_dark, f"the paper is {dark}")
            browser.screenshot(case.folder / f"{width}{'-dark' if is_dark else ''}.png")
    browser.dark(False)
    browser.resize(1400, 1000)


# --- a hostile result ---


def make_hostile(result: Path) -> Path:
    """Every text of a real result, and one line of its console, tries to be HTML."""
    value = json.loads(result.read_text(encoding="utf-8"))
    scenario = value["scenarios"][0]
    scenario["name"] = scenario["why"] = scenario["text"] = HOSTILE
    scenario["path"] = f"folder/{HOSTILE}.json"
    for expectation in scenario["expectations"]:
        expectation["name"] = HOSTILE
        expectation["expect"]["console"] = HOSTILE
    scenario["file"]["why"] = HOSTILE
    run = scenario["runs"][0]
    run["replay"] = HOSTILE
    run["notes"] = [HOSTILE]
    run["assumed"] = [HOSTILE]
    run["missing"] = [HOSTILE]
    run["shown"]["console"][0]["text"] = HOSTILE
    run["shown"]["console"][0]["channel"] = HOSTILE
    for event in run["shown"]["events"]:
        event["unit"] = HOSTILE
    hostile = result.with_name("hostile.json")
    hostile.write_text(json.dumps(value), encoding="utf-8")
    return hostile


def check_hostile(browser: Browser, _page: Path, case: Case) -> None:
    page = case.page(make_hostile(case.folder / "runs.json"))
    browser.open(page)
    line = browser.run("return document.querySelector('article.current .console .s').textContent;")
    want(line == HOSTILE, f"the console shows {line!r}")
    title = browser.run("return document.querySelector('article.current h2').textContent;")
    want(HOSTILE in title, f"the title is {title!r}")
    want(browser.run("return window.hurt ?? null;") is None, "a script in the result ran")
    want(browser.run("return document.querySelectorAll('img').length;") == 0, "an element was made")
    want_quiet(browser, "a hostile result")
    want_no_overflow(browser, "a hostile result")


def check_large(browser: Browser, _page: Path, case: Case) -> None:
    """The whole library of the L4."""
    result = case.folder / "library.json"
    shutil.copyfile(case.library, result)
    started = time.monotonic()
    page = case.page(result)
    made = time.monotonic() - started
    size = page.stat().st_size
    want(size < 15_000_000, f"the page of scenarios/l4 has {size} bytes")
    started = time.monotonic()
    browser.open(page)
    want_box(browser, "article.current h2", 100, 20)
    seconds = time.monotonic() - started
    count = browser.run("return document.querySelectorAll('article').length;")
    for index in range(count):
        browser.run("location.hash = arguments[0];", f"r{index}")
        wait_for(browser, CURRENT, f"r{index}", "a run of the library")
    want_quiet(browser, "the library")
    drawn = browser.run("return document.querySelectorAll('svg.detail .lane-boots .boot').length;")
    recorded = browser.run("return document.querySelectorAll('script.data').length;")
    want(drawn >= recorded > count * 0.9, f"{drawn} boots are drawn, {recorded} of {count} runs recorded")
    print(f"report: scenarios/l4: {count} runs, {size} bytes, opens in {seconds:.2f} s, made in {made:.0f} s")


# --- without a browser ---


def check_refused(_browser: Browser, _page: Path, case: Case) -> None:
    """Bad input: one line, status 2, and no page."""
    good = case.folder / "runs.json"
    value = json.loads(good.read_text(encoding="utf-8"))
    cases = {
        "none.json": None,
        "empty.json": "",
        "half.json": good.read_text(encoding="utf-8")[:5000],
        "other.json": '{"format": "flashsim test 1"}',
        "list.json": "[]",
        "bare.json": '{"format": "flashsim test 2"}',
        "damaged.json": json.dumps(value | {"scenarios": [{"path": "x", "status": "odd"}]}),
    }
    for name, text in cases.items():
        path = case.folder / name
        if text is not None:
            path.write_text(text, encoding="utf-8")
        want_refused(case, str(path), "-o", str(case.folder / "refused.html"))
    output = str(case.folder / "refused.html")
    want_refused(case, str(good), "-o", output, "--scenario", "nobody")
    want_refused(case, str(good), "-o", output, "--scenario", "hello", "--run", "2")
    want_refused(case, str(good), "-o", output, "--run", "1")
    want_refused(case, str(good), "-o", str(case.folder / "missing" / "page.html"))
    want_refused(case, str(good), "-o", str(good))
    want_refused(case, str(good))


def want_refused(case: Case, *words: str) -> None:
    before = sorted(case.folder.iterdir())
    done = case.report(*words)
    want(done.returncode == 2, f"status {done.returncode}, not 2: {words}")
    want(
        done.stderr.count("\n") == 1 and done.stderr.startswith("report: ") and not done.stdout,
        f"not one line: {words}: {done.stderr!r}",
    )
    want(sorted(case.folder.iterdir()) == before, f"something was written: {words}")


def check_chosen(browser: Browser, _page: Path, case: Case) -> None:
    """--scenario and --run; and the same page twice."""
    result = case.folder / "runs.json"
    one, two = case.folder / "one.html", case.folder / "two.html"
    for output in (one, two):
        words = (str(result), "-o", str(output), "--scenario", "kv_bad", "--run", "2")
        want(case.report(*words).returncode == 0, "one run can not be chosen")
    want(one.read_bytes() == two.read_bytes(), "two pages from one result differ")
    browser.open(one)
    want(browser.run("return document.querySelectorAll('article').length;") == 1, "more than one run")
    path = want_box(browser, "article.current .path", 100, 10)["text"]
    want("run 2 of 10" in path, f"the run is {path!r}")


def check_worst_first(browser: Browser, _page: Path, case: Case) -> None:
    """A run that fails after one that passes is what the page opens on; the list says why; two results are one."""
    value = json.loads((case.folder / "runs.json").read_text(encoding="utf-8"))
    scenario = next(one for one in value["scenarios"] if one["name"] == "kv_bad")
    scenario["runs"][0]["verdict"] = "pass"
    first = case.folder / "worst.json"
    first.write_text(json.dumps(value | {"scenarios": [scenario]}), encoding="utf-8")
    others = [one for one in value["scenarios"] if one is not scenario]
    second = case.folder / "second.json"
    second.write_text(json.dumps(value | {"scenarios": others}), encoding="utf-8")
    page = case.page(first, str(second))
    browser.open(page)
    want("run 2 of 10" in want_box(browser, "article.current .path", 100, 10)["text"], "not on a failing run")
    told = want_box(browser, "a[data-run='r0'] .brief", 50, 8)["text"]
    want(told == f"cut {scenario['runs'][1]['cuts'][0]['cut']}: ack boot=1 was lost", f"it says {told!r}")
    want_box(browser, "article.current .buttons button.fault", 20, 10)
    want(browser.run(COUNT, ".list .scenario") == 3, "two results are not one")
    want_refused(case, str(first), str(second), "-o", str(second))


def check_moments(browser: Browser, _page: Path, case: Case) -> None:
    """A cut ends a stall; more moments than buttons wait behind one; repeats are told."""
    value = json.loads((case.folder / "runs.json").read_text(encoding="utf-8"))
    scenario = next(one for one in value["scenarios"] if one["name"] == "kv_bad")
    run = scenario["runs"][0]
    events = run["shown"]["events"]
    cut = next(event for event in events if event["kind"] == "power.cut")
    before = {"seq": cut["seq"] - 0.5, "t_ps": cut["t_ps"] - 1000000, "boot": 1, "master": "cpu", "pc": 0, "size": 0}
    events.append(before | {"kind": "flash.stall", "addr": 0x08000000, "value": 22_000_000})
    for index in range(40):
        kind = {"kind": "scenario.step", "addr": 0, "value": index + 1}
        events.append(before | kind | {"seq": index / 100, "t_ps": 1000 * (index + 1)})
    path = case.folder / "moments.json"
    path.write_text(json.dumps(value | {"scenarios": [scenario]}), encoding="utf-8")
    browser.open(case.page(path))
    data = browser.run("return document.querySelector('#r0 script.data').textContent;")
    timeline = json.loads(data)["timeline"]
    stalls = next(lane["items"] for lane in timeline["lanes"] if lane["name"] == "stalls")
    want(any(item[0] + item[1] == cut["t_ps"] for item in stalls), "no stall ends at the cut")
    want(all(not item[0] < cut["t_ps"] < item[0] + item[1] for item in stalls), "a stall goes on past the cut")
    buttons = browser.run(COUNT, "article.current .buttons button")
    browser.click("article.current .buttons button.more")
    all_buttons = browser.run(COUNT, "article.current .buttons button")
    want(buttons <= 5 + 12 + 2 and all_buttons >= 5 + 40, f"{buttons} buttons, then {all_buttons}")


CHECKS: list[Callable[[Browser, Path, Case], None]] = [
    check_parts,
    check_console,
    check_timeline,
    check_zoom,
    check_flash,
    check_runs,
    check_copy,
    check_widths,
    check_chosen,
    check_worst_first,
    check_moments,
    check_hostile,
    check_refused,
    check_large,
]


def run_checks(case: Case) -> int:
    failures = 0
    names = ("kv_bad", "hello", "kv_timeline")
    page = case.page(case.result("runs", *(f"scenarios/l4/{name}.json" for name in names), "--raw"))
    want("http" not in page.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", ""),
         "the page names something on a network")
    with Browser(case.folder) as browser:
        for check in CHECKS:
            try:
                check(browser, page, case)
                want_quiet(browser, check.__name__)
            except (Fail, BrowserError) as error:
                print(f"FAIL: {check.__name__}: {error}")
                failures += 1
    return failures


def main() -> int:
    flashsim, source, library = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[5]) if sys.argv[4:5] == ["--keep"] else Path(name)
        try:
            failures = run_checks(Case(flashsim, source, library, folder))
        except (Fail, BrowserError) as error:
            print(f"FAIL: {error}")
            failures = 1
    print("report:", f"{failures} checks fail" if failures else f"{len(CHECKS)} checks pass")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

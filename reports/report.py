#!/usr/bin/env python3
"""One HTML page from a result of `flashsim test --json`: it needs no other file and no network.

examples:
  reports/report.py result.json -o page.html
  reports/report.py result.json -o kv.html --scenario kv_bad --run 3
  reports/report.py build/flashsim/*.json -o page.html

exit status: 0, or 2 when the input can not be read or the page can not be written
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from result import Entry, Object, ResultError, choose, load, merge, number
from timeline import Timeline, hex_text, time_text

HERE = Path(__file__).resolve().parent
CONSOLE_LINES = 4000  # the first and the last half of more


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"report: {message}: see --help\n")


def arguments(words: list[str]) -> argparse.Namespace:
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "results",
        type=Path,
        nargs="+",
        metavar="result",
        help="the file that flashsim test --json wrote; several are shown as one, in their order",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="the page")
    parser.add_argument("--scenario", metavar="NAME", help="only this one: its name or its file")
    parser.add_argument("--run", type=int, metavar="N", help="only this run of it, from 1")
    return parser.parse_intermixed_args(words)


# --- what the page needs of a run ---


def console_of(run: Object) -> Object:
    lines = run["shown"]["console"]
    half = CONSOLE_LINES // 2
    left_out = max(0, len(lines) - CONSOLE_LINES)
    kept = lines[:half] + lines[-half:] if left_out else lines
    return {"lines": kept, "left_out": left_out, "break": half}


def data_of(entry: Entry, words: Object) -> Object | None:
    """What the page draws when the run is looked at; None: the result does not show the run."""
    if not entry.run or not entry.shown:
        return None
    return {
        "timeline": Timeline(entry.run, entry.scenario.get("file", {}), words).build(),
        "console": console_of(entry.run),
        "flash": entry.shown["flash"],
        "geometry": entry.scenario["flash"],
    }


def cut_text(cut: Object) -> str:
    if cut["state"] != "fired":
        return "never fired"
    text = f"in boot {cut['boot']} at {time_text(number(cut['t_ps']))}"
    if "addr" in cut:
        text += f", {hex_text(cut['addr'])}, {cut['size']} bytes"
    return text


LOST = re.compile(r"(.+) was there in boot \d+, boot \d+ does not report \S+$")
BRIEF_MAX = 80


def brief_of(entry: Entry) -> str:
    """In a few words what the run had done to it and what came of it."""
    run = entry.run or {}
    cuts = " and ".join(f"cut {cut['cut']}" for cut in run.get("cuts", []))
    reason = run.get("error", "") or next(iter(run.get("notes", [])), "")
    names = [expectation["name"] for expectation in entry.scenario.get("expectations", [])]
    for name in names:
        if reason.startswith(f"{name}: "):
            reason = reason[len(name) + 2 :]
            break
    reason = LOST.sub(r"\1 was lost", reason)
    if len(reason) > BRIEF_MAX:
        reason = reason[: BRIEF_MAX - 1].rstrip() + "…"
    return ": ".join(part for part in (cuts, reason) if part)


def expectations_of(entry: Entry) -> list[Object]:
    outcomes = entry.run.get("outcomes", []) if entry.run else []
    listed = []
    for index, expectation in enumerate(entry.scenario.get("expectations", [])):
        body = {key: value for key, value in expectation["expect"].items() if key != "name"}
        listed.append(
            {
                "name": expectation["name"],
                "text": json.dumps(body, ensure_ascii=False),
                "outcome": outcomes[index] if index < len(outcomes) else "unreached",
            }
        )
    return listed


def view_of(index: int, entry: Entry, result: Object) -> Object:
    """One article of the page."""
    run = entry.run or {}
    rules = {rule["id"]: rule for rule in result.get("rules", [])}
    scenario = entry.scenario
    return {
        "id": f"r{index}",
        "scenario": scenario,
        "run": run,
        "number": entry.number,
        "count": len(scenario.get("runs", [])),
        "status": entry.status,
        "brief": brief_of(entry),
        "title": scenario.get("name", scenario["path"]),
        "replay": f"flashsim replay '{run['replay']}'" if run else "",
        "cuts": [{"cut": cut["cut"], "text": cut_text(cut)} for cut in run.get("cuts", [])],
        "expectations": expectations_of(entry),
        "rules": [rules.get(name, {"id": name, "text": ""}) for name in run.get("assumed", [])],
        "file": json.dumps(scenario.get("file", {}), indent=2, ensure_ascii=False),
        "end": time_text(number(run["end_ps"])) if "end_ps" in run else "",
        "data": data_of(entry, result.get("words", {})),
    }


def groups_of(views: list[Object]) -> list[Object]:
    """The list beside the runs: a scenario, and below it its runs."""
    groups: list[Object] = []
    for view in views:
        if not groups or groups[-1]["scenario"] is not view["scenario"]:
            groups.append({"scenario": view["scenario"], "views": []})
        groups[-1]["views"].append(view)
    return groups


# --- the page ---


def read_part(name: str) -> Markup:
    """Our own style and script: they go into the page as they are."""
    return Markup((HERE / name).read_text(encoding="utf-8"))


def render(result: Object, entries: list[Entry]) -> str:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": False}
    views = [view_of(index, entry, result) for index, entry in enumerate(entries)]
    context: dict[str, Any] = {
        "sum": result["sum"],
        "views": views,
        "groups": groups_of(views),
        "style": read_part("page.css"),
        "script": read_part("page.js"),
    }
    return environment.get_template("page.html.j2").render(context)


def write_whole(path: Path, text: str) -> None:
    """The page appears whole or not at all; what is no file, as a pipe, is written directly."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def report(options: argparse.Namespace) -> None:
    named = options.results[0] if len(options.results) == 1 else Path("the results")
    loaded = [load(path) for path in options.results]
    try:
        result = merge(loaded)
        entries = choose(named, result, options.scenario, options.run)
        page = render(result, entries)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ResultError(
            f"{named}: damaged: {type(error).__name__}: {error}".splitlines()[0]
        ) from error
    try:
        if options.output.exists() and any(map(options.output.samefile, options.results)):
            raise ResultError(f"{options.output}: is also the input")
        write_whole(options.output, page)
    except OSError as error:
        raise ResultError(f"{options.output}: can not be written: {error.strerror}") from error


def main(words: list[str]) -> int:
    options = arguments(words)
    try:
        report(options)
    except ResultError as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The result file of `flashsim test --json`: reading it, and choosing what a report shows of it.

reports/README.md tells what each field is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = "flashsim test 2"
ORDER = ["fail", "bad input", "inconclusive", "pass"]
RUN_ORDER = ["fail", "none", "inconclusive", "pass"]

Object = dict[str, Any]


class ResultError(Exception):
    """The input can not be reported; the message is one line."""


@dataclass(frozen=True)
class Entry:
    """One run of a scenario, or a scenario that has none: a page of the report."""

    scenario: Object
    run: Object | None
    number: int  # of the run in its scenario, from 1; 0: there is none

    @property
    def status(self) -> str:
        return self.run["verdict"] if self.run else self.scenario["status"]

    @property
    def shown(self) -> Object | None:
        return self.run.get("shown") if self.run else None


def load(path: Path) -> Object:
    """The result in a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ResultError(f"{path}: can not be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ResultError(f"{path}: not a result of `flashsim test --json`: not UTF-8") from error
    try:
        result = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ResultError(f"{path}: not JSON: {error}") from error
    found = result.get("format") if isinstance(result, dict) else None
    if found != FORMAT:
        said = f'its "format" is {json.dumps(found)}' if found else 'it has no "format"'
        raise ResultError(
            f'{path}: not a result of `flashsim test --json`: {said}, not "{FORMAT}"'
        )
    return result


def number(value: int | str) -> int:
    """Integers past 2^53 are strings."""
    return int(value)


def is_called(scenario: Object, name: str) -> bool:
    path = Path(scenario["path"])
    return name in (scenario.get("name"), scenario["path"], path.name, path.stem)


def _numbered_runs(scenario: Object) -> list[tuple[int, Object]]:
    return list(enumerate(scenario.get("runs", []), start=1))


def _entries_of(scenario: Object) -> list[Entry]:
    """The runs that the result has in full; of a scenario without any, one that is no pass. The worst first."""
    runs = _numbered_runs(scenario)
    if not runs:
        return [Entry(scenario, None, 0)]
    shown = [(n, run) for n, run in runs if "shown" in run]
    worse = [(n, run) for n, run in runs if run["verdict"] != "pass"]
    chosen = shown or worse[:1] or runs[:1]
    chosen.sort(key=lambda one: RUN_ORDER.index(one[1]["verdict"]))
    return [Entry(scenario, run, n) for n, run in chosen]


def _one_run(path: Path, scenario: Object, wanted: int) -> list[Entry]:
    for n, run in _numbered_runs(scenario):
        if n == wanted:
            return [Entry(scenario, run, n)]
    count = len(scenario.get("runs", []))
    raise ResultError(
        f"{path}: --run {wanted}: {scenario['path']} has {count} run{'' if count == 1 else 's'}"
    )


def merge(results: list[Object]) -> Object:
    """Several results as one, in their order."""
    if len(results) == 1:
        return results[0]
    merged = {**results[0], "sum": {}, "words": {}, "rules": [], "scenarios": []}
    rules: dict[str, Object] = {}
    for result in results:
        for key, count in result["sum"].items():
            merged["sum"][key] = merged["sum"].get(key, 0) + count
        for kind, words in result.get("words", {}).items():
            merged["words"].setdefault(kind, {}).update(words)
        for rule in result.get("rules", []):
            rules.setdefault(rule["id"], rule)
        merged["scenarios"] += result["scenarios"]
    merged["rules"] = list(rules.values())
    return merged


def choose(path: Path, result: Object, name: str | None, run: int | None) -> list[Entry]:
    """What the report shows, the worst first."""
    scenarios = result["scenarios"]
    if name is not None:
        scenarios = [scenario for scenario in scenarios if is_called(scenario, name)]
        if not scenarios:
            raise ResultError(f"{path}: --scenario {name}: no scenario of that name is in it")
    if run is not None:
        if len(scenarios) != 1:
            raise ResultError(f"{path}: --run needs one scenario: name it with --scenario")
        return _one_run(path, scenarios[0], run)
    ordered = sorted(scenarios, key=lambda scenario: ORDER.index(scenario["status"]))
    return [entry for scenario in ordered for entry in _entries_of(scenario)]

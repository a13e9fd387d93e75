"""The JUnit file of `flashsim test` against what the terminal says, with the standard library's XML
parser as the judge: well-formed, elements in the order that CI systems want, counts that agree.

usage: judge.py FLASHSIM
"""

import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HOSTILE = "a < b & \"c\" 'd' ]]> \u00e4 \u20ac"
SUM = re.compile(
    r"(?P<scenarios>\d+) scenarios?: (?P<pass>\d+) pass"
    r"(?: \((?:(?P<known_bad>\d+) of them known bad, failing as stated)?(?:, )?"
    r"(?:(?P<known_inconclusive>\d+)(?: of them)? inconclusive as stated)?\))?"
    r", (?P<fail>\d+) fail, (?P<inconclusive>\d+) inconclusive, (?P<bad_input>\d+) bad input"
    r"; (?P<runs>\d+) runs?"
)
CHILDREN = ["properties", "failure", "error", "system-out"]


def scenario(contains: str, **more: object) -> dict:
    """A scenario for the firmware kv, which says PASS at its end."""
    return {
        "name": HOSTILE,
        "why": HOSTILE,
        "chip": "stm32l452re",
        "image": "firmware:kv",
        "run": "1s",
        "expect": [{"name": HOSTILE, "console": {"contains": contains}}],
    } | more


def scenarios() -> dict[str, dict]:
    never = {"operation": "program", "nth": 5000, "phase": "done"}
    known_bad = {"expect_verdict": "fail", "because": HOSTILE}
    nothing = {"expect_verdict": "inconclusive", "because": "cut 1 never fired"}
    return {
        "good": scenario("PASS"),
        "good_too": scenario("put "),
        "bad": scenario(f"no such text \x01 {HOSTILE}"),
        "known_bad": scenario("no such text", **known_bad),
        "not_known_bad": scenario("PASS", **known_bad),
        "proves_nothing": scenario("PASS", cut=never),
        "known_nothing": scenario("PASS", cut=never, **nothing),
        "not_known_nothing": scenario("PASS", **nothing),
        "unreadable": scenario("PASS", cuts=never),
    }


def write_scenarios(folder: Path) -> None:
    for name, value in scenarios().items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")


def counts_of_terminal(text: str) -> dict[str, int]:
    found = SUM.search(text)
    if not found:
        raise SystemExit(f"junit: no sum in:\n{text}")
    return {name: int(value or 0) for name, value in found.groupdict().items()}


def properties_of(element: ElementTree.Element) -> dict[str, str]:
    return {item.attrib["name"]: item.attrib["value"] for item in element.iter("property")}


def own_properties(suite: ElementTree.Element) -> dict[str, str]:
    properties = suite.find("properties")
    return {} if properties is None else properties_of(properties)


def counts_of_cases(cases: list[ElementTree.Element]) -> dict[str, int]:
    statuses = [properties_of(case) for case in cases]
    count = {
        name: sum(item["status"] == name.replace("_", " ") for item in statuses)
        for name in ("pass", "fail", "inconclusive", "bad_input")
    }
    count["scenarios"] = len(cases)
    count["known_bad"] = sum(item.get("known_bad") == "fails as stated" for item in statuses)
    count["known_inconclusive"] = sum(
        item.get("known_inconclusive") == "proves nothing, as stated" for item in statuses
    )
    count["runs"] = sum(int(item.get("runs", 0)) for item in statuses)
    return count


def check_case(case: ElementTree.Element) -> list[str]:
    wrong = []
    status = properties_of(case)["status"]
    tags = [child.tag for child in case]
    if tags != [tag for tag in CHILDREN if tag in tags]:
        wrong.append(f"{status}: elements in the order {tags}")
    element = {"pass": None, "fail": "failure"}.get(status, "error")
    if [tag for tag in tags if tag in ("failure", "error")] != ([element] if element else []):
        wrong.append(f"{status}: told as {tags}")
    if element:
        told = case.find(element)
        if told is None or told.attrib.get("type") != status or not told.attrib.get("message"):
            wrong.append(f"{status}: type or message of its {element}")
    if not case.attrib.get("name") or not case.attrib.get("classname"):
        wrong.append(f"{status}: no name or no class")
    return wrong


def check(text: str, file: Path, has_names: bool) -> list[str]:
    said = counts_of_terminal(text)
    root = ElementTree.parse(file).getroot()
    suites = root.findall("testsuite")
    if root.tag != "testsuites" or len(suites) != 1:
        return [f"not one test suite in <{root.tag}>"]
    suite = suites[0]
    cases = suite.findall("testcase")
    wrong = [line for case in cases for line in check_case(case)]
    if counts_of_cases(cases) != said:
        wrong.append(f"the cases say {counts_of_cases(cases)}, the terminal {said}")
    own = {name: int(value) for name, value in own_properties(suite).items()}
    if own != said:
        wrong.append(f"the properties say {own}, the terminal {said}")
    wanted = {
        "tests": said["scenarios"],
        "failures": said["fail"],
        "errors": said["inconclusive"] + said["bad_input"],
    }
    for element in (root, suite):
        found = {name: int(element.attrib[name]) for name in wanted}
        if found != wanted:
            wrong.append(f"<{element.tag}> says {found}, not {wanted}")
    if has_names and sum(case.attrib["name"] == HOSTILE for case in cases) != 8:
        wrong.append("names did not survive")
    return wrong


def judge(flashsim: str, folder: Path, *options: str) -> list[str]:
    file = folder / "result.xml"
    command = [flashsim, "test", str(folder / "s"), "--junit", str(file), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    wrong = check(done.stdout, file, has_names=True)
    if done.returncode != 2:
        wrong.append(f"status {done.returncode}, not 2")
    return [f"{' '.join(options) or 'plain'}: {line}" for line in wrong]


def check_expected(flashsim: str, folder: Path) -> list[str]:
    """The judge itself: what it reads are the numbers that these scenarios must give."""
    command = [flashsim, "test", str(folder / "s")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    wanted = {"scenarios": 9, "pass": 4, "known_bad": 1, "known_inconclusive": 1, "fail": 3}
    wanted |= {"inconclusive": 1, "bad_input": 1, "runs": 8}
    said = counts_of_terminal(done.stdout)
    return [] if said == wanted else [f"the terminal says {said}, not {wanted}"]


def main() -> int:
    flashsim = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "s").mkdir()
        write_scenarios(folder / "s")
        wrong = check_expected(flashsim, folder)
        wrong += judge(flashsim, folder)
        wrong += judge(flashsim, folder, "--raw")
        wrong += judge(flashsim, folder, "--jobs", "1")
    for line in wrong:
        print(f"FAIL: {line}")
    print("junit:", "FAIL" if wrong else "the counts agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""The examples for CI: the CMake snippet in a project of its own, and the GitHub workflow step by step, both with
a firmware that survives and with the same one broken. No network: a step that asks for a package fails.

usage: test_ci.py FLASHSIM SOURCE_DIR
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

STEP_SECONDS = 600
PRODUCTS = ("junit.xml", "result.json", "flash.html")
TESTS = ("counter_survives_program", "counter_survives_erase")


class Fail(Exception):
    """An example does not do what it says."""


def want(is_so: bool, what: str) -> None:
    if not is_so:
        raise Fail(what)


def environment(folder: Path) -> dict[str, str]:
    """The distribution's programs first, but for apt-get, which is not to be had."""
    programs = folder / "programs"
    programs.mkdir()
    stub = programs / "apt-get"
    stub.write_text('#!/bin/sh\n[ "$1" = indextargets ] && exit 0\necho "no network here" >&2\nexit 1\n')
    stub.chmod(0o755)
    path = f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin"
    return os.environ | {"PATH": path, "CMAKE_BUILD_PARALLEL_LEVEL": "2"}


def run(
    command: list[str], folder: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=STEP_SECONDS,
        check=False,
    )


# --- the CMake snippet ---


def build_project(case: Path, flashsim: str, variables: dict[str, str], *more: str) -> None:
    configure = ["cmake", "-B", "build", "-G", "Ninja", "--toolchain", "arm-none-eabi.cmake", f"-DFLASHSIM={flashsim}"]
    for command in ([*configure, *more], ["cmake", "--build", "build"]):
        done = run(command, case, variables)
        want(done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


def copy_project(source: Path, to: Path) -> None:
    """As a user would: the example, and the snippet in its folder cmake."""
    shutil.copytree(source / "reports/ci/example", to, ignore=shutil.ignore_patterns("build*"))
    (to / "cmake").mkdir()
    shutil.copy(source / "reports/ci/FlashsimTest.cmake", to / "cmake")


def ctest(project: Path, variables: dict[str, str]) -> tuple[int, dict[str, bool], str]:
    """Its status, and which test passed."""
    file = project / "ctest.xml"
    command = ["ctest", "--test-dir", "build", "--output-on-failure", "--output-junit", str(file)]
    done = run(command, project, variables)
    cases = ElementTree.parse(file).getroot().iter("testcase")
    passed = {case.attrib["name"]: case.attrib["status"] == "run" for case in cases}
    return done.returncode, passed, done.stdout


def check_snippet(flashsim: str, source: Path, folder: Path, variables: dict[str, str]) -> None:
    project = folder / "project"
    copy_project(source, project)
    build_project(project, flashsim, variables)
    status, passed, text = ctest(project, variables)
    want(status == 0 and passed == dict.fromkeys(TESTS, True), f"good firmware: {passed}\n{text}")
    for name in TESTS:
        result = json.loads((project / f"build/flashsim/{name}.json").read_text(encoding="utf-8"))
        want(result["sum"]["pass"] == 1 and result["sum"]["runs"] > 5, f"{name}: {result['sum']}")
        root = ElementTree.parse(project / f"build/flashsim/{name}.xml").getroot()
        want(root.attrib["tests"] == "1", f"{name}: JUnit says {root.attrib}")

    build_project(project, flashsim, variables, "-DERASE_FIRST=ON")
    status, passed, text = ctest(project, variables)
    want(status != 0 and passed == dict.fromkeys(TESTS, False), f"bad firmware: {passed}\n{text}")
    want("boot 2 does not report count" in text, f"bad firmware: the reason is missing:\n{text}")
    check_replay(text, project, variables)


def check_replay(text: str, project: Path, variables: dict[str, str]) -> None:
    """The line that ctest shows can be pasted."""
    line = re.search(r"^ *(\S+ replay '.*)$", text, re.MULTILINE)
    want(line is not None, f"no replay line:\n{text}")
    done = run(["sh", "-c", line[1]], project, variables)
    want(done.returncode == 1, f"{line[1]}: status {done.returncode}\n{done.stderr}")


def check_snippet_refuses(source: Path, folder: Path, flashsim: str, variables: dict[str, str]) -> None:
    """A mistake is told when the project is configured."""
    mistakes = {
        "NAME x SCENARIO scenarios/none.json TARGET counter": "none.json is not there",
        "NAME x SCENARIO scenarios/erase.json TARGET nobody": "nobody is no target",
        "NAME x TARGET counter": "flashsim_test(NAME name SCENARIO",
        "NAME x SCENARIO scenarios/erase.json TARGET bare": "bare PROPERTIES SUFFIX .elf)",
    }
    for index, (words, said) in enumerate(mistakes.items()):
        project = folder / f"mistake{index}"
        copy_project(source, project)
        with (project / "CMakeLists.txt").open("a", encoding="utf-8") as file:
            file.write("add_executable(bare counter.c)\nset_target_properties(bare PROPERTIES SUFFIX .out)\n")
            file.write(f"flashsim_test({words})\n")
        command = ["cmake", "-B", "build", "-G", "Ninja", "--toolchain", "arm-none-eabi.cmake", f"-DFLASHSIM={flashsim}"]
        done = run(command, project, variables)
        text = " ".join(done.stderr.split())
        want(done.returncode != 0 and said in text, f"flashsim_test({words}): {done.stderr}")


# --- the GitHub workflow ---


@dataclass(frozen=True)
class Step:
    """One that runs a command."""

    name: str
    command: str
    is_always_run: bool


def read_workflow(path: Path) -> tuple[list[Step], dict[str, Any]]:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    want(set(value) == {"name", True, "jobs"}, f"keys of the workflow: {list(value)}")
    (job,) = value["jobs"].values()
    want(job["defaults"]["run"]["shell"] == "sh -e {0}", "another shell than the test's")
    for step in job["steps"]:
        want(("run" in step) != ("uses" in step), f"a step neither runs nor uses: {step}")
    steps = [
        Step(step["name"], step["run"], "if" in step) for step in job["steps"] if "run" in step
    ]
    (upload,) = (step for step in job["steps"] if "upload-artifact" in step.get("uses", ""))
    return steps, upload


def make_workspace(source: Path, to: Path) -> None:
    """What the two checkouts leave: the user's project and, inside it, flashsim."""
    copy_project(source, to)
    ignored = shutil.ignore_patterns("build", "build-*", ".git", "__pycache__", "fuzz-failure")
    shutil.copytree(source, to / "flashsim", ignore=ignored)


def run_steps(steps: list[Step], workspace: Path, variables: dict[str, str]) -> dict[str, int]:
    """As the runner does: after a failure only what is to run in any case."""
    statuses: dict[str, int] = {}
    for step in steps:
        if any(statuses.values()) and not step.is_always_run:
            continue
        script = workspace / "step.sh"
        script.write_text(step.command, encoding="utf-8")
        done = run(["sh", "-e", str(script)], workspace, variables)
        statuses[step.name] = done.returncode
        if done.returncode:
            print(f"  step {step.name}: status {done.returncode}: {done.stderr[-300:].strip()}")
    return statuses


def check_workflow(source: Path, folder: Path, variables: dict[str, str]) -> None:
    workspace = folder / "workspace"
    steps, upload = read_workflow(source / "reports/ci/github-workflow.yml")
    uploaded = upload["with"]["path"].split()
    want(sorted(uploaded) == sorted(PRODUCTS) and "if" in upload, f"uploads {uploaded}")
    make_workspace(source, workspace)
    statuses = run_steps(steps, workspace, variables)
    want(list(statuses.values()) == [0] * len(steps), f"good firmware: {statuses}")
    for name in PRODUCTS:
        want((workspace / name).stat().st_size > 1000, f"good firmware: {name} is not there")
    page = (workspace / "flash.html").read_text(encoding="utf-8")
    want("counter_program" in page and "counter_erase" in page, "the page lacks a scenario")

    for name in PRODUCTS:
        (workspace / name).unlink()
    firmware = workspace / "counter.c"
    text = firmware.read_text(encoding="utf-8")
    broken = text.replace("ERASE_FIRST ? newest : !newest", "newest")
    want(broken != text, "the firmware can not be broken")
    firmware.write_text(broken, encoding="utf-8")
    statuses = run_steps(steps, workspace, variables)
    wanted = {step.name: int(step.name == "Cut its power") for step in steps}
    want(statuses == wanted, f"broken firmware: {statuses}, not {wanted}")
    for name in PRODUCTS:
        want((workspace / name).exists(), f"broken firmware: {name} is not there")
    root = ElementTree.parse(workspace / "junit.xml").getroot()
    want(root.attrib["failures"] == "2", f"broken firmware: JUnit says {root.attrib}")


def main() -> int:
    flashsim, source = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = environment(folder)
        for title, check in (
            ("snippet", lambda: check_snippet(flashsim, source, folder, variables)),
            ("mistakes", lambda: check_snippet_refuses(source, folder, flashsim, variables)),
            ("workflow", lambda: check_workflow(source, folder, variables)),
        ):
            try:
                check()
            except Fail as error:
                print(f"FAIL: {title}: {error}")
                failures += 1
    print("ci:", f"{failures} checks fail" if failures else "snippet and workflow do what they say")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""No shipped scenario is green without its cuts: each power cut and reset of each is taken out, all at once too.

usage: uncut.py FLASHSIM SCENARIO_FOLDER FIRMWARE_FOLDER

A good one must be no pass then, a known-bad one must not fail as stated.
"""
import copy
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

flashsim, source, firmware = sys.argv[1:4]
here = tempfile.mkdtemp()
folder = os.path.join(here, "scenarios")
shutil.copytree(source, folder)
counts = {0: 0, 1: 0, 2: 0, 3: 0}
failures = 0


def ends_boot(step):
    actions = step["do"] if isinstance(step["do"], list) else [step["do"]]
    return any(action == "power_cut" or isinstance(action, dict) and {"power_cut", "reset"} & set(action)
               for action in actions)


def uncut(document):
    """The scenario without its cuts, in every way, and what was taken out."""
    if "cut" in document:
        yield "cut", {key: value for key, value in document.items() if key != "cut"}
        cuts = document["cut"] if isinstance(document["cut"], list) else []
        for i in range(len(cuts) if len(cuts) > 1 else 0):
            yield f"cut {i + 1}", {**document, "cut": cuts[:i] + cuts[i + 1:]}
    steps = document.get("timeline", [])
    for i, step in enumerate(steps):
        if ends_boot(step) and len(steps) > 1:
            yield f"step {i + 1}", {**document, "timeline": steps[:i] + steps[i + 1:]}
    if any(ends_boot(step) for step in steps):
        yield "timeline", {key: value for key, value in document.items() if key != "timeline"}


for path in sorted(glob.glob(os.path.join(folder, "**", "*.json"), recursive=True)):
    name = os.path.basename(path)[:-5]
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    if not isinstance(document, dict) or "expect" not in document or document.get("expect_verdict") == "inconclusive":
        continue
    for what, changed in uncut(document):
        one = {**copy.deepcopy(changed), "reads": "new", "seed": 1}
        one.pop("reads_change", None)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(one, file)
        answer = subprocess.run([flashsim, "test", path, "--firmware", firmware], capture_output=True, text=True,
                                timeout=120)
        counts[answer.returncode] = counts.get(answer.returncode, 0) + 1
        if answer.returncode not in (1, 3):
            failures += 1
            print(f"FAIL: {name} without {what}: status {answer.returncode}\n{answer.stdout}{answer.stderr}")
shutil.rmtree(here)
print(f"uncut: {sum(counts.values())} tried: {counts[3]} inconclusive, {counts[1]} fail, {failures} wrong")
sys.exit(failures != 0 or counts[3] < 20)

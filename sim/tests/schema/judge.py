#!/usr/bin/env python3
"""scenarios/schema.json and the C reader say the same of every scenario's structure; python3-jsonschema judges.

usage: judge.py FLASHSIM SCENARIO_READER SCENARIO_FOLDER

Well-formed scenarios (all that ship, and well_formed.json, in which every key stands) are valid for both. Then each
is damaged in one place, by a seeded choice: both must say the same of it. What only the reader can know (several
values together, the size of the chip's flash and its pins, names of rules, units, buttons and expectations) is left out by
construction: `left_to_reader` says which damage that is, before anybody is asked, and it is counted.
"""
import copy
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import jsonschema

SEED = 3
MUTANTS = 2000
FAR = "zzzzzzzzzzzzzzzzzzzz"  # near no key and no word

flashsim, reader, folder = sys.argv[1:4]
failures = 0


def fail(text):
    global failures
    failures += 1
    if failures <= 20:
        print("FAIL:", text)


with open(os.path.join(folder, "schema.json"), encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def ask_reader(documents):
    """What the reader says of each: "valid" or a message."""
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    answer = subprocess.run([reader], input=lines, capture_output=True, text=True, timeout=100, check=True)
    answers = answer.stdout.splitlines()
    assert len(answers) == len(documents), answer.stderr
    return answers


def compare(documents, what):
    """Both on each; how many are valid."""
    valid = 0
    for document, answer in zip(documents, ask_reader(documents)):
        of_schema = validator.is_valid(document)
        valid += of_schema
        if of_schema != (answer == "valid"):
            fail(f"{what} of \"{document.get('name')}\": {answer}: {excerpt(document, answer)}")
    return valid


def excerpt(document, answer):
    """What stands where the one of both that says no sees the flaw."""
    place = re.match("s.json:1:([0-9]+)", answer)
    if place:
        column = int(place.group(1))
        return "..." + json.dumps(document)[max(0, column - 60):column + 80] + "..."
    return "; ".join(f"{error.json_path}: {error.message[:120]}" for error in validator.iter_errors(document))


# ---- the schema by itself --------------------------------------------------------------------------


def nodes(value, path=()):
    """All values of a document, with the way to each."""
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from nodes(member, path + (key,))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from nodes(member, path + (index,))


objects = [value for _, value in nodes(schema) if isinstance(value, dict) and value.get("additionalProperties") is False]
vocabulary = sorted({word for path, value in nodes(schema) if isinstance(value, dict)
                     for word in value.get("enum", []) if isinstance(word, str)})


def is_described(value):
    if value is False or "description" in value:
        return True
    return "$ref" in value and "description" in schema["$defs"][value["$ref"].split("/")[-1]]


for one in objects:
    if "title" not in one:
        if "description" not in one:
            fail(f"an object without a title: {list(one['properties'])}")
    for key, value in one["properties"].items():
        if not is_described(value):
            fail(f"\"{key}\" has no description")

# ---- well-formed scenarios -------------------------------------------------------------------------

paths = sorted(glob.glob(os.path.join(folder, "**", "*.json"), recursive=True))
paths = [path for path in paths if os.path.basename(path) != "schema.json"]
shipped = []
for path in paths:
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    if isinstance(document, dict) and "expect" in document:  # boards and dumps may lie beside them
        shipped.append(document)
with tempfile.TemporaryDirectory() as there:  # what `flashsim init` begins with
    path = os.path.join(there, "begin.json")
    subprocess.run([flashsim, "init", "-o", path], check=True, capture_output=True)
    with open(path, encoding="utf-8") as file:
        shipped.append(json.load(file))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "well_formed.json"), encoding="utf-8") as file:
    full = json.load(file)
for document, answer in zip(shipped + full, ask_reader(shipped + full)):
    if answer != "valid":
        fail(f"reader: {document.get('name')}: {answer}")
    for error in validator.iter_errors(document):
        fail(f"schema: {document.get('name')}: {error.json_path}: {error.message[:200]}")

# What the README shows whole is what ships.
with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
    blocks = [json.loads(block) for block in re.findall("```json\n(.*?)```", file.read(), re.S)]
for block in blocks:
    if block not in shipped:
        fail(f"README.md: {block.get('name')} is not what ships")
if len(blocks) < 2:
    fail("README.md: no examples")

# ---- keys and words: neither knows one that the other does not --------------------------------------


def at(document, path):
    for step in path:
        document = document[step]
    return document


def put(document, path, value):
    document = copy.deepcopy(document)
    if not path:
        return value
    at(document, path[:-1])[path[-1]] = value
    return document


def shrink(document, path):
    """The document and the way, without the other members of the list that the way leads into: quicker to judge."""
    if len(path) < 3 or not isinstance(path[1], int) or "because" in document:
        return document, path
    return {**document, path[0]: [document[path[0]][path[1]]]}, (path[0], 0) + path[2:]


# An object with a key that is near none makes the reader list all that it knows there.
asked = [put(*shrink(document, path), {**value, FAR: 1}) for document in full
         for path, value in nodes(document) if isinstance(value, dict)]
lists = set()
for answer in ask_reader(asked):
    known = re.search("known here are (.*)$", answer)
    if known:
        lists.add(frozenset(known.group(1).split(", ")))
    elif "keep one of the two" not in answer:  # a cut at a time
        fail(f"a key that is none: {answer}")
of_schema = {frozenset(one["properties"]) for one in objects}
for keys in sorted(map(sorted, lists - of_schema)):
    fail(f"keys of the reader and of no object of the schema: {keys}")
for keys in sorted(map(sorted, of_schema - lists)):
    fail(f"keys of the schema that the reader was not seen to list: {keys}")

# Where the reader wants one of several words, every word of the schema is tried.
tries = {}
for document in full:
    for path, value in nodes(document):
        place = tuple(step for step in path if isinstance(step, str))
        if isinstance(value, str) and place not in tries:
            tries[place] = shrink(document, path)
answers = ask_reader([put(document, path, FAR) for document, path in tries.values()])
spots = [spot for (place, spot), answer in zip(tries.items(), answers)
         if re.search("there are|must be one of", answer)
         and place[-1] not in ("unit", "rule", "chip", "board", "because", "press", "button") and "name" not in place]
worded = [put(document, path, word) for document, path in spots for word in vocabulary]
compare(worded, "a word")


def listed(subject):
    answer = subprocess.run([flashsim, "list", subject, "--json"], capture_output=True, text=True, check=True)
    return [item["name"] for item in json.loads(answer.stdout)]


boards = schema["properties"]["board"]["anyOf"][0]["enum"]
for subject, words in (("chips", schema["properties"]["chip"]["enum"]), ("boards", boards),
                       ("events", schema["$defs"]["event_kind"]["enum"])):
    if words != listed(subject):
        fail(f"{subject}: the schema has {words}, `flashsim list {subject}` {listed(subject)}")

# ---- mutants ---------------------------------------------------------------------------------------

VALUES = [
    None, True, False, 0, 1, 2, 3, 5, -1, 1.5, 1.0, 64, 65, 255, 256, 1000, 1001, 1000000, 1000001, 4294967295,
    4294967296, 2**53, "", "x", "last", "each", "0", "1", "3", "0x10", "0X1f", "007", "0x", "12a", "-1", " 1", "1.0",
    "1000001", "4294967295", "4294967296", "0xFFFFFFFF", "0x100000000", "18446744073709551615",
    "18446744073709551616", "0x1FFFFFFFFFFFFFFFF", "1ms", "1.5ms", "0s", "0.000s", "100", "8640000s", "8640001s",
    "8640000.5s", "8640000000ms", "8640000001ms", "1.2345ns", "0.5ns", "1.000ns", "0.000000001s", "0.0000000001s",
    "0.0000001ms", "1e3s", ".5s", "5.s", "10 ms", "2m", "+1", "main+0x10", "main+", "a+b+4", "PA15", "PA16", "PJ0",
    "pa5", "PA05", "PA0x5", "firmware:", "firmware:kv", "firmware:kv.elf", "a\nb", "\x7f", "ä", {}, [], [[]], [1],
    [1, 2], ["x"], {"x": 1}, [None], ["each"], [1, "0x2", 3],
]

# Values that mean something only together with others, or with what is not in the file.
TOGETHER = {"from", "to", "k", "n", "begun", "acknowledged", "reported", "power_ons", "words", "write", "erased",
            "because", "unit", "rule", "item", "press", "button", "chip", "board"}


def is_number(value):
    return (isinstance(value, (int, float)) and not isinstance(value, bool)) or \
        (isinstance(value, str) and re.fullmatch("[0-9]+|0[xX][0-9a-fA-F]+", value) is not None)


def is_plausible(old, new):
    """Of the kind that stands there: whether it is right may depend on the rest."""
    if is_number(old):
        return is_number(new) and not (isinstance(new, (int, float)) and (new < 0 or new != int(new)))
    return isinstance(old, (str, dict)) and isinstance(new, str)


def ends_boot(action):
    if not isinstance(action, dict):
        return action == "power_cut"
    load = action.get("load_images")
    return bool({"power_cut", "reset"} & set(action)) or isinstance(load, dict) and load.get("start") is True


def left_to_reader(document, path, new):
    """Whether putting `new` there may break a rule between values, or between files."""
    if not path:
        return False
    if path[-1] == "at_most" and is_number(new):
        number = int(new, 16 if new[:2] in ("0x", "0X") else 10) if isinstance(new, str) else new
        if number >= 0xFFFFFFFF:
            return True  # no count is larger: refused where no lower bound stands with it
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    old = at(document, path)
    if key in TOGETHER and is_plausible(old, new):
        return True
    if re.search('"P[A-I][0-9]', json.dumps(new)):  # which pins this chip has
        return True
    if "option_bytes" in path and (is_number(new) or isinstance(new, dict)):  # a chip's registers and their bits
        return True
    if path[0] == "flash" and isinstance(new, (dict, list)):  # addresses in the flash of this chip
        return True
    if "do" in path and (ends_boot(new) or ends_boot({key: new}) or (key == "start" and new is True)):
        # nothing follows it in its step
        return True
    if key == "at" and is_number(old) and is_number(new):  # the size of the flash
        return True
    if key in ("at_least", "at_most") and is_plausible(old, new):
        return len({"at_least", "at_most"} & set(at(document, path[:-1]))) == 2
    if "because" in document:  # which names an expectation, or not
        return path[0] in ("expect", "expect_verdict")
    return False


def typo(choice, key):
    i = choice.randrange(len(key))
    return choice.choice([key[:i] + key[i + 1:], key[:i] + key[i] + key[i:], key[:i] + "e" + key[i + 1:],
                          key[:i] + key[i + 1:i + 2] + key[i] + key[i + 2:], key.upper(), key + "s"])


def replace(choice, old):
    """Another value, often one of the same kind."""
    if isinstance(old, str) and choice.random() < 0.5:
        return choice.choice(vocabulary)
    if is_number(old) and choice.random() < 0.5:
        return choice.choice([value for value in VALUES if is_number(value)])
    if isinstance(old, int) and not isinstance(old, bool) and choice.random() < 0.5:
        return hex(old)
    return choice.choice(VALUES)


# What stands at a key in some document, for the same key elsewhere.
grafts = {}
for document in full:
    for path, value in nodes(document):
        if path and isinstance(path[-1], str):
            grafts.setdefault(path[-1], []).append(value)


def mutate(choice, document):
    """The document with one damage, or None where it is for the reader alone."""
    path, value = choice.choice(list(nodes(document))[1:])
    document, path = shrink(document, path)
    holder, last = at(document, path[:-1]), path[-1]
    damage = choice.choice(["delete", "typo", "replace", "replace", "graft", "graft", "graft", "wrap", "unwrap", "double",
                            "empty"])
    if damage == "graft" and last not in grafts:
        damage = "replace"
    if damage in ("replace", "graft"):
        new = replace(choice, value) if damage == "replace" else choice.choice(grafts[last])
        return None if left_to_reader(document, path, new) else put(document, path, new)
    if damage == "empty":
        new = type(value)() if isinstance(value, (str, list, dict)) else ""
        return None if left_to_reader(document, path, new) else put(document, path, new)
    if "because" in document and path[0] in ("expect", "because", "expect_verdict"):
        return None
    if damage in ("wrap", "double") and "do" in path and ends_boot(value):  # nothing follows it in its step
        return None
    if damage == "wrap":
        return put(document, path, choice.choice([[value], {"value": value}, [value, value], {last: value}
                                                          if isinstance(last, str) else [[value]]]))
    if damage == "unwrap":
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        new = choice.choice(inner) if inner else value
        return None if new == value or left_to_reader(document, path, new) else put(document, path, new)
    if damage == "double":
        if isinstance(holder, list):
            few = path[-2] in ("phase", "access")  # each counts for several
            times = 2 if few else choice.choice([2, 2, 9, 40])
            return put(document, path[:-1], holder[:last] + [value] * times + holder[last + 1:])
        other = choice.choice(vocabulary + list(holder))
        if other in holder and left_to_reader(document, path[:-1] + (other,), value):
            return None
        return put(document, path[:-1], {**holder, other: value})
    if isinstance(holder, list):
        return put(document, path[:-1], holder[:last] + holder[last + 1:])
    rest = {key: member for key, member in holder.items() if key != last}
    if damage == "typo":
        rest[typo(choice, last)] = value
    return put(document, path[:-1], rest)


# Each member of each object left out once, each number at its bounds.
bounds = []
for document in full:
    for path, value in nodes(document):
        if not path:
            continue
        small, way = shrink(document, path)
        if isinstance(path[-1], str) and not ("because" in document and path[0] in ("expect", "because", "expect_verdict")):
            holder = dict(at(small, way[:-1]))
            del holder[way[-1]]
            bounds.append(put(small, way[:-1], holder))
        if is_number(value):
            bounds += [put(small, way, new) for new in VALUES if is_number(new) and not left_to_reader(small, way, new)]
compare(bounds, "a bound")

choice = random.Random(SEED)
seen = {json.dumps(document) for document in shipped + full}
mutants, left = [], 0
while len(mutants) < MUTANTS:
    base = choice.choice(full if choice.random() < 0.7 else shipped)
    mutant = mutate(choice, base)
    if mutant is None:
        left += 1
    elif json.dumps(mutant) not in seen:
        seen.add(json.dumps(mutant))
        mutants.append(mutant)
valid = compare(mutants, "a mutant")
if valid < MUTANTS // 5 or MUTANTS - valid < MUTANTS // 5:
    fail(f"{valid} of {MUTANTS} mutants are valid: that judges one side only")

print(f"schema: {len(shipped)} shipped (init too) and {len(full)} full scenarios; {len(lists)} lists of keys; {len(worded)} words in "
      f"{len(spots)} places; {len(bounds)} bounds; {MUTANTS} mutants judged, {valid} valid, {MUTANTS - valid} not, {left} left to the reader; "
      f"{failures} disagreements")
sys.exit(failures != 0)

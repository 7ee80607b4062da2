"""count.py BUILD_FOLDER...: adds up what `meson test` left in them: lists what failed and what was skipped, ends with the one line,
exits 1 on any failure."""

import json
import pathlib
import sys
import xml.etree.ElementTree as tree

passed = 0
failed, skipped = [], []


def read_cases(report):
    """The single tests of all programs; returns the programs that have a failed one."""
    global passed
    told = set()
    for case in tree.parse(report).iter("testcase"):
        program = case.get("classname")
        name = f"{program}: {case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
            told |= {program.partition(".")[2], case.get("name")}  # whose name is in the one if it speaks TAP, else in the other
        elif case.find("skipped") is not None:
            skipped.append(name)
        else:
            passed += 1
    return told


def read_programs(log, told):
    """Programs that failed as a whole though none of their tests did: they died early, ran into the timeout, or ended with an
    exit code of their own, such as LeakSanitizer's."""
    for line in log.read_text().splitlines():
        program = json.loads(line)
        if program["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and program["name"] not in told:
            failed.append(f"{program['name']}: the program as a whole, {program['result']} {program['returncode']}")


for folder in sys.argv[1:]:
    logs = pathlib.Path(folder) / "meson-logs"
    read_programs(logs / "testlog.json", read_cases(logs / "testlog.junit.xml"))
for name in failed:
    print("failed ", name)
for name in skipped:
    print("skipped", name)
print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
sys.exit(len(failed) > 0 or passed == 0)

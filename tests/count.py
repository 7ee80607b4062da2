"""Adds up meson's JUnit reports: lists what failed and what was skipped, ends with the one line, exits 1 on any failure."""

import sys
import xml.etree.ElementTree as tree

passed = failed = 0
skipped = []
for report in sys.argv[1:]:
    for case in tree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}: {case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print("failed ", name)
        elif case.find("skipped") is not None:
            skipped.append(name)
        else:
            passed += 1
for name in skipped:
    print("skipped", name)
print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
sys.exit(failed > 0 or passed == 0)

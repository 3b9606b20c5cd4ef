"""
Account for every test: none may silently not run.

Usage: account.py [--complete] REPORTS

REPORTS is a folder of JUnit reports, one for each run of pytest, beside ``collected.txt``, the list that
``pytest --collect-only --quiet`` prints. Every run must have passed at least one test. With ``--complete`` every
test of the list must have passed in one run or another: it may be skipped on one database, but not on all.
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def outcomes(report: Path) -> dict[str, str]:
    """Return what became of each test of a report."""
    result = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        found = {child.tag for child in case} & {"failure", "error", "skipped"}
        result[name] = found.pop() if found else "passed"
    return result


def collected(listing: Path) -> set[str]:
    """Return the tests of a listing, named as reports name them."""
    names = set()
    for line in listing.read_text(encoding="utf-8").splitlines():
        path, separator, rest = line.partition(".py::")
        if separator:
            head, bracket, parameters = rest.partition("[")
            names.add(path.replace("/", ".") + "." + head.replace("::", ".") + bracket + parameters)
    return names


def main(*arguments: str) -> str | None:
    """Print the account; return what is wrong with it."""
    folder = Path(arguments[-1])
    everything = collected(folder / "collected.txt")
    passed: set[str] = set()
    problems = []
    for report in sorted(folder.glob("*.xml")):
        found = outcomes(report)
        counts = Counter(found.values())
        print(f"{report.stem:22}", ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
        if not counts["passed"]:
            problems.append(f"{report.stem}: no test passed")
        passed |= {name for name, outcome in found.items() if outcome == "passed"}
    if not everything:
        problems.append("no test was collected")
    if "--complete" in arguments:
        problems += [f"passed in no run: {name}" for name in sorted(everything - passed)]
    print(f"{len(everything & passed)} of {len(everything)} tests passed in one run or another")
    return "\n".join(problems) or None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

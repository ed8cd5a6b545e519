"""All benchmarks in one table, beside the last run that was stored.

``python -m benchmarks.run`` from the folder of the project. ``--store`` keeps the run
as the one that later runs are compared with.
"""

import argparse
import importlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path

from benchmarks.timing import OURS, Case

HERE = Path(__file__).parent
LAST = HERE / "last.json"
NAMES = ("texture", "cohort", "selection", "lasso")
PACKAGES = (
    "numpy scipy scikit-learn numba scikit-image mahotas nyxus flash-radiomics "
    "pictologics pingouin python-glmnet skglm"
).split()
NOTEWORTHY = 1.3  # less is the noise of one machine

HEADER = ["task", "program", "unit", "value", "times ours", "last run", "now / last"]


def machine():
    """Return what the times depend on; nothing that names the machine."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "packages": versions,
    }


def rows(cases, last):
    """Return the cells of the table.

    Parameters
    ----------
    cases : list of Case
        Of this run.
    last : list of Case
        Of the stored run; empty without one.

    Returns
    -------
    list of list of str
        One row per task and program.
    """
    before = {case.name: case.values for case in last}
    table = []
    for case in cases:
        ours = next(iter(case.values.values()))
        for program, value in case.values.items():
            task = case.name if program.startswith(OURS) else ""
            old = before.get(case.name, {}).get(program)
            if value is None:
                table.append([task, program, case.unit, "not installed", "", "", ""])
                continue
            change = "" if not old else f"{value / old:.2f}"
            if old and program.startswith(OURS) and value > NOTEWORTHY * old:
                change += " slower"
            table.append(
                [
                    task,
                    program,
                    case.unit,
                    f"{value:.4g}",
                    f"{value / ours:.3g}" if ours else "",
                    "" if old is None else f"{old:.4g}",
                    change,
                ]
            )
    return table


def markdown(table, about):
    """Return the page."""
    packages = ", ".join(
        f"{name} {version or 'not installed'}"
        for name, version in about["packages"].items()
    )
    lines = [
        "# Benchmarks",
        "",
        f"Python {about['python']}, {about['system']}, "
        f"{about['processors']} processors; {packages}.",
        "",
        *([about["note"], ""] if about.get("note") else []),
        "| " + " | ".join(HEADER) + " |",
        "| "
        + " | ".join("---:" if i > 2 else "---" for i in range(len(HEADER)))
        + " |",
        *("| " + " | ".join(row) + " |" for row in table),
    ]
    return "\n".join(lines) + "\n"


def stored(path):
    """Return the cases of a stored run, none where there is no such file."""
    if not path.exists():
        return []
    content = json.loads(path.read_text())
    return [Case(**case) for case in content["cases"]]


def main():
    """Run, print the table, and write it with the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=NAMES, action="append", help="one of them")
    parser.add_argument("--quick", action="store_true", help="few and small: a trial")
    parser.add_argument("--store", action="store_true", help="as the last run")
    parser.add_argument("--note", help="of the machine, such as that it was shared")
    parser.add_argument("--out", type=Path, default=Path("benchmarks-run"))
    arguments = parser.parse_args()
    if arguments.store and (arguments.only or arguments.quick):
        parser.error("--store keeps a whole run: leave --only and --quick out")
    cases = []
    for name in arguments.only or NAMES:
        print(f"{name} ...", flush=True)
        module = importlib.import_module(f"benchmarks.{name}")
        cases += module.benchmark(arguments.quick)
    about = {**machine(), "note": arguments.note}
    page = markdown(rows(cases, stored(LAST)), about)
    print(page)
    numbers = json.dumps({**about, "cases": [c._asdict() for c in cases]}, indent=1)
    arguments.out.mkdir(exist_ok=True)
    (arguments.out / "run.md").write_text(page)
    (arguments.out / "run.json").write_text(numbers + "\n")
    if arguments.store:
        LAST.write_text(numbers + "\n")
        LAST.with_suffix(".md").write_text(page)


if __name__ == "__main__":
    main()

"""What intervals and tests do when the truth is known, by simulation.

``python -m benchmarks.operating_characteristics`` from the folder of the project
prints one table for each section; ``--only auc_interval`` one of them. The seeds are
fixed: the same version of the package gives the same tables.
"""

import argparse
import time

from benchmarks import intervals_and_tests, whole_procedure
from benchmarks.sections import RUNS, SECTIONS

MADE_BY = (intervals_and_tests, whole_procedure)  # whose sections they are


def main():
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="one of them")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--runs", type=int, help="studies of each row, for a trial")
    arguments = parser.parse_args()
    for name in arguments.only or SECTIONS:
        function, start = SECTIONS[name], time.perf_counter()
        lines = function(arguments.runs or RUNS[name], arguments.jobs)
        print(f"## {name}\n\n{function.__doc__}\n")
        print("\n".join(lines))
        print(f"\n{time.perf_counter() - start:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()

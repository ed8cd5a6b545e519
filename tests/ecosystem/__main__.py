"""Run all machines and print the table of them: `python -m tests.ecosystem`."""

import os
import sys
import time
from importlib import import_module, metadata

os.environ.setdefault("MPLBACKEND", "agg")

from tests.ecosystem._all import SCIKIT_LEARN
from tests.ecosystem._machines import Machine, run_machine
from tests.ecosystem._third_parties import THIRD_PARTIES


def version(machine: Machine) -> str:
    """Return the version of the package that a machine is of."""
    if machine not in THIRD_PARTIES:
        return metadata.version("scikit-learn")
    names = metadata.packages_distributions().get(machine.name, [])
    return metadata.version(names[0]) if names else ""


def result(machine: Machine) -> str:
    """Run a machine, and return what the table says of it."""
    if machine in THIRD_PARTIES:
        try:
            import_module(machine.name)
        except ImportError:
            return "not here"
    try:
        run_machine(machine)
    except Exception as error:
        return f"fails: {type(error).__name__}: {str(error).splitlines()[0]}"
    return "runs"


def main() -> int:
    """Print the table; 1 if any fails."""
    failed = 0
    print("| machine | version | what holds | result |\n| --- | --- | --- | --- |")
    for machine in [*SCIKIT_LEARN, *THIRD_PARTIES]:
        began = time.perf_counter()
        found = result(machine)
        failed += found.startswith("fails")
        seconds = f"{time.perf_counter() - began:.1f} s"
        print(f"{machine.name}: {seconds}", file=sys.stderr)
        print(f"| {machine.name} | {version(machine)} | {machine.holds} | {found} |")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

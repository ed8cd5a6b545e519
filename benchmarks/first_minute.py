"""What the first minute goes into: imports, compilation by kernel, the demo.

``python -m benchmarks.first_minute`` prints tables of seconds; ``--demo`` runs the demo
as well, with an empty cache of compiled kernels and again with a full one.
"""

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

COMMANDS = {
    "import sklearn.pipeline": ["-c", "import sklearn.pipeline"],
    "import sklearn_orn": ["-c", "import sklearn.pipeline, sklearn_orn"],
    "sklearn-orn --help": ["-m", "sklearn_orn.cli", "--help"],
}
PR_SET_CHILD_SUBREAPER = 36
FEWEST = 0.1  # seconds of a kernel that the table shows


def adopt_orphans():
    """Wait for processes that outlive who started them, such as forked workers.

    Linux only; elsewhere their CPU seconds are missing.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def wait_for_all():
    """Wait until no process is left."""
    with suppress(ChildProcessError):
        while True:
            os.wait()


def seconds(arguments, cache):
    """Return CPU and wall seconds of Python with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wall = time.perf_counter() - start
    wait_for_all()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, wall


def compiled():
    """Compile all kernels; return (module and kernel, own CPU seconds) of each.

    What a kernel calls counts by itself; numba's own functions are put together.
    """
    from numba.core import event

    from sklearn_orn.model.shared import compile_solver
    from sklearn_orn.texture import extract_features

    own: dict[str, float] = {}
    open_: list[list[float]] = []

    class Listener(event.Listener):
        def on_start(self, _):
            open_.append([time.process_time(), 0.0])

        def on_end(self, ended):
            start, inside = open_.pop()
            spent = time.process_time() - start
            if open_:
                open_[-1][1] += spent
            function = ended.data["dispatcher"].py_func
            ours = function.__module__.startswith("sklearn_orn")
            module = function.__module__.rpartition(".")[2]
            name = f"{module}.{function.__name__}" if ours else "numba's own"
            own[name] = own.get(name, 0.0) + spent - inside

    with event.install_listener("numba:compile", Listener()):
        image = np.random.default_rng(0).integers(0, 4096, (64, 64))
        extract_features(image, np.pad(np.ones((32, 32)), 16))
        compile_solver()
    return sorted(own.items(), key=lambda item: -item[1])


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="run the demo twice")
    parser.add_argument("--kernels", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.kernels:
        table = compiled()
        print("| kernel | s CPU |\n| --- | ---: |")
        for name, spent in table:
            if spent >= FEWEST:
                print(f"| {name} | {spent:.2f} |")
        print(f"| all {len(table)} | {sum(spent for _, spent in table):.2f} |")
        return
    adopt_orphans()
    with tempfile.TemporaryDirectory() as folder:
        commands = dict(COMMANDS)
        if arguments.demo:
            for when in ("demo, the first time", "demo, again"):
                out = str(Path(folder) / when)
                commands[when] = ["-m", "sklearn_orn.cli", "demo", "--out", out]
        print("| what | s CPU | s |\n| --- | ---: | ---: |")
        for what, command in commands.items():
            spent, wall = seconds(command, Path(folder) / "cache")
            print(f"| {what} | {spent:.2f} | {wall:.2f} |", flush=True)
        print(flush=True)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.first_minute", "--kernels"],
            env={**os.environ, "NUMBA_CACHE_DIR": str(Path(folder) / "kernels")},
            check=True,
        )


if __name__ == "__main__":
    main()

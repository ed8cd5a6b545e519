"""Put small errors into the core, one at a time, and see whether a test fails.

``python -m benchmarks.mutants`` (or ``make mutants``) from the folder of the project,
on Linux or macOS. ``files.toml`` lists the files and the tests that judge each. Results
are kept in ``.mutants/``, so a run that was stopped goes on; what has changed since,
the file or its tests, is judged again. ``equivalent.toml`` lists the errors that change
nothing that could be tested, with the reason.

Neither mutmut nor cosmic-ray fits. mutmut (3.8) leaves out decorated functions, which
all kernels are, and what stands outside of functions. cosmic-ray (8.7) writes each
error into the file itself and starts Python anew for it, which imports for seconds.
Neither keeps reasons.
"""

import argparse
import ast
import hashlib
import json
import random
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

from benchmarks.mutants import judge as judging
from benchmarks.mutants.mutate import mutants, mutated

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOAL = 0.95


def read(name):
    """Return the contents of a TOML file beside this one."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def of_file(name, settings):
    """Return the errors to put into a file: all, or those of the named functions."""
    source = (ROOT / "sklearn_orn" / f"{name}.py").read_text(encoding="utf-8")
    only = settings.get("functions")
    return [
        m for m in mutants(source) if only is None or m.function.startswith(tuple(only))
    ]


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _meaning(source):
    """Return a text that changes where the code does.

    Docstrings are no code, and annotations get no errors.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for annotation in {"annotation", "returns"} & set(node._fields):
            setattr(node, annotation, None)
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            if isinstance(body[0].value, ast.Constant):
                body[0].value.value = ""
    return ast.dump(tree)


class Judged:
    """The errors of a file with what became of them, kept on disk."""

    def __init__(self, name, settings):
        self.name, self.settings = name, settings
        self.path = ROOT / "sklearn_orn" / f"{name}.py"
        self.source = self.path.read_text(encoding="utf-8")
        self.compiled = settings.get("compiled", True)
        self.kept = judging.KEPT / f"{name.replace('/', '.')}.json"
        self.state = {"reach": {}, "results": {}}
        if self.kept.exists():
            self.state = json.loads(self.kept.read_text(encoding="utf-8"))
        self.meaning = _digest(_meaning(self.source))
        if self.state.get("meaning") != self.meaning:
            self.state["results"] = {}
        self.state["meaning"] = self.meaning
        self.tests = {
            test: _digest((ROOT / test).read_text(encoding="utf-8"))
            for test in settings["tests"]
        }
        self.seconds, self.by_line, self.always = {}, {}, set()

    def save(self):
        """Keep what is known so far."""
        judging.KEPT.mkdir(exist_ok=True)
        self.kept.write_text(json.dumps(self.state), encoding="utf-8")

    def find_reach(self):
        """Run the tests once without an error."""
        for test, digest in self.tests.items():
            key = f"{_digest(self.source)} {digest}"
            known = self.state["reach"].get(test, {})
            if known.get("key") != key:
                options = ["-m", self.settings.get("marked", "not long")]
                known = judging.reach(self.path, test, options, self.compiled)
                known["key"] = key
                self.state["reach"][test] = known
                self.save()
            self.seconds.update(known["seconds"])
            for name, lines in known["lines"].items():
                of = [name] if name else list(known["seconds"])
                for line in lines:
                    self.by_line.setdefault(line, set()).update(of)

    def result(self, mutant):
        """Return what is known of an error, None where that is out of date."""
        known = self.state["results"].get(mutant.name)
        if known is None:
            return None
        if known["by"] in ("", "time", "import"):
            same = known["tests"] == self.tests
        else:
            test = known["by"].split("::")[0]
            same = known["tests"].get(test) == self.tests.get(test)
        return known["by"] if same else None

    def judge(self, mutant):
        """Put an error in and return what becomes of it, see `judging.judge`."""
        reached = set().union(*(self.by_line.get(i, set()) for i in mutant.lines))
        by = ""
        if reached:
            kills = Counter(r["by"] for r in self.state["results"].values())

            def late(test):  # first what is quick and has seen many errors
                return (self.seconds[test] + 0.01) / (1 + kills[test])

            order = {t: self.seconds[t] for t in sorted(reached, key=late)}
            tree = mutated(self.source, mutant)
            by = judging.judge(self.path, tree, order, self.compiled)
        self.state["results"][mutant.name] = {"by": by, "tests": self.tests}
        self.save()
        return by


def run_file(name, settings, equivalent, options):
    """Judge the errors of a file; return the row of the table and the survivors."""
    judged = Judged(name, settings)
    todo = of_file(name, settings)
    if options.sample and options.sample < len(todo):
        drawn = random.Random(f"{options.seed} {name}")
        todo = [todo[i] for i in sorted(drawn.sample(range(len(todo)), options.sample))]
    to_judge = [m for m in todo if m.name not in equivalent]
    if any(judged.result(m) is None for m in to_judge):
        judged.find_reach()
    alive = []
    for mutant in to_judge:
        by = judged.result(mutant)
        if by is None:
            by = judged.judge(mutant)
        if not by:
            alive.append(f"{name}.py:{mutant.lines.start} {mutant.name}")
            print(f"  survives: {alive[-1]}", flush=True)
    n_equivalent = len(todo) - len(to_judge)
    n_killed = len(to_judge) - len(alive)
    return (name, len(todo), n_killed, n_equivalent, len(alive)), alive


def _options(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mutants", description=__doc__.splitlines()[0]
    )
    parser.add_argument("files", nargs="*", help="such as metrics/_delong; all if none")
    parser.add_argument("--sample", type=int, help="errors per file, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of that draw")
    parser.add_argument(
        "--reasons", action="store_true", help="print the equivalent ones as well"
    )
    return parser.parse_args(arguments)


def main(arguments=None):
    """Judge the errors of all files; return 0 if enough of them are seen."""
    options = _options(arguments)
    files, equivalent = read("files.toml"), read("equivalent.toml")
    names = options.files or list(files)
    for name in names:
        if name not in files:
            raise SystemExit(
                f"files.toml does not list {name}, but {', '.join(files)}."
            )
    start = time.perf_counter()
    judging.preload()
    rows = []
    for name in names:
        print(name, flush=True)
        reasons = equivalent.get(name, {})
        row, _ = run_file(name, files[name], reasons, options)
        rows.append(row)
        if options.reasons:
            for mutant, reason in reasons.items():
                print(f"  equivalent: {mutant}: {reason}")
    rows.append(("all", *(sum(column) for column in list(zip(*rows, strict=True))[1:])))
    print(f"\n{'file':30}{'errors':>8}{'killed':>8}{'equivalent':>12}{'survive':>9}")
    for name, *numbers in rows:
        print(f"{name:30}{numbers[0]:8}{numbers[1]:8}{numbers[2]:12}{numbers[3]:9}")
    share = 1 - rows[-1][-1] / max(rows[-1][1], 1)
    minutes = (time.perf_counter() - start) / 60
    print(f"{100 * share:.1f} % killed or equivalent, in {minutes:.1f} minutes")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())

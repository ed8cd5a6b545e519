"""No settings, results or model of anybody's end in a foreign traceback.

Run as a program, it makes more: ``python -m tests.test_fuzz_texts 20000 0``.
"""

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import cli
from sklearn_orn.model import PublishedSignature
from sklearn_orn.study import StudyConfig, run_study
from tests._mutants import json_mutant, yaml_mutant
from tests.study._checks import files_of
from tests.study._cohort import make_table
from tests.study._studies import SETTINGS, quick_drawings

SECONDS = 20
MODEL = Path(__file__).parent / "deploy" / "model_v1.json"
STUDY = """\
outcome: grade
positive: high
patient: patient
split: part
clinical: [place]
location: place
size: size
screening: {screened: {patients: 18}, excluded: [{reason: "no MRI", patients: 3}]}
cv: 3
random_state: 0
normalization: 3sigma
icc_threshold: 0.75
k: 3
n_resamples: 2
n_permutations: 1
sensitivity: true
pooled_decision_curve: false
pipeline:
  nomogram__lambda_rule: 1se
"""


def features_table():
    """Make a table of few lesions, with features that another program measured."""
    table = make_table(15)
    rng = np.random.default_rng(0)
    table["place"] = np.where(rng.random(len(table)) < 0.5, "C1", "C2")
    table["size"] = rng.integers(100, 900, len(table))
    high = table["grade"] == "high"
    for number in range(6):
        table[f"f{number}"] = rng.standard_normal(len(table)) + high * (number < 2)
    return table


def run(*arguments):
    """Run a command; return its code and what it wrote to standard error."""
    out, err, start = StringIO(), StringIO(), time.perf_counter()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code
    assert time.perf_counter() - start < SECONDS, arguments
    return code, err.getvalue()


def check(code, err, content):
    """Check how a command ended."""
    assert code in (0, 1, 2), (code, err, content[:2000])
    assert "Traceback" not in err
    if code == 2:
        *notices, last = err.splitlines()
        assert last.startswith("sklearn-orn: error: "), err
        assert all(" taken for no features: " in notice for notice in notices), err


def fuzz_settings(folder, n, seed, *, whole=False):
    """Give mutants of a study file to the command `study`."""
    rng, codes = np.random.default_rng(seed), Counter()
    table, path = folder / "f.csv", folder / "study.yaml"
    features_table().to_csv(table, index=False)
    arguments = ["study", "--features", table, "--id", "lesion", "--config", path]
    for _ in range(n):
        content = yaml_mutant(STUDY, rng)
        path.write_bytes(content)
        out = folder / "out"
        code, err = run(*arguments, "--out", out, *([] if whole else ["--dry-run"]))
        check(code, err, content)
        assert whole or not out.exists()
        codes[code] += 1
    return codes


def small_study(folder):
    """Run a study whose report has all parts that features can give."""
    table = features_table()
    settings = SETTINGS | {"split": "part", "clinical": ["place"], "location": "place"}
    names = [name for name in table if name.startswith("f")]
    with pytest.MonkeyPatch.context() as patch:
        quick_drawings(patch)
        run_study(
            table.drop(columns=names),
            StudyConfig(**settings),
            folder,
            features=table[names],
        )


def fuzz_results(folder, n, seed):
    """Give mutants of a study's JSON files to the command `report`."""
    rng, codes = np.random.default_rng(seed), Counter()
    small_study(folder / "first")
    for _ in range(n):
        copy = folder / "copy"
        shutil.copytree(folder / "first", copy)
        chance = rng.random()
        name = "results.json" if chance < 0.8 else "manifest.json"
        name = "timings.json" if chance > 0.9 else name
        content = json_mutant(json.loads((copy / name).read_text("utf-8")), rng)
        (copy / name).write_bytes(content)
        before = {path: path.read_bytes() for path in files_of(folder)}
        code, err = run("report", copy)
        check(code, err, content)
        after = {path: path.read_bytes() for path in files_of(folder)}
        if code == 2:
            assert after == before
        assert all(path in after for path in before if copy not in path.parents)
        codes[code] += 1
        shutil.rmtree(copy)
    return codes


def fuzz_models(folder, n, seed):
    """Give mutants of a model and of a signature to the commands that take them."""
    rng, codes = np.random.default_rng(seed), Counter()
    names = [*(f"f{number}" for number in range(8)), "empty", "pain"]
    table = pd.DataFrame(rng.standard_normal((9, len(names))), columns=names)
    table = table.assign(pain=1, grade=np.arange(9) % 2, patient=np.arange(9))
    table.to_csv(folder / "new.csv", index=False)
    signature = PublishedSignature({"f0": 1.0, "f3": -0.5}, intercept=0.1)
    signature.to_json(folder / "signature.json")
    first = json.loads(MODEL.read_text("utf-8"))
    second = json.loads((folder / "signature.json").read_text("utf-8"))
    path, new = folder / "model.json", folder / "new.csv"
    options = ["--outcome", "grade", "--patient", "patient"]
    for number in range(n):
        content = json_mutant(second if number % 3 == 2 else first, rng)
        path.write_bytes(content)
        code, err = [
            lambda: run("calculator", path, "--out", folder / "calculator.html"),
            lambda: run("predict", path, new, "--out", folder / "scores.csv"),
            lambda: run("validate", path, new, *options, "--out", folder / "v.json"),
        ][number % 3]()
        check(code, err, content)
        codes[code] += 1
    return codes


def test_settings(tmp_path):
    codes = fuzz_settings(tmp_path, 150, 0)
    assert {0, 2} <= set(codes)


def test_results(tmp_path, monkeypatch):
    quick_drawings(monkeypatch)
    codes = fuzz_results(tmp_path, 25, 0)
    assert set(codes) == {0, 2}


@pytest.mark.filterwarnings("ignore:The model was trained on texture of version 1")
def test_models(tmp_path):
    assert fuzz_models(tmp_path, 60, 0)[2] > 10


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:The model was trained on texture of version 1")
def test_many(tmp_path, monkeypatch):
    quick_drawings(monkeypatch)
    print(main(tmp_path, 6000, 1))


def main(folder, n, seed):
    """Make `n` mutants of all kinds."""
    (folder / "s").mkdir()
    (folder / "w").mkdir()
    (folder / "m").mkdir()
    return {
        "settings": dict(fuzz_settings(folder / "s", n // 2, seed)),
        "studies": dict(fuzz_settings(folder / "w", n // 100, seed, whole=True)),
        "results": dict(fuzz_results(folder / "r", n // 10, seed)),
        "models": dict(fuzz_models(folder / "m", n // 3, seed)),
    }


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as made:
        quick_drawings(patch)
        print(json.dumps(main(Path(made), *map(int, sys.argv[1:]))))

"""Features of more lesions than a text file is good for: `extract` to Parquet."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cli import main
from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import _streamed_extraction as streamed
from sklearn_orn.study.shared import extract_rows, feature_table
from sklearn_orn.texture import Normalizer, TextureExtractor, read_features
from tests.images._make import write_png

N = 11


@pytest.fixture
def table(tmp_path):
    """A cohort of pictures, the outline of the fifth of which lies on no pixel."""
    rng = np.random.default_rng(0)
    rows = []
    for n in range(N):
        image = rng.integers(0, 200, (24, 24)).astype(np.uint8)
        mask = np.zeros((24, 24), np.uint8)
        if n != 4:
            mask[6:18, 6:18] = 255
        write_png(tmp_path / f"i{n}.png", image)
        write_png(tmp_path / f"m{n}.png", mask)
        rows.append([f"{n:03d}", n // 2, f"i{n}.png", f"m{n}.png", "yes", n / 3])
    columns = ["lesion", "patient", "image", "mask", "grade", "age"]
    path = tmp_path / "cohort.csv"
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


def steps():
    from sklearn.pipeline import make_pipeline

    return make_pipeline(Normalizer(), TextureExtractor())


@pytest.fixture(autouse=True)
def _needs_pyarrow(request):
    if "without" not in request.node.name:
        pytest.importorskip("pyarrow")


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_the_file_holds_what_the_csv_holds(table, tmp_path, batch):
    cohort = Cohort.read(table)
    out = tmp_path / "f.parquet"
    found = streamed.stream_features(
        cohort, steps(), out, carried=["grade", "age"], batch=batch
    )
    plain = extract_rows(cohort, steps())
    expected = feature_table(cohort, plain, carried=["grade", "age"])
    assert (found.n_lesions, found.n_features) == (N - 1, 279)
    assert found.left_out == plain.left_out
    assert found.settings == json.loads(
        json.dumps(plain.features.attrs["provenance"], default=list)
    )
    got = read_features(out)
    assert got["lesion"].tolist() == [f"{n:03d}" for n in range(N) if n != 4]
    pd.testing.assert_frame_equal(
        got.reset_index(drop=True),
        expected.reset_index(drop=True),
        check_dtype=False,
        check_exact=True,
    )
    assert not streamed.unfinished_folder(out).exists()


class _KilledAt(Exception):
    """Stands for a signal at one lesion."""


@pytest.mark.parametrize("lesion", range(1, N + 1))
def test_a_killed_run_goes_on_at_any_lesion(table, tmp_path, lesion):
    out = tmp_path / "f.parquet"
    cohort = Cohort.read(table)

    def killed(step, done, total):
        if done == lesion:
            raise _KilledAt

    with pytest.raises(_KilledAt):
        streamed.stream_features(cohort, steps(), out, progress=killed, batch=3)
    assert not out.exists()
    found = streamed.stream_features(cohort, steps(), out, batch=3)
    # The one without pixels is tried again where its batch was not finished.
    assert lesion - 1 <= found.n_resumed <= lesion
    whole = tmp_path / "whole.parquet"
    streamed.stream_features(cohort, steps(), whole, batch=3)
    assert out.read_bytes() == whole.read_bytes()


def test_a_file_that_changed_is_measured_again(table, tmp_path):
    out = tmp_path / "f.parquet"

    def killed(step, done, total):
        if done == 9:
            raise _KilledAt

    with pytest.raises(_KilledAt):
        streamed.stream_features(
            Cohort.read(table), steps(), out, progress=killed, batch=3
        )
    shutil.copyfile(tmp_path / "i10.png", tmp_path / "i1.png")
    os.utime(tmp_path / "i1.png", (1, 1))
    found = streamed.stream_features(Cohort.read(table), steps(), out, batch=3)
    assert found.n_resumed == 6  # the batch of lesion 1 is not among them
    values = read_features(out).set_index("lesion")
    expected = extract_rows(Cohort.read(table), steps()).features
    assert values.loc["001", "Mean"] == expected["Mean"].iloc[1]


def test_the_command_and_those_that_read_its_table(table, tmp_path, capsys):
    out = tmp_path / "f.parquet"
    command = ["extract", str(table), "--out", str(out), "--carry", "grade", "age"]
    assert main(command) == 1  # a lesion is left out
    out_text, errors = capsys.readouterr()
    assert f"10 lesions, 279 features: {out}" in out_text
    assert "1 of 11 lesions left out" in errors
    assert json.loads((tmp_path / "f.json").read_text())["n_lesions"] == 10
    assert main(command) == 1  # its own table is replaced
    capsys.readouterr()
    assert main(["init", str(out), "--out", str(tmp_path / "s.yaml")]) == 0
    out.write_bytes(out.read_bytes()[:-50])
    capsys.readouterr()
    assert main(["init", str(out), "--out", str(tmp_path / "t.yaml")]) == 2
    assert "cannot be read as Parquet" in capsys.readouterr().err


def test_a_table_of_somebody_else_is_not_replaced(table, tmp_path, capsys):
    out = tmp_path / "mine.parquet"
    pd.DataFrame({"x": [1]}).to_parquet(out)
    before = out.read_bytes()
    assert main(["extract", str(table), "--out", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert out.read_bytes() == before


def test_a_cohort_may_be_parquet_too(table, tmp_path):
    pd.read_csv(table, dtype={"lesion": str}).to_parquet(tmp_path / "c.parquet")
    cohort = Cohort.read(tmp_path / "c.parquet")
    assert cohort.names.tolist() == Cohort.read(table).names.tolist()
    assert cohort.patients.tolist() == Cohort.read(table).patients.tolist()


def test_nothing_measured_leaves_nothing(table, tmp_path):
    frame = pd.read_csv(table, dtype={"lesion": str}).iloc[[4]]
    frame.to_csv(table, index=False)
    with pytest.raises(CohortError, match="none of the 1 lesions could be measured"):
        streamed.stream_features(Cohort.read(table), steps(), tmp_path / "f.parquet")
    assert [p.name for p in tmp_path.iterdir() if "parquet" in p.name] == []


def test_without_pyarrow_the_extra_is_named(table):
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from sklearn_orn.cli import main\n"
        f"sys.exit(main(['extract', {str(table)!r}, '--out', 'f.parquet']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=table.parent
    )
    assert done.returncode == 2
    assert "pip install 'sklearn-orn[parquet]'" in done.stderr

"""How far the streaming of features is, and whose lesions its table holds."""

import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.study import _streamed_extraction as streamed
from sklearn_orn.texture import read_features

from . import test_parquet as whole

pytest.importorskip("pyarrow")
N, table, steps = whole.N, whole.table, whole.steps


class _Stopped(Exception):
    """Stands for a signal at one lesion."""


def test_how_far_it_is_is_told_of_each_lesion_and_batch(table, tmp_path):
    told, out = [], tmp_path / "f.parquet"

    def stopped(*step):
        told.append(step)
        if step[1] == 8:
            raise _Stopped

    with pytest.raises(_Stopped):
        streamed.stream_features(
            Cohort.read(table), steps(), out, progress=stopped, batch=4
        )
    words = "measuring lesions"
    assert told[0] == (words, 0, N)
    assert {done for _, done, _ in told} == set(range(9))
    told.clear()
    streamed.stream_features(
        Cohort.read(table),
        steps(),
        out,
        progress=lambda *step: told.append(step),
        batch=4,
    )
    counts = [done for _, done, _ in told]
    assert counts == sorted(counts) and counts[:2] == [0, 4] and counts[-1] == N
    assert {step[::2] for step in told} == {(words, N)}


def test_patients_are_those_of_the_column_that_is_named(table, tmp_path):
    renamed = pd.read_csv(table, dtype=str).rename(columns={"patient": "case"})
    renamed.to_csv(table, index=False)
    cohort = Cohort.read(table, Columns(patient="case"))
    streamed.stream_features(cohort, steps(), tmp_path / "f.parquet", batch=4)
    found = read_features(tmp_path / "f.parquet")
    assert found["patient"].tolist() == [str(n // 2) for n in range(N) if n != 4]

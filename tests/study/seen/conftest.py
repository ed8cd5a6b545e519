"""Two studies as their user sees them: tables, figures, page; and the files beside."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study.report._svg import Drawing
from tests.study._checks import page_of
from tests.study._studies import make_drafts, quick_drawings

N_FEATURES, READERS = 12, ("A", "B")
SETTINGS = {
    "outcome": "grade",
    "positive": "high",
    "patient": "patient",
    "clinical": ["age", "sex"],
    "location": "place",
    "size": "area",
    "readers": list(READERS),
    "cv": 3,
    "k": 3,
    "n_resamples": 4,
    "n_permutations": 3,
}


def cohort(seed=3):
    """59 lesions of 44 patients; two features tell the class, one is all noise."""
    rng = np.random.default_rng(seed)
    rows = []
    for patient in range(44):
        high = patient % 5 < 3
        age, sex = 55 + 8 * rng.standard_normal() + 3 * high, rng.random() < 0.4
        for _ in range(2 if patient % 3 == 0 else 1):
            rows.append(
                {
                    "lesion": f"L{len(rows):02d}",
                    "patient": f"P{patient:02d}",
                    "grade": "high" if high else "low",
                    "part": "training" if patient % 7 < 4 else "validation",
                    "age": round(age, 1),
                    "sex": "M" if sex else "F",
                    "place": f"C{rng.integers(1, 4)}",
                    "area": round(100 + 40 * rng.random(), 1),
                }
            )
    table = pd.DataFrame(rows)
    high = (table["grade"] == "high").to_numpy()
    texture = rng.standard_normal((len(table), N_FEATURES))
    texture[:, 0] += 1.0 * high
    texture[:, 1] += 0.8 * high
    columns = {}
    for reader in READERS:
        for i in range(N_FEATURES):
            spread = 3.0 if i == N_FEATURES - 1 else 0.25
            noise = spread * rng.standard_normal(len(table))
            columns[f"{reader}__f{i}"] = texture[:, i] + noise
    return table, pd.DataFrame(columns)


def _seen(folder, *, split):
    table, features = cohort()
    config = StudyConfig(**SETTINGS, split="part" if split else None)
    figures = {}
    with pytest.MonkeyPatch.context() as patch:
        make_drafts(patch)
        quick_drawings(patch)
        patch.setattr(
            Drawing, "save", lambda self, _: figures.__setitem__(self.key, self.figure)
        )
        result = run_study(table, config, folder, features=features)
    tables = {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in (folder / "tables").glob("*.csv")
    }
    scores = pd.read_csv(folder / "scores.csv")
    assert list(scores["lesion"]) == list(table["lesion"])
    measured = pd.read_csv(folder / "features.csv").filter(like="__")
    blocks = [
        measured.filter(like=f"{r}__").rename(columns=lambda c: c.split("__")[1])
        for r in READERS
    ]
    steps = json.loads((folder / "model.json").read_text())["pipeline"]["steps"]
    nomogram = dict(steps)["nomogram"]["fitted"]
    training = (table["part"] == "training").to_numpy() if split else table.index >= 0
    return SimpleNamespace(
        split=split,
        table=table,
        blocks=dict(zip(READERS, blocks, strict=True)),
        mean=sum(blocks) / 2,
        y=(table["grade"] == "high").to_numpy().astype(int),
        patient=table["patient"].to_numpy(),
        training=np.asarray(training),
        judged=~training if split else np.asarray(training),
        judge="Validation" if split else "Cross-validated",
        scores=scores,
        tables=tables,
        figures=figures,
        page=page_of(result).text.replace("\N{NO-BREAK SPACE}", " "),
        results=json.loads((folder / "results.json").read_text(encoding="utf-8")),
        nomogram=nomogram,
        config=config,
    )


@pytest.fixture(scope="session")
def with_split(tmp_path_factory):
    return _seen(tmp_path_factory.mktemp("split"), split=True)


@pytest.fixture(scope="session")
def in_folds(tmp_path_factory):
    return _seen(tmp_path_factory.mktemp("folds"), split=False)


@pytest.fixture(params=["with_split", "in_folds"])
def seen(request):
    return request.getfixturevalue(request.param)

"""The readers' page, found again from the features: every cell, point and number."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study.report._svg import Drawing
from tests.study._checks import page_of
from tests.study._studies import quick_drawings
from tests.study.seen._again import (
    icc,
    number,
    one_way,
    rows_of,
    shows,
    shows_limits,
)
from tests.study.seen.conftest import N_FEATURES, READERS, SETTINGS, cohort
from tests.study.seen.test_sentences import said

THRESHOLD = 0.75


def agreement(blocks, rows, judge):
    """Return the ICC of each feature."""
    tables = [block[rows] for block in blocks]
    return {name: judge(*(t[name] for t in tables)) for name in tables[0]}


def test_agreement_by_family(seen):
    (row,) = rows_of(seen.tables["icc-families"]).values()
    values = np.array([*agreement(seen.blocks.values(), seen.training, icc).values()])
    assert list(row.index) == [
        *("Family", "Features", "Above 0.75", "Median ICC", "Quartiles")
    ]
    assert row["Family"] == "other"
    assert int(row["Features"]) == len(values)
    count, _, share = row["Above 0.75"].rstrip(" %)").partition(" (")
    assert int(count) == (values > THRESHOLD).sum()
    assert shows(share, 100 * (values > THRESHOLD).mean())
    assert shows(row["Median ICC"], np.median(values))
    assert shows_limits(row["Quartiles"], *np.quantile(values, [0.25, 0.75]))
    assert "icc-families" not in seen.figures  # one family


def by_hand(table, y, patient, config):
    """Return selected features, mean AUC of five folds, out-of-fold probabilities."""
    model = make_pipeline(
        FCMSelector(config.k),
        NomogramClassifier(cv=config.cv, threshold="youden", random_state=0),
    ).set_output(transform="pandas")

    def fit(rows):
        picked = model[:-1].fit_transform(table.iloc[rows], y[rows])
        model[-1].fit(picked, y[rows], groups=patient[rows])
        return set(model[-1].selected_features_)

    selected, aucs = fit(np.arange(len(y))), []
    probability = np.zeros(len(y))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    for train, test in folds.split(table, y, patient):
        fit(train)
        probability[test] = model.predict_proba(table.iloc[test])[:, 1]
        if len(set(y[test])) > 1:
            aucs.append(roc_auc_score(y[test], probability[test]))
    return selected, np.mean(aucs), probability


def test_other_sets_of_readers(seen):
    rows = rows_of(seen.tables["third-reader"])
    here = seen.training
    values = agreement(seen.blocks.values(), here, icc)
    agreed = [name for name, value in values.items() if value > THRESHOLD]
    sets = {
        "A, B": seen.mean.loc[here, agreed],
        "B": seen.blocks["B"][here],
        "A": seen.blocks["A"][here],
    }
    assert list(rows) == list(sets)
    made = {
        name: by_hand(table, seen.y[here], seen.patient[here], seen.config)
        for name, table in sets.items()
    }
    first = made["A, B"]
    for name, (selected, auc, probability) in made.items():
        row = rows[name]
        assert int(row["Features in the score"]) == len(selected)
        both = len(selected & first[0]) / len(selected | first[0])
        assert shows(row["In common"], both)
        assert shows(row["AUC, 5 folds"], auc)
        assert shows(row["Correlation"], spearmanr(probability, first[2]).statistic)


def test_sentence_on_other_readers_is_of_the_table(seen):
    rows = list(rows_of(seen.tables["third-reader"]).values())
    first, *others = rows
    start = "What another reader would change is seen from those that there are: "
    told = seen.page.partition(f"{start}with one left out, ")[2].partition(". ")[0]
    same, auc, correlation = told.replace(" and ", ", ").split(", ")
    shares = [100 * number(row["In common"])[0] for row in others]
    limits = same.partition(" %")[0].split(" to ")
    assert number(limits[0])[0] == pytest.approx(min(shares), abs=1)
    assert number(limits[-1])[0] == pytest.approx(max(shares), abs=1)
    head = "AUC, 5 folds"
    changes = [number(row[head])[0] - number(first[head])[0] for row in others]
    limits = auc.removeprefix("the AUC changes by ").split(" to ")
    assert number(limits[0])[0] == pytest.approx(min(changes), abs=0.0011)
    assert number(limits[-1])[0] == pytest.approx(max(changes), abs=0.0011)
    limits = correlation.partition("correlated by ")[2].split(" to ")
    assert limits[0] == min(row["Correlation"] for row in others)
    assert limits[-1] == max(row["Correlation"] for row in others)


@pytest.fixture(scope="module", params=[READERS, READERS[:1]])
def perturbed(request, tmp_path_factory):
    """A study of features that were measured on perturbed outlines too."""
    readers, (table, features) = request.param, cohort()
    rng, first = np.random.default_rng(5), features.filter(like="A__").to_numpy()
    features = features[[c for c in features if c.startswith(readers)]].copy()
    noise = np.linspace(0.1, 1.5, N_FEATURES)
    virtual = [f"perturbed{i}" for i in (1, 2, 3)]
    for name in virtual:
        seen = first + noise * rng.standard_normal(first.shape)
        features[[f"{name}__f{i}" for i in range(N_FEATURES)]] = seen
    settings = {k: v for k, v in SETTINGS.items() if k not in ("readers", "clinical")}
    settings |= {"n_resamples": 2, "n_permutations": 1}
    config = StudyConfig(**settings, split="part")
    folder, figures = tmp_path_factory.mktemp("perturbed"), {}
    with pytest.MonkeyPatch.context() as patch:
        quick_drawings(patch)
        patch.setattr(
            Drawing, "save", lambda self, _: figures.__setitem__(self.key, self.figure)
        )
        result = run_study(table, config, folder, features=features)
    training = (table["part"] == "training").to_numpy()

    def values(names, judge):
        blocks = [
            features.filter(like=f"{name}__").rename(columns=lambda c: c.split("__")[1])
            for name in names
        ]
        return agreement(blocks, training, judge)

    return SimpleNamespace(
        readers=readers,
        tables={
            path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
            for path in (folder / "tables").glob("*.csv")
        },
        figures=figures,
        page=page_of(result).text.replace("\N{NO-BREAK SPACE}", " "),
        by_readers=values(readers, icc) if len(readers) > 1 else None,
        by_perturbed=values(virtual, one_way),
        n_training=training.sum(),
    )


def test_icc_of_each_feature_by_both(perturbed):
    rows = rows_of(perturbed.tables["icc-pairs"])
    assert rows.keys() == perturbed.by_perturbed.keys()
    for name, row in rows.items():
        assert shows(row["ICC, perturbed outlines"], perturbed.by_perturbed[name])
        if perturbed.by_readers is None:
            assert row["ICC, readers"] == "\N{EN DASH}"
        else:
            assert shows(row["ICC, readers"], perturbed.by_readers[name])


def test_families_by_both(perturbed):
    table = perturbed.tables["icc-families"]
    values = {"perturbed outlines": perturbed.by_perturbed}
    if perturbed.by_readers is not None:
        values = {"readers": perturbed.by_readers} | values
    assert list(table["ICC over"]) == list(values)
    for (_, row), found in zip(table.iterrows(), values.values(), strict=True):
        iccs = np.array([*found.values()])
        assert int(row["Above 0.75"].split(" ")[0]) == (iccs > THRESHOLD).sum()
        assert shows(row["Median ICC"], np.median(iccs))
    assert ("icc-families" in perturbed.figures) == (len(values) > 1)
    if len(values) > 1:
        (ax,) = perturbed.figures["icc-families"].axes
        for (points, _, (limits,)), found in zip(
            ax.containers, values.values(), strict=True
        ):
            quartiles = np.quantile([*found.values()], [0.25, 0.5, 0.75])
            assert points.get_xdata() == pytest.approx(quartiles[1])
            (low, _), (high, _) = limits.get_segments()[0]
            assert (low, high) == pytest.approx((quartiles[0], quartiles[2]))


def test_what_both_keep(perturbed):
    if perturbed.by_readers is None:
        assert "icc-kept" not in perturbed.tables
        assert "icc-comparison" not in perturbed.figures
        return
    readers = np.array([*perturbed.by_readers.values()])
    virtual = np.array([*perturbed.by_perturbed.values()])
    rows = rows_of(perturbed.tables["icc-kept"])
    for name, side in (("Kept", readers > THRESHOLD), ("Dropped", readers < THRESHOLD)):
        kept, dropped = rows[name].iloc[1:]
        assert int(kept) == (side & (virtual > THRESHOLD)).sum()
        assert int(dropped) == (side & (virtual < THRESHOLD)).sum()
    rank = spearmanr(readers, virtual).statistic
    (told,) = said(perturbed, "correlation of the two ICCs is #")
    assert shows(told, rank)
    n = (virtual > THRESHOLD).sum()
    assert f"would have gone on with {n} features" in perturbed.page
    (ax,) = perturbed.figures["icc-comparison"].axes
    (points,) = (one for one in ax.lines if one.get_label() == "other")
    np.testing.assert_allclose(points.get_xdata(), readers, atol=1e-9)
    np.testing.assert_allclose(points.get_ydata(), virtual, atol=1e-9)


def test_the_page_says_whose_agreement_it_is(perturbed):
    of_virtual = perturbed.by_readers is None
    n = sum(value > THRESHOLD for value in perturbed.by_perturbed.values())
    told = "of virtual readers, 3 outlines of each lesion made from the drawn one"
    assert (told in perturbed.page) == of_virtual
    assert (f"{n} of {N_FEATURES} features pass." in perturbed.page) == of_virtual
    assert ("not tell whether another person would" in perturbed.page) == of_virtual
    assert ("cannot stand in for the readers" in perturbed.page) != of_virtual
    assert ("icc-perturbed" in perturbed.figures) == of_virtual
    assert ("icc" in perturbed.figures) != of_virtual
    caption = f"in {perturbed.n_training} lesions with 3 perturbed outlines each, which"
    assert (caption in perturbed.page) == of_virtual


def test_a_perturbed_outline_in_the_place_of_a_reader(perturbed):
    table = perturbed.tables["third-reader"]
    sets = {
        2: ["A, B", "B", "A", "perturbed outline, B", "A, perturbed outline"],
        1: ["A", "perturbed outline"],
    }
    assert list(table["Readers"]) == sets[len(perturbed.readers)]
    first = table.iloc[0]
    assert (first["In common"], first["Correlation"]) == ("1.00", "1.00")
    assert (table["Correlation"][1:] != "1.00").any()
    ways = {
        2: "with one left out or with a perturbed outline in the place of one, ",
        1: "from those that there are: with a perturbed outline in the place of one, ",
    }
    assert ways[len(perturbed.readers)] in perturbed.page

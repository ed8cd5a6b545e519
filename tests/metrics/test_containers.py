"""Outcomes, scores, weights and groups in every container, and gaps in each."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.metrics import (
    ExternalValidation,
    diagnostic_performance,
    kappa,
    limits_of_agreement,
    mcnemar_test,
    net_benefit,
    roc_auc_ci,
    subgroup_table,
)

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 20)
P = np.clip(0.5 + 0.2 * (Y - 0.5) + 0.15 * RNG.normal(size=40), 0.01, 0.99)
WORDS = np.where(Y == 1, "orn", "met")
KINDS = ["list", "object", "nullable", "pandas of arrow", "polars", "pyarrow"]


def contained(kind, values, gap=False):
    """Values in a container, with a gap at position 3."""
    cells = [None if gap and i == 3 else v for i, v in enumerate(values.tolist())]
    if kind == "list":
        return [np.nan if cell is None else cell for cell in cells]
    if kind == "object":
        return np.array(cells, dtype=object)
    if kind == "polars":
        return pytest.importorskip("polars").Series(cells)
    if kind == "nullable":
        return pd.Series(cells).convert_dtypes()
    arrow = pytest.importorskip("pyarrow").array(cells)
    return arrow if kind == "pyarrow" else arrow.to_pandas(types_mapper=pd.ArrowDtype)


@pytest.mark.parametrize("kind", KINDS)
def test_containers_do_not_matter(kind):
    expected = roc_auc_ci(Y, P, sample_weight=P, groups=Y[::-1])
    positive = contained(kind, Y == 1)
    score = contained(kind, P)
    groups = contained(kind, Y[::-1])
    found = roc_auc_ci(positive, score, sample_weight=score, groups=groups)
    np.testing.assert_array_equal(found, expected)
    words = contained(kind, WORDS)
    named = roc_auc_ci(words, score, pos_label="orn", sample_weight=P, groups=groups)
    np.testing.assert_array_equal(named, expected)


OUTCOMES = {"booleans": Y == 1, "integers": Y, "floats": Y / 1, "words": WORDS}


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_gap_is_missing_in_every_container(kind, outcome):
    gappy = contained(kind, OUTCOMES[outcome], gap=True)
    with pytest.raises(ValueError, match=r"^y_true has missing (or infinite )?values"):
        roc_auc_ci(gappy, P, pos_label="orn" if outcome == "words" else None)
    for call in (
        lambda: kappa(gappy, OUTCOMES[outcome]),
        lambda: mcnemar_test(OUTCOMES[outcome], OUTCOMES[outcome], gappy),
        lambda: diagnostic_performance(Y, gappy),
    ):
        with pytest.raises(ValueError, match="must not be missing, found 1, .*ion 3"):
            call()
    with pytest.raises(ValueError, match="groups has 1 missing .* position 3"):
        roc_auc_ci(Y, P, groups=gappy)
    table = subgroup_table(Y, P, by=gappy)
    assert table["n"].tolist().count(1) == 1
    assert pd.isna(table.index).sum() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_gap_in_numbers_is_missing_in_every_container(kind):
    gappy = contained(kind, P, gap=True)
    with pytest.raises(ValueError, match="y_proba has 1 missing .* position 3"):
        net_benefit(Y, gappy, threshold=0.5)
    with pytest.raises(ValueError, match="sample_weight must be finite"):
        net_benefit(Y, P, threshold=0.5, sample_weight=gappy)
    with pytest.raises(ValueError, match="first and second must be finite"):
        limits_of_agreement(P, gappy)


def test_text_is_no_number():
    for call, name in (
        (lambda: roc_auc_ci(Y, WORDS), "y_score"),
        (lambda: roc_auc_ci(Y, [*P[1:], "high"]), "y_score"),
        (
            lambda: net_benefit(Y, P, threshold=0.5, sample_weight=WORDS),
            "sample_weight",
        ),
        (lambda: limits_of_agreement(WORDS, P), "first"),
        (
            lambda: ExternalValidation.from_predictions(
                Y, P, predictors=WORDS[:, None]
            ),
            "predictors",
        ),
    ):
        with pytest.raises(ValueError, match=f"{name} must hold numbers, found '"):
            call()


@pytest.mark.parametrize("kind", ["polars", "pyarrow"])
def test_predictors_keep_the_names_of_their_columns(kind):
    table = pd.DataFrame({"a": P, "b": RNG.normal(size=40)})
    library = pytest.importorskip(kind)
    other = library.table(table) if kind == "pyarrow" else library.from_pandas(table)
    found = ExternalValidation.from_predictions(Y, P, predictors=other).updates[2]
    expected = ExternalValidation.from_predictions(Y, P, predictors=table).updates[2]
    assert found.coefficients == pytest.approx(expected.coefficients, rel=1e-9)

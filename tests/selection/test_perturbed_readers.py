"""Features judged by perturbed outlines, and measured on those that were drawn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_orn import ICCFilter
from sklearn_orn.selection import intraclass_correlation

NAMES = ["stable", "shaky"]


def readings(readers, n_virtual=4, n=30, front=""):
    """Blocks of two features; perturbed outlines agree on the first one only."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(n, 2))
    noise = dict.fromkeys(readers, 0.1)
    noise |= {f"perturbed{i}": np.array([0.1, 2.0]) for i in range(1, n_virtual + 1)}
    return pd.DataFrame(
        {
            f"{front}{reader}__{name}": truth[:, k]
            + rng.normal(size=n) * np.broadcast_to(scale, 2)[k]
            for reader, scale in noise.items()
            for k, name in enumerate(NAMES)
        }
    )


def test_one_reader_is_judged_by_perturbed_outlines():
    X = readings(["drawn"])
    icc = ICCFilter(form="ICC(1,1)").set_output(transform="pandas")
    kept = icc.fit_transform(X)
    assert list(kept) == ["stable"]
    assert np.array_equal(kept["stable"], X["drawn__stable"])  # no value of another
    assert icc.readers_ == ("drawn",)
    assert list(icc.judged_by_) == ["perturbed", "perturbed"]
    virtual = X.iloc[:, 2:].to_numpy().reshape(30, 4, 2)
    expected = intraclass_correlation(virtual, form="ICC(1,1)").icc
    assert np.allclose(icc.icc_, expected)
    assert (
        icc.reasons_[0] == f"kept: ICC of perturbed outlines {expected[0]:.3f} > 0.75"
    )
    assert icc.n_lesions_ == 30


def test_real_readers_are_judged_unless_the_perturbed_are_asked_for():
    X = readings(["anna", "ben"])
    real = ICCFilter().set_output(transform="pandas").fit(X)
    alone = ICCFilter().fit(X.iloc[:, :4])
    assert np.array_equal(real.icc_, alone.icc_)
    assert list(real.judged_by_) == ["readers", "readers"]
    assert list(real.transform(X)) == NAMES
    virtual = ICCFilter(readers="perturbed").set_output(transform="pandas").fit(X)
    assert np.array_equal(virtual.icc_, ICCFilter().fit(X.iloc[:, 2:]).icc_)
    assert virtual.readers_ == real.readers_ == ("anna", "ben")
    mean = X[["anna__stable", "ben__stable"]].mean(axis=1)
    assert np.allclose(virtual.transform(X)["stable"], mean)


def test_a_new_lesion_needs_no_perturbed_outline():
    X = readings(["drawn"])
    icc = ICCFilter().fit(X)
    new = X.copy()
    new.iloc[:, 2:] = np.nan
    assert np.array_equal(icc.transform(new), icc.transform(X))


def test_two_filters_ask_both_questions():
    X = readings(["anna", "ben"])
    X["ben__stable"] = -X["anna__stable"]  # perturbed outlines cannot know it
    both = make_pipeline(ICCFilter(readers="perturbed", average=False), ICCFilter())
    first = clone(both[0]).set_output(transform="pandas").fit_transform(X)
    assert list(first) == ["anna__stable", "ben__stable"]
    with pytest.raises(ValueError, match="No feature has an ICC above"):
        both.set_output(transform="pandas").fit(X)


def test_each_sequence_and_region_is_judged_by_its_own():
    X = pd.concat(
        [
            readings(["anna", "ben"], front="T1|lesion|"),
            readings(["anna"], front="T2|rim3out|"),
        ],
        axis=1,
    )
    icc = ICCFilter().set_output(transform="pandas").fit(X)
    assert list(icc.judged_by_) == ["readers"] * 2 + ["perturbed"] * 2
    assert list(icc.transform(X)) == [
        *("T1|lesion__stable", "T1|lesion__shaky", "T2|rim3out__stable"),
    ]
    assert np.array_equal(
        icc.transform(X)["T2|rim3out__stable"], X["T2|rim3out|anna__stable"]
    )


def test_branches_of_a_union_are_told_from_perturbed_outlines():
    X = pd.concat(
        [readings(["drawn"]).add_prefix(f"bits{b}__") for b in (4, 6)], axis=1
    )
    icc = ICCFilter().set_output(transform="pandas").fit(X)
    assert list(icc.transform(X)) == ["bits4__stable", "bits6__stable"]


def test_what_is_missing_is_told():
    with pytest.raises(ValueError, match="readers='perturbed' compares .* of 0: its"):
        ICCFilter(readers="perturbed").fit(readings(["anna", "ben"], 0))
    with pytest.raises(ValueError, match="X has perturbed outlines only"):
        ICCFilter().fit(readings([]))
    with pytest.raises(ValueError, match="'readers' parameter of ICCFilter"):
        ICCFilter(readers="virtual").fit(readings(["anna", "ben"]))

"""Each kind of claim: what agrees, what does not, and what explains it."""

import numpy as np
import pytest
from scipy.stats import chi2, norm, ttest_ind_from_stats

from sklearn_orn.audit import audit_reported_numbers
from sklearn_orn.audit._two_groups import RANK_SPREAD
from sklearn_orn.exceptions import ModelFileError
from tests.audit._claims import RIGHT, judge, report


@pytest.mark.parametrize("check", RIGHT)
def test_a_right_claim_agrees(check):
    judged = judge(check)
    assert (judged.verdict, judged.why) == ("agrees", "")
    assert judged.printed
    assert judged.recomputed


# Check, what is changed of a right claim, verdict, and what the reason says.
WRONG = [
    ("sum", {"total": 70}, "contradiction", "do not add up"),
    ("percentage", {"percent": "24.4"}, "contradiction", "No whole number of 25"),
    ("percentage", {"percent": "28"}, "contradiction", "another percentage"),
    ("percentage", {"percent": "28.0"}, "contradiction", "another percentage"),
    ("percentage", {"percent": "100"}, "contradiction", "another percentage"),
    ("percentage", {"percent": "104"}, "contradiction", "No whole number of 25"),
    ("percentage", {"count": 2, "of": 3, "percent": "66.6"}, "note", "Cut off"),
    (
        "stated twice",
        {"stated": {"text": ["50"], "table": ["49.4"]}},
        "contradiction",
        "50 and 49.4",
    ),
    ("test of counts", {"p": "0.3"}, "contradiction", "None of these tests"),
    ("test of counts", {"p": "0.749", "test": "chi-square"}, "note", "Fisher's exact"),
    ("test of counts", {"p": "0.728"}, "note", "linear-by-linear"),
    (  # (16 + 1) / 70: the lady who tasted tea
        "test of counts",
        {"counts": [[3, 1], [1, 3]], "p": "0.243"},
        "note",
        "another test: Fisher's exact, one-sided.",
    ),
    (
        "test of counts",
        {"counts": [[1, 3], [3, 1]], "p": "0.243"},
        "note",
        "another test: Fisher's exact, one-sided.",
    ),
    ("test of counts", {"counts": [[3, 4], [0, 0]]}, "not judged", "One level"),
    ("test of counts", {"counts": [[3, 0], [4, 0]]}, "not judged", "One level"),
    ("test of means", {"p": "0.72"}, "contradiction", "No rounding"),
    ("test of means", {"p": "0.813", "test": "t"}, "note", "Welch's t"),
    ("test of means", {"p": "0.735", "test": None}, "note", "rank test may"),
    ("test of means", {"p": "<0.001", "test": None}, "contradiction", "No t test"),
    ("test of means", {"p": "0.06", "test": "Mann-Whitney"}, "doubtful", "SD from the"),
    ("test of means", {"sd": ["0", "2"]}, "not judged", "SD of 0"),
    ("interval of an AUC", {"lower": "0.9"}, "contradiction", "not in order"),
    ("interval of an AUC", {"positive": 510, "negative": 440}, "doubtful", "3.2 times"),
    ("interval of an AUC", {"auc": "1", "upper": "1"}, "not judged", "no standard"),
    (
        "fractions at a cut-off",
        {"sensitivity": "43/50"},
        "contradiction",
        "Sensitivity 43/50 is none of 51",
    ),
    (
        "fractions at a cut-off",
        {"specificity": "0.600"},
        "contradiction",
        "Specificity 0.600 is none of 44",
    ),
    ("fractions at a cut-off", {"accuracy": "71/95"}, "contradiction", "not that of"),
    (
        "fractions at a cut-off",
        {"sensitivity": None, "specificity": None, "accuracy": None},
        "not judged",
        "Nothing is given",
    ),
    ("net benefit", {"net_benefit": "0.144"}, "contradiction", "numbers of 142"),
    ("net benefit", {"net_benefit": "0.147"}, "note", "cut off rather"),
    (
        "net benefit",
        {"net_benefit": "0.1474", "samples": {"all": [76, 66], "part": [51, 44]}},
        "note",
        "Those of part do.",
    ),
    ("net benefit", {"net_benefit": "0.9"}, "contradiction", "numbers of 142"),
    ("score", {"bits": 6}, "doubtful", "At 6 bits every risk is nearly 0 or 1."),
    ("score", {"bits": None}, "doubtful", "At 5, 6, 7, 8 bits"),
    ("score", {"coefficients": {"Sigma": "1"}}, "not judged", "does Sigma lie"),
    (
        "score",
        {"intercept": "5.1", "coefficients": {}},
        "doubtful",
        "At 4 bits every risk",
    ),
    (
        "score",
        {"intercept": "-5.1", "coefficients": {}},
        "doubtful",
        "At 4 bits every risk",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("check", "changes", "verdict", "why"), WRONG)
def test_a_wrong_claim_is_found(check, changes, verdict, why):
    judged = judge(check, **changes)
    assert judged.verdict == verdict, judged
    assert why in judged.why


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("test of counts", {"p": "0.749", "test": "Fisher"}),
        ("test of counts", {"p": "0.988", "test": "Yates"}),
        ("test of counts", {"p": "0.988", "test": "chi-square"}),
        ("test of counts", {"p": ">0.05"}),
        ("test of counts", {"counts": [[2, 1, 3], [4, 5, 6]], "p": "0.747"}),
        ("test of counts", {"counts": [[2, 1], [10, 7], [0, 4]], "p": "0.130"}),
        ("test of counts", {"counts": [[1, 5], [0, 7]], "p": "0.462"}),  # 6 / 13
        ("test of counts", {"counts": [[3, 1], [1, 3]], "p": "0.486"}),  # 34 / 70
        ("stated twice", {"stated": {"text": ["50"], "table": ["49"]}}),  # of 49.5
        ("test of means", {"p": "0.79", "test": "Welch"}),
        ("test of means", {"n": [2, 2], "mean": ["1", "1"], "p": "1.00"}),
        ("test of means", {"sd": ["0.5", "1"], "mean": ["1", "1"], "p": "1.00"}),
        ("test of means", {"mean": ["50", "50"], "p": "1.00"}),
        ("test of means", {"p": "0.82", "test": "Mann-Whitney"}),
        ("fractions at a cut-off", {"accuracy": None}),
        ("net benefit", {"net_benefit": "-0.465", "samples": {"all": [1, 141]}}),
        ("net benefit", {"net_benefit": "0.447", "threshold": 0.2}),
        ("score", {"coefficients": {"Sigma": "1"}, "ranges": {"Sigma": [0, 3]}}),
        ("score", {"bits": None, "coefficients": {"S(1,0)SumVarnc": "0.000001"}}),
        ("score", {"intercept": "5", "coefficients": {}}),
        ("score", {"intercept": "-5.0", "coefficients": {}}),
        ("score", {"bits": 1}),
        ("score", {"coefficients": {"Sigma": "1"}, "ranges": {"Sigma": [2, 2]}}),
    ],
)
def test_what_a_rounding_or_a_named_test_explains_agrees(check, changes):
    judged = judge(check, **changes)
    assert judged.verdict == "agrees", judged


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (
            {"check": "sum", "where": "x", "parts": [1]},
            r"claims\[0\] lacks \['total'\]",
        ),
        ({"check": "sums"} | RIGHT["sum"], r"claims\[0\].check is 'sums'; expected"),
        ({"check": "sum"} | RIGHT["sum"] | {"parts": [1]}, "two counts or more"),
        ({"check": "sum"} | RIGHT["sum"] | {"total": -1}, "total is -1; expected"),
        (
            {"check": "percentage"} | RIGHT["percentage"] | {"percent": 24.4},
            "percent is 24.4; expected a number as printed, in quotes",
        ),
        (
            {"check": "percentage"} | RIGHT["percentage"] | {"percent": "1e5"},
            "percent is '1e5'; expected a number as printed",
        ),
        (
            {"check": "test of counts"} | RIGHT["test of counts"] | {"p": "7.1"},
            "p is '7.1'; expected a p value as printed",
        ),
        (
            {"check": "test of counts"}
            | RIGHT["test of counts"]
            | {"counts": [[1, 2]]},
            "two rows or more",
        ),
        *(
            (
                {"check": "test of counts"}
                | RIGHT["test of counts"]
                | {"counts": rows},
                x,
            )
            for rows, x in (
                ([[1], [2]], "of equally many groups, two or more"),
                ([[1, 2], [3]], "of equally many groups, two or more"),
            )
        ),
        (
            {"check": "stated twice", "where": "x", "stated": {"a": ["1"], "b": []}},
            "equally many numbers",
        ),
        (
            {"check": "stated twice", "where": "x", "stated": {"a": ["1"]}},
            "two places or more",
        ),
        (
            {"check": "net benefit"} | RIGHT["net benefit"] | {"threshold": 1},
            "threshold is 1; expected a number between 0 and 1",
        ),
        (
            {"check": "score"} | RIGHT["score"] | {"ranges": {"Sigma": [3, 2]}},
            "the lowest and the highest value",
        ),
    ],
)
def test_a_claim_that_is_none_is_refused(claim, message):
    with pytest.raises(ModelFileError, match=message):
        audit_reported_numbers(report(claim))


@pytest.mark.parametrize(
    ("feature", "limits"),
    [
        ("SumOfSqs", "1.8 to 1.8"),
        ("SumVarnc", "3.6 to 7.1"),  # of neighbours that are unrelated, or alike
        ("DifVarnc", "0.0 to 3.6"),
    ],
)
def test_a_variance_of_grey_levels_by_hand(feature, limits):
    """Eight grey levels over six SD: a variance of 16 / 9."""
    judged = judge(
        "score", bits=3, intercept="0", coefficients={f"S(1,0){feature}": "1"}
    )
    assert judged.recomputed == f"3 bits {limits}"
    assert judged.printed == "3 bits"


def test_bits_that_are_not_reported_are_said():
    assert judge("score", bits=None).printed == "bits not reported"


def test_what_is_no_report_is_refused(tmp_path):
    with pytest.raises(TypeError, match="report is a list; expected a dict"):
        audit_reported_numbers([])
    with pytest.raises(ModelFileError, match="at least one claim"):
        audit_reported_numbers(report())
    with pytest.raises(ModelFileError, match="says nothing of the format"):
        audit_reported_numbers({"claims": []})
    with pytest.raises(ModelFileError, match="cannot be opened"):
        audit_reported_numbers(tmp_path / "none.json")


@pytest.mark.parametrize(
    "counts", [[[2, 7], [10, 4], [1, 9]], [[2, 7], [0, 0], [10, 4], [1, 9]]]
)
def test_a_trend_over_levels_that_nobody_may_have(counts):
    """(N - 1) r² of level and group, with each patient a row, as SPSS gives it."""
    table = np.array(counts)
    level, group = np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0).T
    r = np.corrcoef(level, group)[0, 1]
    p = f"{chi2.sf((len(level) - 1) * r**2, 1):.6f}"
    judged = judge("test of counts", counts=counts, p=p)
    assert judged.verdict == "note"
    assert judged.why == (
        "It is that of another test: linear-by-linear (N - 1) chi-square."
    )


@pytest.mark.parametrize(
    ("test", "gap", "verdict"),
    [
        ("Mann-Whitney", 0.9, "agrees"),
        ("Mann-Whitney", 1.1, "note"),
        ("Mann-Whitney", 2.9, "note"),
        ("Mann-Whitney", 3.1, "doubtful"),
        (None, 2.9, "note"),
        (None, 3.1, "contradiction"),
    ],
)
@pytest.mark.parametrize("nearer", ["Student", "Welch"])
def test_how_far_a_rank_test_would_lie_from_the_nearer_t_test(
    test, gap, verdict, nearer
):
    n, mean, sd = (40, 12), (50.0, 52.0), (2.0, 4.0)
    # Of these Student's p is the smaller one.
    equal, side = nearer == "Student", 1 if nearer == "Student" else -1
    t = ttest_ind_from_stats(mean[0], sd[0], n[0], mean[1], sd[1], n[1], equal)
    p = 2 * norm.sf(norm.isf(t.pvalue / 2) + side * gap * RANK_SPREAD)
    judged = judge(
        "test of means",
        n=n,
        mean=[f"{x:.9f}" for x in mean],
        sd=[f"{x:.9f}" for x in sd],
        p=f"{p:.12f}",
        test=test,
    )
    assert judged.verdict == verdict
    assert verdict == "agrees" or f"would lie {gap} SD from the t test" in judged.why


def test_a_rank_test_is_measured_from_the_nearer_end_of_a_printed_p():
    mean, sd, n = (50.0, 52.0), (2.0, 2.0), (40, 40)
    t = ttest_ind_from_stats(mean[0], sd[0], n[0], mean[1], sd[1], n[1]).pvalue
    for p, end in (("0.00001", 0.000015), ("0.1", 0.05)):
        judged = judge(
            "test of means",
            n=n,
            mean=[f"{x:.9f}" for x in mean],
            sd=[f"{x:.9f}" for x in sd],
            p=p,
            test=None,
        )
        gap = abs(norm.isf(end / 2) - norm.isf(t / 2)) / RANK_SPREAD
        assert f"would lie {gap:.1f} SD from" in judged.why


def test_t_and_rank_tests_scatter_as_the_formula_says():
    from scipy.stats import mannwhitneyu, ttest_ind

    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 60, 2000))
    t = ttest_ind(first, second).statistic
    u = mannwhitneyu(first, second).statistic
    z = (u - 60 * 60 / 2) / np.sqrt(60 * 60 * 121 / 12)
    assert np.std(t - z) == pytest.approx(RANK_SPREAD, rel=0.1)


def test_hanley_mcneil_is_near_delong():
    """The width that is taken for usual is usual: of 200 samples of normal scores."""
    from sklearn_orn.metrics import hanley_mcneil_se, roc_auc_ci

    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [44, 51])
    ratios = []
    for _ in range(200):
        found = roc_auc_ci(y, rng.normal(size=95) + y)
        half = 1.96 * hanley_mcneil_se(found.auc, 51, 44)
        ratios.append((found.upper - found.lower) / 2 / half)
    assert 1 / 1.5 < min(ratios) < max(ratios) < 1.5

"""What a program prints of real numbers is never called a contradiction."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact, ttest_ind

from tests._examples import examples
from tests.audit._claims import judge

COUNTS = st.lists(
    st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=2, max_size=4
)
VALUES = st.lists(st.integers(0, 400), min_size=3, max_size=30)


@given(COUNTS, st.integers(2, 4))
@examples(60)
def test_p_values_of_counts_agree(counts, digits):
    """What a program prints of real counts is never called wrong."""
    table = np.array(counts)
    p = chi2_contingency(table, correction=False).pvalue
    rows = table.tolist()
    printed = f"{p:.{digits}f}"
    assert judge("test of counts", counts=rows, p=printed).verdict == "agrees"
    if len(counts) == 2:
        printed = f"{fisher_exact(table).pvalue:.{digits}f}"
        claim = judge("test of counts", counts=rows, p=printed, test="Fisher")
        assert claim.verdict == "agrees"


@given(VALUES, VALUES, st.integers(1, 3), st.booleans())
@examples(60)
def test_p_values_of_means_agree(first, second, digits, equal_var):
    """Rounding of means and SDs must not make a finding of a right p value."""
    groups = [np.array(x) / 4 for x in (first, second)]
    spreads = [f"{x.std(ddof=1):.{digits}f}" for x in groups]
    p = 1.0 if np.ptp(np.concatenate(groups)) == 0 else None
    if p is None and min(map(float, spreads)) > 0:
        p = ttest_ind(*groups, equal_var=equal_var).pvalue
    claim = judge(
        "test of means",
        n=[len(x) for x in groups],
        mean=[f"{x.mean():.{digits}f}" for x in groups],
        sd=spreads,
        p=f"{1.0 if p is None else p:.3f}",
        test="t" if equal_var else "Welch",
    )
    assert claim.verdict == ("agrees" if min(map(float, spreads)) > 0 else "not judged")


@given(st.integers(1, 90), st.integers(1, 90), st.data())
@examples(60)
def test_fractions_and_net_benefit_agree(positive, negative, data):
    """Whatever the digits, the whole numbers behind them are found."""
    tp, tn = (data.draw(st.integers(0, n)) for n in (positive, negative))
    n = positive + negative
    claim = judge(
        "fractions at a cut-off",
        positive=positive,
        negative=negative,
        sensitivity=f"{100 * tp / positive:.1f} %",
        specificity=f"{tn / negative:.3f}",
        accuracy=f"{tp + tn}/{n}",
    )
    assert claim.verdict == "agrees"
    threshold = data.draw(st.sampled_from([0.1, 0.25, 0.5, 0.8]))
    benefit = (tp - (negative - tn) * threshold / (1 - threshold)) / n
    claim = judge(
        "net benefit",
        net_benefit=f"{benefit:.3f}",
        threshold=threshold,
        samples={"all": [positive, negative]},
    )
    assert claim.verdict == "agrees"
    share = judge("percentage", count=tp, of=n, percent=f"{100 * tp / n:.1f}")
    assert share.verdict == "agrees"

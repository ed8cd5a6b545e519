"""On how many features the readers agree."""

from collections.abc import Iterator

import numpy as np

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Absent, Results


def draw_icc(results: Results) -> "b.Figure":
    """Draw the agreement of the readers on each feature."""
    from sklearn_orn.plotting import ICCDisplay
    from sklearn_orn.plotting.shared import families_of

    rows = results.selection.icc or ()
    limits = [(row.icc, row.lower, row.upper) for row in rows]
    icc, lower, upper = np.array(limits, dtype=float).T
    if np.isnan(icc).all():
        raise NotEstimable("The ICC is defined for no feature.")
    figure = s.new_figure(s.PAGE, 3.3)
    ICCDisplay(
        icc=icc,
        lower=lower,
        upper=upper,
        families=families_of(np.array([row.feature for row in rows], dtype=object)),
        threshold=results.config.icc_threshold,
    ).plot(ax=figure.subplots())
    return figure


def icc_sentence(results: Results) -> str:
    """Say on how many features the readers agree."""
    found = s.needed(results.agreement)
    of = "drawn by all readers"
    if found.judged_by != "readers":
        of = f"with {results.config.perturbed_outlines} perturbed outlines each"
    return (
        f"{found.n_kept} of {found.n_features} features have an {found.form} above "
        f"{results.config.icc_threshold:g} (dashed line) in {found.n_lesions} lesions "
        f"{of}; the median is {decimal(found.median_icc)}. The "
        f"95{s.PERCENT} limits count {found.interval_unit}s."
    )


def no_filter(results: Results) -> Iterator[str]:
    """Say why the readers' agreement chose no feature."""
    if isinstance(results.agreement, Absent):
        yield f"No ICC filter was applied: {results.agreement.absent}"


SECTION = b.section(
    b.FigureBlock(
        "icc",
        "Agreement of the readers",
        draw_icc,
        icc_sentence,
        places=("agreement", "icc"),
        wanted=lambda results: not isinstance(results.agreement, Absent),
    ),
    b.Text(no_filter),
)

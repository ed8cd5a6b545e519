"""Perturbed outlines: beside real readers, or in their place."""

from collections.abc import Iterator

import numpy as np

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._icc import (
    drawn_readers,
    fit_icc,
    perturbed_filter,
    virtual_readers,
)
from sklearn_orn.study.results import Absent, KeptBy, Perturbation, Results, TwoICCs


def perturbation_numbers(study: Study, results: Results) -> Perturbation | Absent:
    """Return the ICC over perturbed outlines, beside that over readers if there are."""
    virtual = virtual_readers(study)
    if len(virtual) < 2:
        return Absent("No outlines were perturbed.")
    training = study.design.training
    if not training.any():
        return Absent("No lesion of the training part was measured.")
    if len(drawn_readers(study)) < 2:
        icc = fit_icc(perturbed_filter(study), study.features, study)
        names, readers, form = icc.features_, np.full(len(icc.icc_), None), icc.form
        perturbed, correlation, kept = icc.icc_, None, None
        n_kept = int(icc.get_support().sum())
    else:
        from sklearn_orn.selection import compare_icc

        own = study.table_steps().named_steps["icc"]
        form = perturbed_filter(study).form
        found = compare_icc(
            study.features[training],
            threshold=own.threshold,
            form=own.form,
            perturbed_form=form,
            min_lesions=own.min_lesions,
            readers=[*drawn_readers(study), *virtual],
        )
        names, correlation = found.table.index.to_numpy(), found.correlation
        readers = found.table["readers"].to_numpy(dtype=object)
        perturbed = found.table["perturbed"].to_numpy()
        kept = KeptBy(*map(int, found.kept.to_numpy().ravel()))
        n_kept = kept.both + kept.perturbed_only
    defined = perturbed[~np.isnan(perturbed)]
    return Perturbation(
        n_outlines=len(virtual),
        n_lesions=int(training.sum()),
        form=form,
        n_kept=n_kept,
        median_icc=float(np.median(defined)) if len(defined) else None,
        rows=tuple(
            TwoICCs(str(name), one, float(other))
            for name, one, other in zip(names, readers, perturbed, strict=True)
        ),
        correlation=correlation,
        kept=kept,
    )


def is_compared(results: Results) -> bool:
    """Say whether there are readers beside the perturbed outlines."""
    found = results.perturbation
    return not isinstance(found, Absent) and found.kept is not None


def draw_comparison(results: Results) -> "b.Figure":
    """Draw the ICC of each feature over perturbed outlines against that of readers."""
    from sklearn_orn.plotting import ICCComparisonDisplay
    from sklearn_orn.plotting.shared import families_of

    found = s.needed(results.perturbation)
    pairs = [(row.readers, row.perturbed) for row in found.rows]
    readers, perturbed = np.array(pairs, dtype=float).T
    if np.isnan(readers + perturbed).all():
        raise NotEstimable("No feature has both ICCs.")
    figure = s.new_figure(1.4 * s.HALF, 4.2)
    ICCComparisonDisplay(
        readers=readers,
        perturbed=perturbed,
        families=families_of([row.feature for row in found.rows]),
        correlation=np.nan if found.correlation is None else found.correlation,
        threshold=results.config.icc_threshold,
    ).plot(ax=figure.subplots())
    return figure


def comparison_sentence(results: Results) -> str:
    """Say how near virtual readers come to the real ones."""
    found = s.needed(results.perturbation)
    assert found.kept is not None
    kept = found.kept
    same = kept.both + kept.neither
    return (
        f"Each point is a feature. Of {len(found.rows)}, {same} are kept by both or by "
        f"neither; {kept.readers_only} only by readers and {kept.perturbed_only} only "
        f"by {found.n_outlines} perturbed outlines. Spearman’s correlation of the two "
        f"ICCs is {decimal(found.correlation)}. Judged by perturbed outlines alone, "
        f"the study would have gone on with {found.n_kept} features."
    )


def kept_table(results: Results) -> b.Table:
    """Return how many features are kept by readers, and by perturbed outlines."""
    found = s.needed(results.perturbation)
    if found.kept is None:
        raise NotEstimable("There is one reader.")
    kept = found.kept
    threshold = f"{results.config.icc_threshold:g}"
    return b.Table(
        "Features kept by readers and by perturbed outlines",
        (
            *b.texts("By readers"),
            *b.numbers("Kept by perturbed outlines", "Dropped by perturbed outlines"),
        ),
        [
            ["Kept", str(kept.both), str(kept.readers_only)],
            ["Dropped", str(kept.perturbed_only), str(kept.neither)],
        ],
        f"ICC above {threshold}, over readers and ({found.form}) over "
        f"{found.n_outlines} perturbed outlines of the first reader’s.",
    )


def icc_pairs_table(results: Results) -> b.Table:
    """Return the two ICCs of each feature, for the file."""
    found = s.needed(results.perturbation)
    return b.Table(
        "ICC over readers and over perturbed outlines",
        (
            b.Column("Feature", name=True),
            *b.numbers("ICC, readers", "ICC, perturbed outlines"),
        ),
        [
            [row.feature, decimal(row.readers, 3), decimal(row.perturbed, 3)]
            for row in found.rows
        ],
    )


def what_it_does_not_tell(results: Results) -> Iterator[str]:
    """Say whose agreement it is, and what that leaves open."""
    found = results.perturbation
    if isinstance(found, Absent):
        return
    if found.kept is None:
        yield (
            "One reader drew each lesion: the ICC is of virtual readers, "
            f"{found.n_outlines} outlines of each lesion made from the drawn one by "
            "turning, shifting, growing or shrinking it and by drawing its border anew "
            f"along superpixels. {found.n_kept} of {len(found.rows)} features pass. "
            "This tells how far features depend on where exactly the border runs. It "
            "does not tell whether another person would have outlined the same tissue, "
            "or the same slice: for that a second reader is needed."
        )
    else:
        yield (
            "Perturbed outlines tell how far features depend on where exactly the "
            "border runs, and not whether another person outlines the same tissue: "
            "they cannot stand in for the readers."
        )


SECTION = b.section(
    b.Heading("Perturbed outlines", s.has("perturbation")),
    b.FigureBlock(
        "icc-comparison",
        "Perturbed outlines beside readers",
        draw_comparison,
        comparison_sentence,
        wanted=is_compared,
    ),
    b.TableBlock("icc-kept", kept_table, places=("perturbation",)),
    b.TableBlock("icc-pairs", icc_pairs_table, on_page=False),
    b.Text(what_it_does_not_tell),
    analyses=(b.Analysis("perturbation", perturbation_numbers),),
)

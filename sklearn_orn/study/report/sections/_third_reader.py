"""What another reader would change: each left out in turn, and a virtual one put in."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn._block_names import DRAWN, block_name, parse_block
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection import ICCFilter
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.methods._words import join_words
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._icc import (
    drawn_readers,
    fit_icc,
    of_readers,
    perturbed_filter,
    readers_filter,
    virtual_readers,
)
from sklearn_orn.study.results import Absent, ReaderSet, Results, ThirdReader

N_FOLDS = 5
FILTERS = ("icc", "icc_perturbed")
PERTURBED = "perturbed outline"
PERTURBED_NOTE = " The perturbed outline is made from that of the first reader."


def third_reader_numbers(study: Study, results: Results) -> ThirdReader | Absent:
    """Fit the study on the readings of other sets of readers, in training.

    Features are kept and averaged by the readers of a set, who do not see the outcome;
    all that follows is fitted in each fold.
    """
    from sklearn_orn.resampling import third_reader
    from sklearn_orn.selection import swap_reader

    readers, virtual = drawn_readers(study), virtual_readers(study)
    if len(readers) < 2 and len(virtual) < 3:
        return Absent("There is one reader, and nobody to put in their place.")
    rows = study.design.training & _drawn_by_all(study, readers)
    if not rows.any():
        return Absent("No lesion of training was drawn by all readers.")
    sets = {_names(readers): _agreed(study, study.features, readers)}
    if len(readers) > 1:
        for gone in readers:
            rest = [reader for reader in readers if reader != gone]
            sets[_names(rest)] = _agreed(study, study.features, rest)
    for reader in readers if len(virtual) > 2 else ():
        swapped = swap_reader(study.features, reader, virtual[0])
        names = [PERTURBED if name == reader else name for name in readers]
        sets[_names(names)] = _agreed(study, swapped, readers)
    steps = study.table_steps()
    learning = Pipeline([step for step in steps.steps if step[0] not in FILTERS])
    design = study.design
    found = third_reader(
        learning.set_output(transform="pandas"),
        {name: table[rows] for name, table in sets.items()},
        design.y[rows],
        cv=N_FOLDS,
        groups=design.patient[rows],
        random_state=study.config.random_state,
        n_jobs=study.config.n_jobs,
    )
    return ThirdReader(
        n_lesions=int(rows.sum()),
        n_folds=N_FOLDS,
        rows=tuple(
            ReaderSet(str(name), int(row["n_selected"]), *map(float, row.iloc[1:]))
            for name, row in found.iterrows()
        ),
    )


def _names(readers: Sequence[str]) -> str:
    """Return what a set of readers is called."""
    shown = ["the reader" if name in ("", DRAWN) else name for name in readers]
    return name_list(shown, len(shown))


def _drawn_by_all(study: Study, readers: Sequence[str]) -> np.ndarray:
    """Tell which lesions each of the readers drew."""
    tables = (of_readers(study.features, [reader]) for reader in readers)
    return np.all([table.notna().any(axis=1).to_numpy() for table in tables], axis=0)


def _agreed(
    study: Study, features: pd.DataFrame, readers: Sequence[str]
) -> pd.DataFrame:
    """Return what the study's filters keep of some readers, averaged over them."""
    virtual = [reader for reader in virtual_readers(study) if reader != readers[0]]
    table = of_readers(features, [*readers, *virtual])
    if virtual:
        table = _kept(perturbed_filter(study), table, study, average=len(readers) == 1)
    if len(readers) > 1:
        return _kept(readers_filter(study, readers), table, study, average=True)
    return table.rename(columns=_without_reader)


def _kept(
    icc: ICCFilter, table: pd.DataFrame, study: Study, *, average: bool
) -> pd.DataFrame:
    fit_icc(icc.set_params(average=average), table, study)
    names = icc.get_feature_names_out()
    if not len(names):
        raise NotEstimable("No feature is reproducible over some of the readers.")
    return pd.DataFrame(icc.transform(table), columns=names, index=table.index)


def _without_reader(column: str) -> str:
    block, mark, feature = column.partition(SEPARATOR)
    if not mark:
        return column
    place = block_name(parse_block(block)._replace(reader=""))
    return f"{place}{SEPARATOR}{feature}" if place else feature


def third_reader_table(results: Results) -> b.Table:
    """Return what other sets of readers would have led to."""
    found = s.needed(results.third_reader)
    rows = [
        [
            row.readers,
            str(row.n_selected),
            decimal(row.jaccard),
            decimal(row.auc, 3),
            decimal(row.correlation),
        ]
        for row in found.rows
    ]
    heads = ("Features in the score", "In common", f"AUC, {found.n_folds} folds")
    return b.Table(
        "The study as other readers would have made it",
        (*b.texts("Readers"), *b.numbers(*heads, "Correlation")),
        rows,
        f"{found.n_lesions} lesions of training that all readers drew. In common: "
        "share of the features that the scores of this row and of the first have in "
        "common (Jaccard). "
        "Correlation: Spearman’s, of the probabilities out of the folds with those of "
        "the first row. Features are kept by the readers of each row."
        + (PERTURBED_NOTE if _is_virtual(found) else ""),
    )


def third_reader_sentence(results: Results) -> Iterator[str]:
    """Say what readers leave as it is."""
    found = results.third_reader
    if isinstance(found, Absent):
        if not isinstance(results.reader_swap, Absent):
            yield f"Other sets of readers cannot be compared: {found.absent}"
        return
    first, *others = found.rows
    shares = [100 * row.jaccard for row in others]
    said = [
        f"{_span(shares, 0)}{s.PERCENT} of the features of both scores are the same"
    ]
    before = first.auc
    aucs = [
        row.auc - before for row in others if row.auc is not None and before is not None
    ]
    if aucs:
        said.append(f"the AUC changes by {_span(aucs, 3)}")
    known = [row.correlation for row in others if row.correlation is not None]
    if known:
        said.append(f"the probabilities are correlated by {_span(known, 2)}")
    several = PERTURBED not in others[0].readers
    ways = ["with one left out"] if several else []
    if _is_virtual(found):
        ways.append("with a perturbed outline in the place of one")
    yield (
        "What another reader would change is seen from those that there are: "
        f"{' or '.join(ways)}, {join_words(said)}."
    )


def _is_virtual(found: ThirdReader) -> bool:
    return any(PERTURBED in row.readers for row in found.rows)


def _span(values: list[float], digits: int) -> str:
    low, high = (decimal(value, digits) for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


SECTION = b.section(
    b.Text(third_reader_sentence),
    b.TableBlock("third-reader", third_reader_table, places=("third_reader",)),
    needs_model=True,
    analyses=(
        b.Analysis("third_reader", third_reader_numbers, "other sets of readers"),
    ),
)

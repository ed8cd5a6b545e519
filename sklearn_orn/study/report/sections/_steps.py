"""How many features each step leaves, and what was imputed."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sklearn_orn._block_names import drawn_blocks, parse_block, region_of, region_words
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._written_numbers import MISSING, decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import (
    Absent,
    BlockFeatures,
    Blocks,
    FilledFeature,
    Results,
)

MAX_IMPUTED = 8


def steps_table(results: Results) -> b.Table:
    """Count the features left at each step."""
    return b.Table(
        "Features left at each step",
        (*b.texts("Step"), *b.numbers("Features"), *b.texts("How")),
        [[row.name, str(row.n_features), row.meaning] for row in results.features],
        "Learnt from the training lesions only.",
    )


def block_features(study: Study, results: Results) -> Blocks | Absent:
    """Count the features of each sequence and region that each step leaves."""
    regions = dict.fromkeys(map(region_of, study.blocks))
    if not any(regions):
        return Absent("One sequence and one region were measured.")
    model, icc = results.model, results.selection.icc
    terms = () if isinstance(model, Absent) else model.coefficients
    kept = None if icc is None else _by_block(row.feature for row in icc if row.kept)
    chosen = _by_block(row.feature for row in results.selection.chosen)
    in_score = _by_block(term.feature for term in terms)
    blocks = drawn_blocks(study.blocks)
    measured = {
        region_of(name): sum(str(c).startswith(own) for c in study.drawn)
        for name in blocks
        for own in [f"{name}{SEPARATOR}"]
    }
    return Blocks(
        tuple(
            BlockFeatures(
                *parse_block(region)[:2],
                measured[region],
                None if kept is None else kept[region],
                chosen[region],
                in_score[region],
            )
            for region in regions
        )
    )


def _by_block(features: Iterable[str]) -> Counter[str]:
    return Counter(region_of(name.split(SEPARATOR, 1)[0]) for name in features)


def blocks_table(results: Results) -> b.Table:
    """Count the features left at each step by sequence and region."""
    rows = [
        [
            row.sequence,
            region_words(row.region),
            str(row.n_measured),
            MISSING if row.n_reproducible is None else str(row.n_reproducible),
            str(row.n_chosen),
            str(row.n_in_score),
        ]
        for row in s.needed(results.blocks).rows
    ]
    columns = (
        *b.texts("Sequence", "Region"),
        *b.numbers("Measured", "Reproducible", "Chosen", "In the score"),
    )
    return b.Table("Features of each sequence and region", columns, rows)


def imputed_names(features: tuple[FilledFeature, ...]) -> str:
    """Name the features with imputed values, those in the score first."""
    named = [
        f"{row.feature} ({row.n_training + row.n_validation}"
        f"{', in the score' if row.in_score else ''})"
        for row in features[:MAX_IMPUTED]
    ]
    more = len(features) - len(named)
    return ", ".join(named) + (f" and {more} other features" if more else "")


def imputed_sentence(results: Results) -> Iterator[str]:
    """Say what was imputed."""
    found = results.imputed
    if not s.has_model(results):
        return
    if isinstance(found, Absent) or not found.n_filled:
        yield "No feature value had to be imputed."
        return
    yield (
        f"Of {found.n_cells:,} feature values that reach the selection, "
        f"{found.n_filled:,} ({decimal(100 * found.n_filled / found.n_cells)} %) are "
        "not defined for their lesion and were filled with the training median of the "
        f"feature: {imputed_names(found.features)}."
    )


SECTION = b.section(
    b.TableBlock("steps", steps_table, places=("steps",)),
    b.TableBlock("blocks", blocks_table, places=("blocks",)),
    b.Text(imputed_sentence),
    analyses=(b.Analysis("blocks", block_features),),
)

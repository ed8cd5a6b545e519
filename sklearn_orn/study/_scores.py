"""Which radiomics scores the combined model joins: of all features, or of sequences."""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_orn._block_names import is_virtual, parse_block, readers_of
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._config import SCORE, StudyConfig
from sklearn_orn.study._radiomics_pipeline import OfSequence, score_name


def sequences_of(blocks: Iterable[str]) -> tuple[str, ...]:
    """Return the sequences of blocks, each once; none where they are unnamed."""
    found = dict.fromkeys(parse_block(name).sequence for name in blocks)
    return tuple(name for name in found if name)


class ScorePlan(NamedTuple):
    """What a radiomics score is called, its features, and the steps, unfitted."""

    name: str
    columns: list[Hashable]
    steps: Pipeline


def planned_scores(
    steps: Pipeline, features: pd.DataFrame, config: StudyConfig
) -> list[ScorePlan]:
    """Return the radiomics scores that the combined model takes."""
    if config.scores == "fused":
        return [ScorePlan(SCORE, list(features.columns), steps)]
    plans = []
    for sequence in sequences_of(_blocks(features.columns)):
        columns = OfSequence(sequence)(features)
        own = _of_readers(steps, readers_of(_blocks(columns)))
        plans.append(ScorePlan(score_name(sequence), list(columns), own))
    return plans


def _blocks(columns: Iterable[Hashable]) -> list[str]:
    return [str(name).partition(SEPARATOR)[0] for name in columns]


def _of_readers(steps: Pipeline, readers: Iterable[str]) -> Pipeline:
    """Return the steps for a sequence that these drew: of one there is no agreement."""
    steps = clone(steps)
    icc = steps.named_steps.get("icc")
    alone = sum(not is_virtual(reader) for reader in readers) < 2
    if icc is None or icc.readers == "perturbed" or not alone:
        return steps
    if "icc_perturbed" in steps.named_steps:
        steps.set_params(icc_perturbed__average=True)
    return steps.set_params(icc="passthrough")


def check_scores(sequences: Sequence[str], config: StudyConfig) -> None:
    """Refuse separate scores of one sequence, and clinical columns called like them."""
    if config.scores == "fused":
        return
    if len(sequences) < 2:
        which = f"the sequence {sequences[0]!r} alone" if sequences else "one, unnamed"
        raise CohortError(
            "scores is 'separate', a radiomics score of each sequence: this study has "
            f"{which}. Give the images of two sequences or more (columns "
            "image_<sequence>), or take scores: fused."
        )
    twice = [name for name in map(score_name, sequences) if name in config.clinical]
    if twice:
        raise CohortError(
            f"clinical names the column {name_list(map(repr, twice))}, as the report "
            "calls the score of a sequence: give the column another name."
        )

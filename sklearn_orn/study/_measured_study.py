"""A study whose lesions are measured: what all its further steps need."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn._block_names import DRAWN, is_virtual, readers_of
from sklearn_orn._progress import Progress
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._combined import RadiomicsScores, radiomics_scores
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._extraction import Extraction
from sklearn_orn.study._feature_columns import drawn_features
from sklearn_orn.study._inspection import NOT_GIVEN
from sklearn_orn.study._pipeline import study_pipeline, table_steps
from sklearn_orn.study._resumed_steps import Steps
from sklearn_orn.study.results import Absent, Inspection

if TYPE_CHECKING:
    from sklearn_orn.resampling.shared import Refits

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Study:
    """The measured lesions, their features, and what keeps the finished steps.

    `from_images` says whether the features were measured here.
    """

    cohort: Cohort
    extraction: Extraction
    config: StudyConfig
    from_images: bool
    steps: Steps
    progress: Progress
    inspection: Inspection | Absent = NOT_GIVEN

    @property
    def design(self) -> StudyDesign:
        """Outcome, patient and part of the measured lesions."""
        assert self.cohort.design is not None
        return self.cohort.design

    @property
    def features(self) -> pd.DataFrame:
        """Features of the measured lesions."""
        return self.extraction.features

    @property
    def drawn(self) -> pd.DataFrame:
        """The features without those of perturbed outlines."""
        return drawn_features(self.features)

    @property
    def centres(self) -> np.ndarray | None:
        """Where each measured lesion was seen; None where no centre is named."""
        return self.cohort.centres

    @cached_property
    def protocol(self) -> pd.DataFrame | None:
        """How each lesion's image was made, by its header; None without images."""
        from sklearn_orn.images import LesionSequence, protocol_table

        if not self.from_images:
            return None
        lesions = self.cohort.lesions()
        return protocol_table(LesionSequence(lesions, pd.RangeIndex(len(lesions))))

    @property
    def rows_of_centres(self) -> pd.Series:
        """The centres by the index of the features."""
        index = self.features.index
        if not index.is_unique:
            raise CohortError(
                "harmonise finds the centre of a row by the table's index, which has "
                "some labels twice: reset the index of the table."
            )
        return pd.Series(self.centres, index=index)

    @property
    def readers(self) -> tuple[str, ...]:
        """Names of the readers who drew; ``("",)`` without names."""
        drew = [name for name in readers_of(self.blocks) if not is_virtual(name)]
        return tuple("" if name == DRAWN else name for name in drew)

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks of features: readers, sequences with their readers."""
        return self.extraction.readers

    def table_steps(self) -> Pipeline:
        """Return the steps that take features, unfitted."""
        steps = table_steps(study_pipeline(self.readers, self.config))
        if "combat" in steps.named_steps:
            steps.set_params(combat__rows=self.rows_of_centres)
        return steps

    @cached_property
    def scores(self) -> RadiomicsScores:
        """The radiomics score of each lesion, cross-fitted in training."""
        return radiomics_scores(
            self.table_steps(), self.features, self.design, self.config
        )

    @cached_property
    def refits(self) -> "Refits":
        """These steps fitted to each resample of the patients in training."""
        from sklearn_orn.resampling.shared import refit_patients

        n_resamples = self.config.n_resamples
        return self.resampled(refit_patients, n_resamples=n_resamples, selects=True)

    @property
    def refits_so_far(self) -> "Refits | None":
        """The refits, if a step of this run asked for them."""
        return vars(self).get("refits")

    def resampled(self, procedure: Callable[..., T], **options: object) -> T:
        """Return what a function of `resampling` says of these steps in training."""
        rows = self.design.training
        return procedure(
            self.table_steps(),
            self.features[rows],
            self.design.y[rows],
            groups=self.design.patient[rows],
            random_state=self.config.random_state,
            n_jobs=self.config.n_jobs,
            **options,
        )

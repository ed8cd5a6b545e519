"""
Can the whole study be one Pipeline?
====================================

Normalise, measure, keep what readers agree on, choose, fit: five steps, one
scikit-learn `Pipeline`. So ``fit`` learns from the training patients alone, and no step
can see more than it should. The cohort is synthetic, in the shape of a published study:
142 lesions of 71 patients, outlined by two readers, the later patients set aside for
validation.
"""

# %%
# The cohort is a table of paths
# ------------------------------
# One row per lesion. `make_cohort` writes DICOM images and masks into a folder; a table
# of your own files looks the same.

import tempfile

from sklearn_orn.datasets import make_cohort

folder = tempfile.TemporaryDirectory()
cohort = make_cohort(folder.name, random_state=0)
training, validation = (
    cohort[cohort["split"] == s] for s in ("training", "validation")
)
training[["lesion", "patient", "outcome", "age", "n_stage"]].head(3)

# %%
# The study is a Pipeline
# -----------------------

from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)

study = make_pipeline(
    Normalizer(),  # grey levels within mean +- 3 SD of each lesion
    TextureExtractor(),  # 279 features for each reader
    ICCFilter(),  # ICC above 0.75, averaged over the readers
    SimpleImputer(strategy="median", keep_empty_features=True),
    FCMSelector(),  # 30 features by three criteria
    NomogramClassifier(random_state=0),  # LASSO, lambda by cross-validation
)
study[2:].set_output(transform="pandas")
outcome = training["outcome"] == "ORN"
study.fit(training, outcome, nomogramclassifier__groups=training["patient"])

# %%
# What each step kept, and the score it ended with:

icc, fcm, lasso = study[2], study[4], study[5]
kept = [len(icc.features_), icc.get_support().sum(), len(fcm.selected_by_)]
print(*kept, len(lasso.selected_features_), sep=" -> ")
print(lasso.formula_.text(digits=3))

# %%
# Look at it from four sides
# --------------------------
# Reproducibility of the features, choice of lambda, the score of each validation
# lesion, and the ROC curve of training (optimistic) and validation, with intervals that
# count patients.

import matplotlib.pyplot as plt

from sklearn_orn.plotting import (
    ICCDisplay,
    LassoCVDisplay,
    RocDisplay,
    WaterfallDisplay,
)

figure, axes = plt.subplots(2, 2, figsize=(9, 7.2), layout="constrained")
ICCDisplay.from_estimator(icc, ax=axes[0, 0])
LassoCVDisplay.from_estimator(lasso, ax=axes[0, 1])
y = validation["outcome"] == "ORN"
WaterfallDisplay.from_predictions(
    y,
    study.decision_function(validation),
    groups=validation["patient"],
    class_names=("metastasis", "ORN"),
    name="Validation",
    ax=axes[1, 0],
)
for name, part in {"Training": training, "Validation": validation}.items():
    RocDisplay.from_estimator(
        study,
        part,
        part["outcome"] == "ORN",
        groups=part["patient"],
        name=name,
        ax=axes[1, 1],
    )

# sphinx_gallery_start_ignore
import sys

if len(sys.argv) > 1:  # the picture of the README
    figure.savefig(sys.argv[1], dpi=130)
# sphinx_gallery_end_ignore

# %%
# A single split of 47 lesions says little. Because the study is one pipeline, it can be
# cross-validated as a whole, selection and LASSO fitted anew in each fold:

from sklearn_orn.resampling import nested_cross_validate

result = nested_cross_validate(
    study,
    cohort,
    cohort["outcome"] == "ORN",
    groups=cohort["patient"],
    random_state=0,
)
print(f"AUC over five folds: {result.mean_auc:.2f} (SD {result.sd_auc:.2f})")

folder.cleanup()

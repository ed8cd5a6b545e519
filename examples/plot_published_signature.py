"""
Does somebody else's signature hold in my patients?
===================================================

A paper prints a handful of coefficients. Before they are believed, they are applied
unchanged to patients of another time and place. Two things decide what comes of it:
whether the paper says how its features were measured, and whether its risks come true
here. The "paper" of this page is made from the earlier patients of the synthetic
cohort, and judged on the later ones.
"""

# %%
# The paper
# ---------
# A study on the earlier patients, of which a reader gets a table with the coefficients,
# to five digits, and two sentences about the measurement.

import tempfile

from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.datasets import make_cohort

folder = tempfile.TemporaryDirectory()
cohort = make_cohort(folder.name, random_state=0)
theirs = cohort[cohort["split"] == "training"]
ours = cohort[cohort["split"] == "validation"]

study = make_pipeline(
    Normalizer(),
    TextureExtractor(),
    ICCFilter(),
    SimpleImputer(strategy="median", keep_empty_features=True),
    FCMSelector(),
    NomogramClassifier(random_state=0),
)
study[2:].set_output(transform="pandas")
study.fit(
    theirs, theirs["outcome"] == "ORN", nomogramclassifier__groups=theirs["patient"]
)
formula = study[-1].formula_
printed = {term.feature: float(f"{term.coefficient:.5g}") for term in formula.terms}
intercept = float(f"{formula.intercept:.5g}")
print(printed)

# %%
# The signature
# -------------
# Coefficients, and how the features were measured. `measuring_steps` makes the steps
# that do it: only the families and distances that are needed, with these settings.

from sklearn_orn.deploy import measuring_steps
from sklearn_orn.model import PublishedSignature

signature = PublishedSignature(
    printed,
    intercept,
    bits={"cooccurrence": 6, "run_length": 6, "gradient": 4, "wavelet": 8},
    normalization="3sigma",
    reader="mean",
    title="ORN or metastasis",
    class_names=("metastasis", "ORN"),
)
features = measuring_steps(signature).fit_transform(ours)
print(features.shape)

# %%
# Judge it
# --------
# Discrimination, calibration in the large, slope; then three ways to bring the model to
# these patients, each flattering, since it is measured on the patients it was fitted
# to.

from sklearn_orn.model import validate_externally

outcome, patient = ours["outcome"] == "ORN", ours["patient"]
result = validate_externally(signature, features, outcome, groups=patient)
print(result)

# %%
# If the paper had not said how
# -----------------------------
# Suppose the bits per pixel and the window are not reported. Any guess gives a score,
# and every guess another one. A signature that knows its settings refuses a table
# measured otherwise:

other = make_pipeline(
    Normalizer(method="none"), TextureExtractor(bits={"cooccurrence": 5})
).fit_transform(ours)
try:
    signature.predict_proba(other)
except ValueError as error:
    print(error)

# %%
# Without them it can only warn. The same formula on the same lesions:

import warnings

import matplotlib.pyplot as plt

from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import roc_auc_ci

silent = PublishedSignature(printed, intercept, reader="mean")
guesses = {
    "as published": features,
    "5 bits": measuring_steps(silent, bits={"cooccurrence": 5}).fit_transform(ours),
    "window 1-99 %": measuring_steps(silent, normalization="1-99").fit_transform(ours),
    "no window": measuring_steps(silent, normalization="none").fit_transform(ours),
}
figure, axes = plt.subplots(
    1, len(guesses), figsize=(10, 3), layout="constrained", sharey=True, sharex=True
)
for ax, (name, table) in zip(axes, guesses.items(), strict=True):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # settings not reported
        risk = silent.predict_proba(table)[:, 1]
    auc = roc_auc_ci(outcome, risk, groups=patient).auc
    for name_of_class, colour in (("ORN", "#D55E00"), ("metastasis", "#0072B2")):
        shown = risk[ours["outcome"] == name_of_class]
        ax.hist(shown, 10, range=(0, 1), color=colour, alpha=0.5, label=name_of_class)
    ax.set(title=f"{name}\nAUC {auc:.2f}", xlabel="Predicted risk of ORN")
axes[0].set_ylabel("Lesions")
axes[0].legend()

folder.cleanup()

# %%
# With another window the order of the lesions may hold, but not their risks; with other
# bits, or without the window, every lesion has a risk of 0. A paper that leaves these
# two sentences out cannot be validated by anyone.

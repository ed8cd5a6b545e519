"""
Which features survive a second reader, and a second scan?
==========================================================

A feature that changes with the hand that drew the outline, or with the noise of the
next scan, cannot tell anything about a patient. Two readers and two scans are handled
alike: a rescan is one more reader, who has an image of their own.
"""

# %%
# Two readers
# -----------

import tempfile

import pandas as pd
from sklearn.pipeline import make_pipeline

from sklearn_orn import ICCFilter, Normalizer, TextureExtractor
from sklearn_orn.datasets import make_cohort
from sklearn_orn.images import reader_overlap

folder = tempfile.TemporaryDirectory()
cohort = make_cohort(folder.name, random_state=0)

overlap = reader_overlap(cohort)[["dice", "mean_surface_distance_mm"]]
print(overlap.describe().loc[["min", "50%", "max"]].round(2))

readers = make_pipeline(Normalizer(), TextureExtractor(), ICCFilter()).fit(cohort)

# %%
# Two scans
# ---------
# The synthetic lesions were scanned once, so the second scan is made here: the same
# image with noise of 5 % of its spread and shifted by one pixel, and the first reader's
# outline shifted along.

import numpy as np

from sklearn_orn.images import Lesion, as_lesions

rng = np.random.default_rng(0)
pairs = []
for lesion in as_lesions(cohort.iloc[:60]):
    region = lesion.read()["reader_a"]
    noise = rng.normal(scale=0.05 * region.image.std(), size=region.image.shape)
    again = np.roll(np.clip(region.image + noise, 0, None).astype(int), 1, axis=1)
    images = {"scan1": region.image, "scan2": again}
    masks = {"scan1": region.mask, "scan2": np.roll(region.mask, 1, axis=1)}
    pairs.append(Lesion(images, masks, spacing=region.spacing))
scans = make_pipeline(Normalizer(), TextureExtractor(), ICCFilter()).fit(pairs)

# %%
# Compare
# -------
# ICC(2,1) of each feature, between readers and between scans. Runs break at every noisy
# pixel, and the wavelet cuts its blocks anew when the patient has moved by one; the
# gradient minds where the border was drawn.

import matplotlib.pyplot as plt

from sklearn_orn.plotting import ICCDisplay
from sklearn_orn.texture import family_of

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained", sharey=True)
for ax, (title, steps) in zip(
    axes, {"two readers": readers, "two scans": scans}.items(), strict=True
):
    ICCDisplay.from_estimator(steps[-1], ax=ax)
    ax.set_title(title)

icc = pd.DataFrame(
    {"readers": readers[-1].icc_, "scans": scans[-1].icc_},
    index=readers[-1].features_,
)
family = [family_of(name)[0] for name in icc.index]
print(icc.groupby(family, sort=False).median().round(2))

# %%
# Keep what survives both
# -----------------------

both = (icc > 0.75).all(axis=1)
print(f"readers {(icc['readers'] > 0.75).sum()}, scans {(icc['scans'] > 0.75).sum()},")
print(f"both {both.sum()} of {len(icc)}")

# %%
# In the pipeline
# ---------------
# `ICCFilter` keeps the reproducible features and averages them over the readers. The
# score itself has to agree, too. Here a small model is read by each reader alone:

from sklearn.impute import SimpleImputer

from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.plotting import ReaderAgreementDisplay

study = make_pipeline(
    Normalizer(),
    TextureExtractor(),
    ICCFilter(),
    SimpleImputer(strategy="median", keep_empty_features=True),
    FCMSelector(),
    NomogramClassifier(random_state=0),
).set_output(transform="pandas")
training = cohort[cohort["split"] == "training"]
later = cohort[cohort["split"] == "validation"]
study.fit(
    training,
    training["outcome"] == "ORN",
    nomogramclassifier__groups=training["patient"],
)
display = ReaderAgreementDisplay.from_estimator(
    study,
    later.drop(columns="mask_reader_b"),
    later.drop(columns="mask_reader_a"),
    groups=later["patient"],
    names=("reader A", "reader B"),
)

folder.cleanup()

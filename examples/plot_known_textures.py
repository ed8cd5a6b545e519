"""
Does it separate textures that everyone can tell apart?
=======================================================

Before texture is asked about disease, it should tell brick from grass from gravel,
three photographs that come with scikit-image. And it should go on doing so when
brightness and contrast change, as they do from one MR scanner to the next.
"""

# %%
# Small round patches of three photographs
# ----------------------------------------

import numpy as np
from skimage import data

SIZE, PER_PHOTOGRAPH = 64, 40
rng = np.random.default_rng(0)
row, column = np.mgrid[:SIZE, :SIZE] - SIZE / 2 + 0.5
disc = np.hypot(row, column) < SIZE / 2


def patches(photograph):
    """Cut patches at random places."""
    corners = rng.integers(0, photograph.shape[0] - SIZE, size=(PER_PHOTOGRAPH, 2))
    return [photograph[r : r + SIZE, c : c + SIZE] for r, c in corners]


photographs = {"brick": data.brick(), "grass": data.grass(), "gravel": data.gravel()}
images = [patch for name in photographs for patch in patches(photographs[name])]
kind = np.repeat(list(photographs), PER_PHOTOGRAPH)

# %%
# The same patches from another scanner: each with a gain and an offset of its own.

scanned = [image * rng.uniform(0.3, 1.5) + rng.uniform(0, 200) for image in images]
scanned = [np.round(image).astype(int) for image in scanned]

# %%
# Measure both, with and without the window
# -----------------------------------------
# Nearest neighbours on the features that the window touches. The window of each region
# (mean and three standard deviations) takes gain and offset out.

import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn import Normalizer, TextureExtractor

extractor = TextureExtractor(families=["cooccurrence", "run_length", "gradient"])
nearest = make_pipeline(
    SimpleImputer(), StandardScaler(), KNeighborsClassifier(n_neighbors=3)
)
tables, accuracy = {}, {}
for scanner, pictures in {"one scanner": images, "many scanners": scanned}.items():
    for method in ("none", "3sigma"):
        steps = make_pipeline(Normalizer(method=method), extractor)
        table = steps.fit_transform([(picture, disc) for picture in pictures])
        tables[scanner, method] = table
        accuracy[scanner, method] = cross_val_score(nearest, table, kind).mean()
print(pd.Series(accuracy).unstack().round(2))

# %%
# Two features are enough to see it
# ---------------------------------

import matplotlib.pyplot as plt

figure, axes = plt.subplots(
    2, 3, figsize=(9, 5.6), layout="constrained", height_ratios=[1, 1.5], sharey="row"
)
for ax, name in zip(axes[0], photographs, strict=True):
    ax.imshow(images[list(kind).index(name)], cmap="gray", vmin=0, vmax=255)
    ax.set_title(name)
    ax.set_axis_off()
shown = [
    ("one scanner", "none"),
    ("many scanners", "none"),
    ("many scanners", "3sigma"),
]
for ax, case in zip(axes[1], shown, strict=True):
    for name, marker, colour in zip(
        photographs, "o^s", ("#D55E00", "#009E73", "#0072B2"), strict=True
    ):
        rows = tables[case][kind == name]
        ax.scatter(
            rows["S(1,0)Correlat"],
            rows["S(1,0)Entropy"],
            s=18,
            marker=marker,
            color=colour,
            label=name,
            alpha=0.7,
        )
    ax.set(title=f"{case[0]}, {case[1]}", xlabel="S(1,0)Correlat")
axes[1, 0].set_ylabel("S(1,0)Entropy")
axes[1, 0].legend()

"""
What does texture see in one lesion?
====================================

One image, one outline, 279 numbers: the smallest thing one can do. The image is a liver
MR that comes with pydicom, and the outline was drawn on it as a DICOM overlay, so
nothing has to be downloaded.
"""

# %%
# Read
# ----
# A `Lesion` holds paths until it is read. ``file.dcm#overlay`` picks the outline in the
# overlay; the RT structure set, segmentation or PNG of a reader goes in the same place.

import pydicom

from sklearn_orn.images import Lesion

path = pydicom.examples.get_path("overlay")
region = Lesion(path, f"{path}#overlay", lesion="liver").read()[""]
print(region.image.shape, region.image.dtype, "spacing in mm:", region.spacing)
print(region.mask.sum(), "pixels inside the outline")

# %%
# Measure
# -------
# Names, order and values are those of MaZda. By default grey levels are cut at the mean
# and three standard deviations of the lesion, so that gain and offset of the coil do
# not count.

import pandas as pd

from sklearn_orn.texture import extract_features, family_of

features = pd.Series(extract_features(region.image, region.mask))
by_family = features.groupby(lambda name: family_of(name)[0], sort=False)
print(by_family.agg(["size", "count"]).set_axis(["features", "defined"], axis=1))

# %%
# All are defined here. In a smaller lesion some have no value: nine pixels have no pair
# at a distance of five. Such a value is missing, never 0.

import numpy as np

tiny = np.zeros_like(region.mask)
rows, columns = np.nonzero(region.mask)
tiny[rows[400] : rows[400] + 3, columns[400] : columns[400] + 3] = True
small = pd.Series(extract_features(region.image, tiny))
print(small.isna().sum(), "of 279 missing, such as", *small[small.isna()].index[:3])

# %%
# Look
# ----
# `feature_map` measures one feature in a square around each pixel. The sum average
# follows brightness. Contrast is high on the left, where the outline takes in a dark
# band that is no part of the lesion: the look at a map finds what a table of 279
# numbers hides.

import matplotlib.pyplot as plt

from sklearn_orn.texture import feature_map

box = np.s_[rows.min() - 12 : rows.max() + 12, columns.min() - 12 : columns.max() + 12]
figure, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
axes[0].imshow(region.image[box], cmap="gray")
axes[0].contour(region.mask[box], [0.5], colors="#D55E00", linewidths=1)
axes[0].set_title("Image and outline")
for ax, name in zip(axes[1:], ["S(1,0)Contrast", "S(1,0)SumAverg"], strict=True):
    shown = feature_map(region.image, region.mask, name, window=9)
    picture = ax.imshow(shown[box], cmap="viridis")
    figure.colorbar(picture, ax=ax, shrink=0.8)
    ax.set_title(name)
for ax in axes:
    ax.set_axis_off()

"""
What does it cost to select features outside the fold?
======================================================

Sixty patients with two lesions each, 279 features of pure noise: there is nothing to
find. A selector fitted to all patients, and only the classifier cross-validated, finds
a good model all the same. The same selector inside the pipeline, fitted anew in each
fold, does not. Many a published AUC was made the first way.
"""

# %%
# Noise
# -----

import numpy as np


def noise(seed, n_patients=60, n_features=279):
    """Return features without any relation to the outcome, and the patients."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), 2)
    X = rng.normal(size=(len(patient), n_features))
    return X, (np.arange(n_patients) % 2)[patient], patient


# %%
# Outside and inside
# ------------------
# Both are cross-validated by patient, with the same folds.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector
from sklearn_orn.resampling import nested_cross_validate

outside, inside = [], []
for seed in range(20):
    X, y, patient = noise(seed)
    folds = {"groups": patient, "random_state": seed}
    model = LogisticRegression()
    # The mistake: these columns were chosen with the test patients' outcomes in sight.
    chosen = FCMSelector().fit(X, y).transform(X)
    outside.append(nested_cross_validate(model, chosen, y, **folds).mean_auc)
    pipeline = make_pipeline(FCMSelector(), model)
    inside.append(nested_cross_validate(pipeline, X, y, **folds).mean_auc)
print(f"selector outside the fold: mean AUC {np.mean(outside):.3f}")
print(f"selector inside the fold:  mean AUC {np.mean(inside):.3f}")

# %%
# Twenty sets of noise
# --------------------
# Each ring is one set. Chance is 0.5.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
rng = np.random.default_rng(0)
for place, values, colour in ((1, outside, "#D55E00"), (0, inside, "#0072B2")):
    height = place + rng.uniform(-0.15, 0.15, len(values))
    ax.plot(values, height, "o", color=colour, markerfacecolor="none")
ax.axvline(0.5, color="black", linestyle=":", linewidth=1)
ax.set_yticks([0, 1], ["inside\nthe fold", "outside\nthe fold"])
ax.set(ylim=(-0.5, 1.5), xlabel="Mean AUC of the test folds, on pure noise")
ax.spines[["top", "right"]].set_visible(False)

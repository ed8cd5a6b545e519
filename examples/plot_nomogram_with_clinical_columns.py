r"""
Nomograms with clinical columns
===============================

One cohort, three nomograms: of the radiomics score alone, of the score beside two
clinical columns, and of the texture features themselves beside the clinical columns.
All three come from fitted pipelines, their axes are the columns of the cohort's table.
The cohort is synthetic: 420 lesions of 300 patients, drawn by two readers. Run it::

    python examples/plot_nomogram_with_clinical_columns.py --out docs/images
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier
from sklearn_orn.model import CrossFittedScore, Nomogram, odds_ratios
from sklearn_orn.plotting import NomogramDisplay, OddsRatioDisplay

# %%
# The cohort
# ----------
# Texture features as `TextureExtractor` names them, one block of columns per reader,
# and two clinical columns with some values missing.

FEATURES = {
    "S(1,0)Contrast": "Contrast, 1 pixel along the rows",
    "S(5,-5)InvDfMom": "Inverse difference moment, 5 pixels along the diagonal",
    "S(0,3)Entropy": "Entropy, 3 pixels along the columns",
    "S(2,2)Correlat": "Correlation, 2 pixels along the diagonal",
    "Vertl_RLNonUni": "Run-length non-uniformity, vertical",
    "135dr_Fraction": "Fraction of image in runs, 135 degrees",
    "GrKurtosis": "Kurtosis of the gradient",
    "WavEnLL_s-2": "Wavelet energy, LL, scale 2",
    "Perc.99%": "99th percentile of the grey levels",
    "Teta1": "Autoregressive model, theta 1",
    "Sigma": "Autoregressive model, sigma",
    "Skewness": "Skewness of the grey levels",
}
LABELS = FEATURES | {
    "haemoglobin": "Haemoglobin (g/l)",
    "stage": "N stage at first presentation",
    "radiomics score": "Radiomics score",
    "probability": "Probability of ORN",
}


def make_table(seed, n_patients=300, n_lesions=420):
    """Return two readers' columns and clinical ones, the outcome and the patients."""
    rng = np.random.default_rng(seed)
    patient = np.concatenate(
        [np.arange(n_patients), rng.integers(0, n_patients, n_lesions - n_patients)]
    )
    stage = rng.choice(["N0", "N1", "N2", "N3"], n_patients, p=[0.2, 0.3, 0.35, 0.15])
    haemoglobin = rng.normal(128, 15, n_patients).round()
    hidden = rng.normal(size=(n_lesions, len(FEATURES)))
    weights = np.linspace(1, 0, len(FEATURES)) * np.tile([1, -1], len(FEATURES) // 2)
    score = hidden @ weights + 0.05 * (128 - haemoglobin)[patient]
    effects = {"N0": 1.2, "N1": 0.9, "N2": 0.0, "N3": -1.0}
    score += [effects[level] for level in stage[patient]]
    orn = (score + rng.logistic(size=n_lesions) > 0.3).astype(int)
    unit = 10.0 ** rng.integers(-2, 4, len(FEATURES))
    blocks = {
        f"{reader}__{name}": ((hidden + error)[:, i] + 6) * unit[i]
        for reader, error in zip(
            "AB", 0.25 * rng.normal(size=(2, *hidden.shape)), strict=True
        )
        for i, name in enumerate(FEATURES)
    }
    table = pd.DataFrame(blocks).assign(
        haemoglobin=haemoglobin[patient], stage=stage[patient]
    )
    table.loc[rng.random(n_lesions) < 0.05, "haemoglobin"] = np.nan
    return table, orn, patient


table, orn, patients = make_table(seed=1)
readers = [name for name in table if "__" in name]
print(table[["A__Sigma", "B__Sigma", "haemoglobin", "stage"]].head())

# %%
# The radiomics score
# -------------------
# The study's steps behind the extraction. `CrossFittedScore` makes them one column of a
# second model: in training the score of a lesion comes from a model that has not seen
# its patient, for new lesions from the model of all. Routing hands the patients on.

radiomics = make_pipeline(
    ICCFilter(),
    SimpleImputer(strategy="median", keep_empty_features=True),
    FCMSelector(k=3),
    NomogramClassifier(cv=5, random_state=0),
).set_output(transform="pandas")
score = CrossFittedScore(radiomics, random_state=0)

# %%
# The score alone
# ---------------
# A second fit, without penalty, calibrates the cross-fitted score.

of_score = make_pipeline(score, NomogramClassifier(penalty="none"))
with sklearn.config_context(enable_metadata_routing=True):
    of_score.fit(table[readers], orn, groups=patients)
one = Nomogram.from_estimator(of_score, table[readers], labels=LABELS)

# %%
# The score and clinical columns
# ------------------------------
# Each column of the table becomes one axis: haemoglobin in g/l, though the model sees
# it standardised, and the levels of the stage together. A missing value gets the points
# of the median. The intervals of the odds ratios are by patient.

clinical = ColumnTransformer(
    [
        ("rad", score, readers),
        (
            "haemoglobin",
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            ["haemoglobin"],
        ),
        ("stage", OneHotEncoder(drop="first", sparse_output=False), ["stage"]),
    ],
    verbose_feature_names_out=False,
).set_output(transform="pandas")
combined = make_pipeline(clinical, NomogramClassifier(penalty="none"))
with sklearn.config_context(enable_metadata_routing=True):
    combined.fit(table, orn, groups=patients)
three = Nomogram.from_estimator(combined, table, labels=LABELS)
print(combined[-1].summary(cross_fitted=["radiomics score"]).round(3))

worked = table.iloc[[6]]
points = three.points(worked)
print(points.round(1))
print(three.probability(points["total"]), combined.predict_proba(worked)[:, 1])

# %%
# Odds ratios
# -----------
# Each predictor alone, and all of them together, for 10 g/l of haemoglobin.

fair = score.fit_transform(table[readers], orn, groups=patients)
predictors = table[["stage"]].assign(
    haemoglobin=table["haemoglobin"].fillna(table["haemoglobin"].median()) / 10,
    score=fair,
)
odds = pd.concat(
    odds_ratios(predictors, orn, groups=patients, kind=kind, cross_fitted=["score"])
    for kind in ("univariable", "multivariable")
)
odds = odds.replace({"haemoglobin": "haemoglobin (10 g/l)"})

# %%
# The features and clinical columns
# ---------------------------------
# The whole model in one pipeline, and no score in between: the texture branch beside
# the clinical columns, which the LASSO may not leave out. The features' axes begin
# behind `ICCFilter`, at the mean of the readers.

texture = make_pipeline(*(step for _, step in radiomics.steps[:-1]), StandardScaler())
both = ColumnTransformer(
    [("texture", texture, readers), *clinical.transformers[1:]],
    verbose_feature_names_out=False,
)
forced = {"haemoglobin": 0.0, "stage_N1": 0.0, "stage_N2": 0.0, "stage_N3": 0.0}
whole = make_pipeline(
    both,
    NomogramClassifier(cv=5, penalty_factor=forced, random_state=0),
).set_output(transform="pandas")
with sklearn.config_context(enable_metadata_routing=True):
    whole.fit(table, orn, groups=patients)
ten = Nomogram.from_estimator(whole, table, labels=LABELS)
print(ten.table().groupby("axis", sort=False)["points"].max().round(1))


# %%
# The figures
# -----------
# One column of a journal is 3.5 inches wide, two are 7.


def draw(nomogram, width, patient=None):
    """Draw a nomogram at a width in inches, on the height that it needs."""
    import matplotlib.pyplot as plt

    height = 0.43 * (len(nomogram.predictors) + 4) + 0.1
    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return NomogramDisplay(nomogram).plot(ax, patient=patient).figure_


figures = {
    "nomogram-1.png": draw(one, 3.5, worked),
    "nomogram-3.png": draw(three, 7, worked),
    "nomogram-10.png": draw(ten, 7),
    "odds-ratios.png": OddsRatioDisplay(odds).plot().figure_,
}

# sphinx_gallery_start_ignore
if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw three nomograms.")
    parser.add_argument("--out", type=Path, help="folder for the pictures")
    folder = parser.parse_args().out
    for name, figure in figures.items():
        if folder is not None:
            figure.savefig(folder / name, dpi=200)
# sphinx_gallery_end_ignore

r"""
Selection outside the fold
==========================

Sixty patients with two lesions each, 279 features of pure noise: there is nothing to
find. A selector fitted to all patients, and only the classifier cross-validated, finds
a good model all the same. The same selector inside the pipeline, fitted anew in each
fold, does not. Run it::

    python examples/plot_selection_outside_the_fold.py --out leak.png
"""

import argparse
from pathlib import Path

import numpy as np

from sklearn_orn import FCMSelector
from sklearn_orn.resampling import nested_cross_validate


def noise(seed, n_patients=60, n_features=279):
    """Return features without any relation to the outcome, and the patients."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), 2)
    X = rng.normal(size=(len(patient), n_features))
    return X, (np.arange(n_patients) % 2)[patient], patient


def compare(n_repeats):
    """Return the mean fold AUC with the selector outside and inside, per repeat."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    outside, inside = [], []
    for seed in range(n_repeats):
        X, y, patient = noise(seed)
        model = LogisticRegression()
        # The mistake: these columns were chosen with the test patients' outcomes.
        chosen = FCMSelector().fit(X, y).transform(X)
        settings = {"groups": patient, "random_state": seed}
        outside.append(nested_cross_validate(model, chosen, y, **settings).mean_auc)
        pipeline = make_pipeline(FCMSelector(), model)
        inside.append(nested_cross_validate(pipeline, X, y, **settings).mean_auc)
    return np.array(outside), np.array(inside)


def draw(outside, inside, path):
    """Draw both sets of AUCs and chance."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.5, 2.2), layout="constrained")
    ax = figure.subplots()
    rng = np.random.default_rng(0)
    for place, values, colour in ((1, outside, "#D55E00"), (0, inside, "#0072B2")):
        height = place + rng.uniform(-0.15, 0.15, len(values))
        ax.plot(values, height, "o", color=colour, markerfacecolor="none", markersize=4)
    ax.axvline(0.5, color="black", linestyle=":", linewidth=1)
    ax.set_yticks([0, 1], ["inside\nthe fold", "outside\nthe fold"])
    ax.set(ylim=(-0.5, 1.5), xlabel="Mean AUC of the test folds (pure noise)")
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=200)


def main():
    """Read the arguments, compare, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--repeats", type=int, default=20, help="sets of noise")
    parser.add_argument("--out", type=Path, help="picture to write")
    arguments = parser.parse_args()
    outside, inside = compare(arguments.repeats)
    print(f"selector outside the fold: mean AUC {outside.mean():.3f}")
    print(f"selector inside the fold:  mean AUC {inside.mean():.3f}")
    if arguments.out is not None:
        draw(outside, inside, arguments.out)


if __name__ == "__main__":
    main()

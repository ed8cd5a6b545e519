"""The three models on real data: ``python -m benchmarks.real_data sts FOLDER``.

``sts``: soft-tissue sarcomas on MR of the folder (``index.csv``, slices, masks), one
slice of each; the clinical column is the area of the tumour. ``table``: a table of
features (``ID``, ``Target``, features), with `--clinical` columns.
"""

import argparse
import json
import tempfile
from pathlib import Path

import pandas as pd

from sklearn_orn.study import StudyConfig, run_study

COMMON = {
    "nomogram": "combined",
    "n_permutations": 1,
    "sensitivity": False,
}
BOTH = "clinical + radiomics"
PAIRS = ((BOTH, "clinical"), (BOTH, "radiomics"), ("radiomics", "clinical"))


def sarcomas(folder):
    """Return settings, cohort table and no features."""
    table = pd.read_csv(folder / "index.csv").query("slice_role == 'largest'")
    table = table.assign(image=[str(folder / name) for name in table["file"]])
    table["mask"] = [str(folder / name) for name in table["mask"]]
    config = StudyConfig(
        outcome="lung_metastasis",
        positive=1,
        patient="patient",
        clinical=["area_px"],
        **COMMON,
    )
    columns = ["patient", "image", "mask", "lung_metastasis", "area_px"]
    return config, table[columns].reset_index(drop=True), None


def features_of_others(path, clinical):
    """Return settings, cohort table and features."""
    table = pd.read_csv(path)
    config = StudyConfig(
        outcome="Target", positive=1, patient="ID", clinical=clinical, **COMMON
    )
    cohort = table[["ID", "Target", *clinical]]
    return config, cohort, table.drop(columns=cohort.columns)


def row(name, results):
    """Return the cells of one study: AUCs and paired differences, with limits."""
    models = results["models"]
    aucs = {found["name"]: found for found in models["rows"]}
    cells = [name, f"{results['cohort']['n_lesions']}"]
    for model in ("clinical", "radiomics", BOTH):
        cells.append(_limits(aucs[model], "auc") if model in aucs else "-")
    pairs = {(one["first"], one["second"]): one for one in models["comparisons"]}
    benefits = models["benefits"] or {"comparisons": []}
    gains = {(one["first"], one["second"]): one for one in benefits["comparisons"]}
    for found in (pairs, gains):
        one = found.get((BOTH, "clinical"))
        cells.append(_limits(one, "difference") if one else "-")
    refits = results["models_instability"].get("models", ())
    mape = [f"{one['mape']:.3f}" for one in refits]
    return [*cells, ", ".join(mape) or "-"]


def _limits(found, key):
    limits = [found["lower"], found["upper"]]
    shown = ["-" if x is None else f"{x:.2f}" for x in limits]
    return f"{found[key]:.2f} ({shown[0]} to {shown[1]})"


def main():
    """Print the row of the table for each study that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("sts", "table"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--clinical", nargs="+", default=[])
    parser.add_argument("--resamples", type=int, default=50)
    parser.add_argument("--cv", type=int, default=10, help="folds")
    parser.add_argument("--rule", default="all", help="clinical_selection")
    parser.add_argument("--out", type=Path, help="where the report stays")
    given = parser.parse_args()
    if given.what == "sts":
        config, cohort, features = sarcomas(given.path)
    else:
        config, cohort, features = features_of_others(given.path, given.clinical)
    settings = config.as_dict() | {
        "n_resamples": given.resamples,
        "cv": given.cv,
        "clinical_selection": given.rule,
    }
    with tempfile.TemporaryDirectory() as folder:
        out = given.out or Path(folder) / "study"
        result = run_study(cohort, StudyConfig(**settings), out, features=features)
    print("| " + " | ".join(row(given.path.stem, result.results)) + " |")
    print(result.results["models"]["verdict"])
    print(json.dumps(result.seconds))


if __name__ == "__main__":
    main()

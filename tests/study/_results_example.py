"""Results as a study of two readers with a validation part leaves them."""

import copy

FIRST = ["Mean", "S(1,0)Contrast", "S(2,2)SumVarnc", "Horzl_RLNonUni", "GrMean"]
CHOSEN = [*FIRST, "WavEnHH_s-1", "Teta1", *(f"S(3,{i})Entropy" for i in (0, 3, -3))]
SELECTED = ["WavEnHH_s-1", "S(1,0)Contrast", "Teta1"]
SECTIONS = (
    "flow",
    "baseline",
    "locations",
    "images",
    "agreement",
    "stability",
    "optimism",
    "nested",
    "permuted",
    "reader_swap",
    "sensitivity",
    "models",
    "sample_size",
)


def _proportion(count, total, lower, upper):
    estimate = count / total
    return {
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "count": count,
        "total": total,
    }


def _limits(name, estimate, lower, upper):
    return {name: estimate, f"{name}_lower": lower, f"{name}_upper": upper}


def _part(part, lesions, patients, positive, auc, counts):
    limits = ((0.445, 0.798), (0.424, 0.812), (0.495, 0.761), (0.416, 0.849))
    names = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
    group = {"lower": 0.1, "upper": 0.2, "n": 5, "observed": 1, "expected": 0.8}
    return {
        "part": part,
        "apparent": part == "training",
        "lesions": lesions,
        "patients": patients,
        "positive_lesions": positive,
        "auc": dict(zip(("auc", "lower", "upper", "se"), auc, strict=True)),
        "performance": {
            name: _proportion(*count, *interval)
            for name, count, interval in zip(
                names, counts, (*limits, (0.409, 0.788)), strict=True
            )
        },
        "hosmer_lemeshow": {
            "statistic": 13.8,
            "df": 10,
            "p_value": 0.18,
            "groups": [group] * 10,
        },
        "prevalence": None,
        "calibration": {
            "eavg": 0.07,
            **_limits("calibration_in_the_large", 0.17, -0.3, 0.6),
            **_limits("intercept", 0.2, -0.2, 0.6),
            **_limits("slope", 0.89, 0.5, 1.3),
            **_limits("observed_expected", 1.1, 0.8, 1.5),
            **_limits("brier", 0.22, 0.17, 0.27),
        },
        "calibration_curve": {"predicted": [0.2, 0.8], "observed": [0.3, 0.7]},
        "decision_curve": {
            "threshold": [0.0, 0.01, 0.98, 0.99],
            "model": [0.53, 0.52, 0.0, 0.0],
            "treat_all": [0.53, 0.51, -20.0, -40.0],
            "treat_none": [0.0, 0.0, 0.0, 0.0],
            "over_all": [0.0, 0.01, 20.0, 40.0],
            "model_lower": [0.4, 0.4, 0.0, 0.0],
            "over_all_lower": [0.0, -0.01, 15.0, 30.0],
            "above": [47, 46, 0, 0],
            "below": [0, 1, 47, 47],
        },
        "roc_curve": {"false_positive_rate": [0.0, 1.0], "sensitivity": [0.0, 1.0]},
    }


TRAINING = _part(
    "training",
    95,
    46,
    51,
    (0.828, 0.735, 0.921, 0.047),
    ((43, 51), (31, 44), (74, 95), (43, 56), (31, 39)),
)
VALIDATION = _part(
    "validation",
    47,
    25,
    25,
    (0.684, 0.540, 0.827, 0.073),
    ((16, 25), (14, 22), (30, 47), (16, 24), (14, 23)),
)

CONFIG = {
    "outcome": "outcome",
    "positive": "ORN",
    "patient": "patient",
    "split": "split",
    "date": None,
    "cut": None,
    "bits": {"cooccurrence": 6, "run_length": 6, "gradient": 4, "wavelet": 8},
    "readers": None,
    "clinical": ["age", "dose_gy"],
    "location": "vertebra",
    "size": None,
    "screening": None,
    "cv": 10,
    "random_state": 7,
    "normalization": "3sigma",
    "icc_threshold": 0.75,
    "k": 10,
    "pipeline": {},
    "n_resamples": 200,
    "n_permutations": 100,
    "sensitivity": True,
    "pooled_decision_curve": False,
    "threshold_range": None,
    "prevalence": None,
}

FLOW = {
    "stages": [
        {
            "name": "Screened",
            "lesions": None,
            "patients": 90,
            "excluded": [
                {"reason": "no MRI before treatment", "lesions": None, "patients": 12},
                {"reason": "motion artefacts", "lesions": None, "patients": 7},
            ],
        },
        {"name": "Analysed", "lesions": 142, "patients": 71, "excluded": []},
    ],
    "parts": [
        {
            "part": "training",
            "classes": [
                {"label": "metastasis", "lesions": 44, "patients": 21},
                {"label": "ORN", "lesions": 51, "patients": 25},
            ],
        },
        {
            "part": "validation",
            "classes": [
                {"label": "metastasis", "lesions": 22, "patients": 11},
                {"label": "ORN", "lesions": 25, "patients": 14},
            ],
        },
    ],
}


def _baseline_row(variable, test, p_value):
    return {"variable": variable, "test": test, "p_value": p_value, "smd": 0.2}


_ROWS = [
    _baseline_row("age", "Welch's t", 0.23),
    _baseline_row("dose_gy", "Mann-Whitney U", 0.004),
    _baseline_row("sex", "chi-square", 0.61),
]

PROTOCOL = {
    "modality": [{"value": "MR", "lesions": 142}],
    "field_strength_T": [{"value": "1.5", "lesions": 142}],
    "TR_ms": [{"value": "550", "lesions": 100}, {"value": "600", "lesions": 42}],
    "TE_ms": [{"value": "10", "lesions": 140}, {"value": "missing", "lesions": 2}],
    "slice_thickness_mm": [
        {"value": str(v), "lesions": n} for v, n in ((4, 90), (5, 40), (3, 9), (6, 3))
    ],
    "spacing_rows_mm": [{"value": "0.625", "lesions": 142}],
    "contrast_agent": [{"value": "Gadolinium chelate", "lesions": 142}],
}

EXAMPLE = {
    "format": "sklearn-orn results",
    "version": 3,
    "title": "sklearn_orn study",
    "synthetic": True,
    "source": "images",
    "config": CONFIG,
    "labels": ["metastasis", "ORN"],
    "classes": ["metastasis", "ORN"],
    "readers": ["reader_a", "reader_b"],
    "cohort": {
        "lesions": 142,
        "patients": 71,
        "counts": [
            {"part": part, "label": label, "positive": label == "ORN", "share": n / m}
            | {"lesions": n, "patients": patients}
            for part, label, n, m, patients in (
                ("training", "ORN", 51, 95, 25),
                ("training", "metastasis", 44, 95, 21),
                ("validation", "ORN", 25, 47, 14),
                ("validation", "metastasis", 22, 47, 11),
            )
        ],
    },
    "left_out": [{"lesion": "L9", "patient": "P9", "reason": "the mask is empty"}],
    "flow": FLOW,
    "baseline": {
        "by_class": {"training": _ROWS, "validation": _ROWS[:2]},
        "by_part": _ROWS,
    },
    "locations": [{"location": "C2", "ORN": 20, "metastasis": 10}],
    "images": {
        "protocol": PROTOCOL,
        "slice": "the only slice, or the largest ROI area in mm² of the first reader",
        "overlap": {
            "lesions": 142,
            "dice_median": 0.911,
            "dice_min": 0.740,
            "dice_max": 0.960,
        },
    },
    "agreement": {"form": "ICC(2,1)", "median_icc": 0.934, "kept": 215}
    | {"of": 279, "lesions": 95},
    "features": [
        {"step": step, "name": name, "features": n, "meaning": "..."}
        for step, name, n in (
            ("extractor", "Measured", 279),
            ("icc", "Reproducible", 215),
            ("fcm", "Chosen", 30),
            ("nomogram", "In the score", 3),
        )
    ],
    "selection": {
        "icc": [
            {"feature": name, "icc": 0.95, "kept": True, "reason": "kept"}
            for name in CHOSEN
        ],
        "chosen": [{"feature": name, "criteria": ["fisher"]} for name in CHOSEN],
    },
    "imputed": {"cells": 12, "of": 30530, "features": []},
    "model": {
        "intercept": -12.297,
        "threshold": 0.4729,
        "coefficients": [
            {
                "feature": name,
                "coefficient": 0.3,
                "per_sd": 0.37,
                "mean": 3.7,
                "sd": 1.2,
                "minimum": 1.7,
                "maximum": 6.8,
            }
            for name in SELECTED
        ],
        "lasso": {
            "lambda": 0.03847,
            "lambda_min": 0.03847,
            "lambda_1se": 0.18708,
            "lambdas": [0.18708, 0.03847, 0.001],
            "features": CHOSEN,
        },
        "score_refit": {"intercept": -0.05, "slope": 1.76},
    },
    "parts": [TRAINING, VALIDATION],
    "score_by_class": [
        {"part": "validation", "test": "Mann-Whitney U by patient", "p_value": 0.012}
    ],
    "stability": {
        "n_resamples": 200,
        "nogueira": {"icc": 0.81, "fcm": 0.44, "lasso": 0.31},
        "features": [{"feature": name, "share": 0.5} for name in SELECTED],
    },
    "optimism": {
        "n_resamples": 198,
        "failures": {"one class only": 2},
        "measures": [
            {
                "key": "auc",
                "name": "AUC",
                "apparent": 0.828,
                "optimism": 0.093,
                "corrected": 0.735,
                "out_of_bag": 0.651,
                "plus_632": 0.679,
            }
        ],
        "n_out_of_bag": 197,
        "instability": {
            "mape": 0.121,
            "changed": 0.214,
            "threshold": 0.4729,
            "lesions": {
                "lesion": ["L1", "L2"],
                "probability": [0.31, 0.62],
                "lower": [0.12, 0.33],
                "upper": [0.58, 0.81],
                "mape": [0.11, 0.132],
                "changed": [0.2, 0.228],
            },
            "calibration": {
                "predicted": [0.2, 0.8],
                "observed": [0.1, 0.9],
                "refits": [[0.15, 0.85], [None, 0.7]],
            },
            "net_benefit": {
                "threshold": [0.0, 0.5],
                "model": [0.53, 0.2],
                "treat_all": [0.53, 0.06],
                "refits": [[0.53, 0.15], [0.53, 0.1]],
            },
        },
    },
    "nested": {
        "auc": 0.702,
        "lower": 0.604,
        "upper": 0.801,
        "sd": 0.09,
        "n_folds": 5,
        "n_repeats": 5,
    },
    "permuted": {
        "auc": 0.702,
        "auc_mean": 0.497,
        "auc_sd": 0.064,
        "p_value": 0.0099,
        "n_as_large": 0,
        "movable": 1.0,
        "n_permutations": 100,
    },
    "reader_swap": {
        "rows": [
            {"reader": "reader_a", "auc": 0.69, "lower": 0.54, "upper": 0.83}
            | {"lesions": 47},
            {"reader": "reader_b", "auc": 0.66, "lower": 0.51, "upper": 0.81}
            | {"lesions": 47},
        ]
    },
    "sensitivity": {
        "rows": [
            {"normalization": normalization, "bits": bits, "auc": auc}
            | {"lower": 0.5, "upper": 0.8, "n_selected": 4, "selected": FIRST[:4]}
            for normalization, bits, auc in (
                ("3sigma", 6, 0.684),
                ("1-99", 6, 0.671),
                ("none", 8, 0.623),
            )
        ]
    },
    "models": {
        "rows": [
            {"name": name, "predictors": predictors, "auc": auc}
            | {"lower": 0.5, "upper": 0.8}
            for name, predictors, auc in (
                ("radiomics", ["radiomics score"], 0.684),
                ("lesion size", ["area"], 0.580),
                ("clinical", ["age", "dose_gy"], 0.640),
                ("clinical + radiomics", ["age", "dose_gy", "radiomics score"], 0.701),
            )
        ],
        "comparisons": [
            {"first": "radiomics", "second": "lesion size", "difference": 0.104}
            | {"lower": -0.05, "upper": 0.26, "p_value": 0.19}
        ],
        "verdict": "Radiomics is not shown to do better than lesion size alone.",
        "imputed": {
            "rule": "impute",
            "of": 142,
            "lesions": 6,
            "columns": [{"column": "dose_gy", "missing": 6, "by": "the median"}],
        },
        "penalty": "firth",
    },
    "sample_size": {
        "n": 46,
        "lesions": 95,
        "class": "metastasis",
        "events": 21,
        "event_lesions": 44,
        "candidates": 30,
        "prevalence": 0.537,
        "r2_nagelkerke": 0.15,
        "riley": [
            {"candidates_of": of, "candidates": n, "n": need, "shrinkage": shrinkage}
            for of, n, need, shrinkage in (
                ("measured", 279, 20942, 0.21),
                ("LASSO", 30, 2252, 0.47),
            )
        ],
    },
    "warnings": [
        {"title": "Synthetic data.", "text": "..."},
        {"title": "Few events.", "text": "..."},
    ],
    "versions": {
        "sklearn_orn": "0.1.0",
        "python": "3.11.7",
        "scikit-learn": "1.9.1",
        "numpy": "2.4.6",
    },
}


def example_results(**changes):
    """Return the example, with sections changed."""
    return copy.deepcopy(EXAMPLE) | changes


def without(*keys):
    """Return the example with sections that say why they are absent."""
    return example_results(**{key: {"absent": f"no {key} here"} for key in keys})


def features_results():
    """Return results of a table of features, one reading, cross-validated."""
    results = without(*SECTIONS[1:])
    results["source"] = "features"
    results["readers"] = []
    results["images"] = None
    results["selection"]["icc"] = None
    results["features"] = [row for row in results["features"] if row["step"] != "icc"]
    results["config"] |= {"split": None, "clinical": []}
    folds = {"auc": [0.7, None, 0.6], "mean": 0.65, "sd": 0.07, "with_both_classes": 2}
    cross = copy.deepcopy(VALIDATION) | {"part": "cross-validation", "folds": folds}
    results["parts"] = [copy.deepcopy(TRAINING), cross]
    return results


def nothing_selected():
    """Return results of a study whose LASSO keeps no feature."""
    results = example_results()
    results["model"]["coefficients"] = []
    results["features"][-1]["features"] = 0
    return results


def temporal_results():
    """Return results of a study that is split by date."""
    results = example_results()
    results["config"] |= {"split": None, "date": "scanned", "cut": "2015-06-01"}
    return results


def no_model():
    """Return results of a study for which no model could be fitted."""
    results = without("model", *SECTIONS[4:])
    results |= {"parts": [], "imputed": None, "score_by_class": []}
    results["selection"] = {"icc": None, "chosen": []}
    results["features"] = results["features"][:1]
    return results

"""A right claim of each kind, and the audit of one claim."""

from sklearn_orn.audit import audit_reported_numbers

RIGHT = {
    "sum": {"where": "flow", "parts": [46, 25], "total": 71},
    "percentage": {"where": "women", "count": 6, "of": 25, "percent": "24.0"},
    "stated twice": {
        "where": "age", "stated": {"text": ["50", "16"], "Table 1": ["49.6", "16"]},
    },
    "test of counts": {
        "where": "sex", "counts": [[19, 15], [6, 6]], "p": "0.725", "test": None,
    },
    "test of means": {
        "where": "age", "n": [25, 21], "mean": ["50.0", "49.1"],
        "sd": ["10.8", "11.7"], "p": "0.79", "test": "t",
    },
    "interval of an AUC": {
        "where": "AUC", "auc": "0.725", "lower": "0.622", "upper": "0.828",
        "positive": 51, "negative": 44,
    },
    "fractions at a cut-off": {
        "where": "Table 4", "positive": 51, "negative": 44, "sensitivity": "43/51",
        "specificity": "61.4 %", "accuracy": "0.737",
    },
    "net benefit": {
        "where": "curve", "net_benefit": "0.148", "threshold": 0.5,
        "samples": {"all": [76, 66]},
    },
    "score": {
        "where": "score", "intercept": "1.29",
        "coefficients": {"S(4,4)SumOfSqs": "-0.267"}, "ranges": {},
        "normalization": "3sigma", "bits": 4,
    },
}  # fmt: skip


def report(*claims):
    return {
        "format": "sklearn-orn-reported-numbers",
        "schema_version": 1,
        "source": "A paper",
        "claims": list(claims),
    }


def judge(check, **changes):
    """Return the verdict on a right claim that was changed."""
    claim = {"check": check} | RIGHT[check] | changes
    (judged,) = audit_reported_numbers(report(claim)).judged
    assert judged.check == check
    assert judged.where == claim["where"]
    return judged

"""The names of the files that a study writes."""

import re

FILES = (
    *("report.html", "calculator.html", "model.json", "features.csv", "features.json"),
    *("scores.csv", "results.json", "timings.json"),
)
FIGURES = (
    *("flow", "icc", "lasso-cv", "lasso-path", "stability", "nomogram", "waterfall"),
    *("roc", "calibration", "decision", "decision-pooled"),
    *("essentials", "instability"),
)
FORMATS = ("svg", "pdf", "png")
MONTAGE = "montage.png"
TABLES = (
    *("counts", "left-out", "protocol", "steps", "coefficients", "stability"),
    *("performance", "auc", "optimism", "instability", "models", "readers"),
    *("sensitivity", "sample-size", "clear", "metrics", "tripod-ai"),
    *(
        f"{start}-{part}"
        for start in ("baseline", "locations")
        for part in ("all", "training", "validation", "parts")
    ),
)
_PLAIN = re.compile(r"(figures/[a-z0-9-]+\.(svg|pdf|png)|tables/[a-z0-9-]+\.csv)")
_NAMES = frozenset(
    [
        *FILES,
        *(f"figures/{key}.{suffix}" for key in FIGURES for suffix in FORMATS),
        f"figures/{MONTAGE}",
        *(f"tables/{key}.csv" for key in TABLES),
    ]
)


def figure_files(key: str) -> list[str]:
    """Return the names of a figure's files.

    Examples
    --------
    >>> figure_files("roc")
    ['figures/roc.svg', 'figures/roc.pdf', 'figures/roc.png']
    """
    return [f"figures/{key}.{suffix}" for suffix in FORMATS]


def table_file(key: str) -> str:
    """Return the name of a table's file."""
    return f"tables/{key}.csv"


def is_study_file(name: str) -> bool:
    """Say whether a study of this version writes a file of this name."""
    return name in _NAMES


def is_plain_name(name: str) -> bool:
    """Say whether a name is such as a study of any version gives to its files.

    Examples
    --------
    >>> is_plain_name("tables/auc.csv"), is_plain_name("tables/../../auc.csv")
    (True, False)
    """
    return name in FILES or _PLAIN.fullmatch(name) is not None

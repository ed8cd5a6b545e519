"""``results.json`` of an earlier version, brought to this one."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from sklearn_orn._io.codec import Plain, UnexpectedData
from sklearn_orn._io.json_head import version_of
from sklearn_orn.study._json_csv import JsonObject, plain_data
from sklearn_orn.study.results._results import FORMAT, HEAD, SECTIONS, VERSION, Results

READ = range(3, VERSION + 1)
# Version 3's names by place; "*" stands for each entry of a list or dict.
RENAMED: dict[str, dict[str, str]] = {
    "cohort": {"lesions": "n_lesions", "patients": "n_patients"},
    "cohort.counts.*": {"lesions": "n_lesions", "patients": "n_patients"},
    "images.overlap": {"lesions": "n_lesions"},
    "agreement": {"kept": "n_kept", "of": "n_features", "lesions": "n_lesions"},
    "features.*": {"features": "n_features"},
    "parts.*": {
        "lesions": "n_lesions",
        "patients": "n_patients",
        "positive_lesions": "n_positive",
    },
    "parts.*.performance.*": {"patients": "n_patients"},
    "parts.*.hosmer_lemeshow.groups.*": {"n": "n_lesions"},
    "parts.*.folds": {"with_both_classes": "n_with_both_classes"},
    "imputed": {"cells": "n_filled", "of": "n_cells"},
    "imputed.features.*": {"training": "n_training", "validation": "n_validation"},
    "model.lasso": {"lambda": "lambda_chosen", "nonzero": "n_nonzero"},
    "score_by_class.*": {"of": "scale"},
    "score_by_class.*.classes.*": {"class": "label", "n": "n_lesions"},
    "reader_swap.rows.*": {"lesions": "n_lesions"},
    "models.imputed": {"of": "n_lesions", "lesions": "n_incomplete"},
    "models.imputed.columns.*": {"missing": "n_missing"},
    "sample_size": {
        "n": "n_patients",
        "lesions": "n_lesions",
        "class": "smaller_class",
        "events": "n_event_patients",
        "event_lesions": "n_event_lesions",
        "candidates": "n_candidates",
    },
    "sample_size.riley.*": {"candidates": "n_candidates", "events": "n_events"},
}
# Of warnings, which had none before version 5.
CODES_BY_TITLE = {
    "Few events.": "ORN001",
    "No model.": "ORN002",
    "Separated classes.": "ORN004",
    "Hosmer-Lemeshow on small groups.": "ORN010",
    "Outcomes that cannot be shuffled.": "ORN011",
    "Resamples without a model.": "ORN012",
    "Repeated patients.": "ORN013",
    "Training performance is apparent.": "ORN014",
    "Small validation part.": "ORN017",
    "Lesions left out.": "ORN018",
    "Features from elsewhere.": "ORN019",
    "Single reader.": "ORN020",
    "No validation part.": "ORN021",
    "Smaller than advised.": "ORN022",
    "Large optimism.": "ORN023",
    "Harrell's correction is too small here.": "ORN024",
    "Not better than chance.": "ORN025",
    "No more than a simple model.": "ORN026",
    "Columns left out.": "ORN028",
    "Synthetic data.": "ORN029",
}
FEATURE_KEYS, SETTING_KEYS = ("feature", "share"), ("normalization", "bits", "own")


def upgraded(data: object) -> JsonObject:
    """Return the content of a ``results.json`` as this version writes it.

    Sections that are younger than the file stay out, for their defaults. Version 3 has
    other names (`RENAMED`), the ROC curve of each part, which the scores give, the
    index of each step twice, and null where the features were given instead of why
    there are no images. Version 4 has warnings without codes, and no predictions of
    the models that are compared. UnexpectedData if it is no such file, or of another
    version.
    """
    version = version_of(data, FORMAT)
    if not isinstance(data, dict) or version is None:
        raise UnexpectedData(f"expected a file of the format {FORMAT!r}")
    if version not in READ:
        *first, last = map(str, READ)
        known = f"{', '.join(first)} and {last}"
        raise UnexpectedData(
            f"version {version!r}; this program reads versions {known}"
        )
    sections = [name for name, since in SECTIONS.items() if since <= version]
    lacking = [repr(name) for name in sections if name not in data]
    if lacking:
        raise UnexpectedData(f"it lacks {', '.join(lacking)}")
    found = _from_3({k: data[k] for k in sections}) if version == 3 else data
    if version < 5:
        found = _from_4(found)
    younger = {f.name: f.default for f in fields(Results) if f.name not in sections}
    return found | {name: plain_data(reason) for name, reason in younger.items()}


def _from_3(data: JsonObject) -> JsonObject:
    found: JsonObject = _renamed(data, ())
    try:
        _reshape(found)
    except (TypeError, KeyError, AttributeError) as error:
        raise UnexpectedData(f"not what version 3 holds ({error!r})") from None
    return HEAD | found


def _from_4(data: JsonObject) -> JsonObject:
    """Give warnings the codes that their titles have now, and switch none off."""
    try:
        told = [{"code": _code(guard["title"])} | guard for guard in data["warnings"]]
        settings = data["config"] | {"ignore": []}
        settings |= {"clinical_kinds": {}, "nomogram": "radiomics", "scores": "fused"}
        settings |= {"clinical_selection": "all", "sequences": None}
        settings |= {"regions": ["lesion"], "perturbed_outlines": 0}
        settings |= {"centre": None, "harmonise": "none"}
        parts = [{"centres": []} | part for part in data["flow"]["parts"]]
        flow = data["flow"] | {"parts": parts}
        agreement = data["agreement"]
        if "absent" not in agreement:
            agreement = agreement | {"judged_by": "readers"}
        judged = [
            part | {"hosmer_lemeshow": {"by_patient": False} | part["hosmer_lemeshow"]}
            for part in data["parts"]
        ]
        models = data["models"]
        if "absent" not in models:
            models = models | {"judged": None, "benefits": None}
        images = data["images"]
        if "absent" not in images:
            younger = dict.fromkeys(("hausdorff_mm", "hausdorff_95_mm"))
            overlap = images["overlap"]
            pairs = [{"sequence": ""} | pair | younger for pair in overlap["pairs"]]
            images = images | {"overlap": overlap | {"pairs": pairs}}
    except (TypeError, KeyError, AttributeError) as error:
        raise UnexpectedData(f"not what version 4 holds ({error!r})") from None
    return (
        data
        | HEAD
        | {"warnings": told, "config": settings, "images": images}
        | {"models": models, "agreement": agreement, "flow": flow, "parts": judged}
    )


def _code(title: str) -> str | None:
    alone = "ORN027" if title.endswith("the classes apart alone.") else None
    return CODES_BY_TITLE.get(title, alone)


def _reshape(found: JsonObject) -> None:
    if found["images"] is None:
        found["images"] = {"absent": "The features were given, not measured here."}
    elif len(found["images"]["overlap"]) == 2:  # one reader
        gaps = dict.fromkeys(("dice_median", "dice_min", "dice_max"))
        found["images"]["overlap"] = gaps | found["images"]["overlap"]
    for part in found["parts"]:
        part.pop("roc_curve", None)
        part.setdefault("folds", None)
    for row in found["stability"].get("features", ()):
        steps = {k: row.pop(k) for k in list(row) if k not in FEATURE_KEYS}
        row["steps"] = steps
    found["stability"].pop("nogueira", None)
    for row in found["sensitivity"].get("rows", ()):
        row["result"] = {k: row.pop(k) for k in list(row) if k not in SETTING_KEYS}


def _renamed(value: Plain, place: tuple[str, ...]) -> Plain:
    if isinstance(value, dict):
        names = next(_names_at(place), {})
        return {
            names.get(key, key): _renamed(item, (*place, key))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_renamed(item, (*place, "*")) for item in value]
    return value


def _names_at(place: tuple[str, ...]) -> Iterator[Mapping[str, str]]:
    for pattern, names in RENAMED.items():
        keys = pattern.split(".")
        if len(keys) == len(place) and all(
            key in ("*", here) for key, here in zip(keys, place, strict=True)
        ):
            yield names

"""Sentences on the data of a study: who, which images, which features.

Each is empty where the results do not know; `cite` marks what the methods number.
"""

from collections.abc import Mapping
from typing import Any

from sklearn_orn.study._numbers import decimal
from sklearn_orn.study.methods._facts import FOLDS, Facts, count, join_words, sentences
from sklearn_orn.study.methods._protocol_text import protocol_text
from sklearn_orn.study.methods._references import cite, plain

WINDOWS = {
    "3sigma": "the grey levels from the mean minus 3 to the mean plus 3 standard "
    "deviations of the ROI",
    "1-99": "the grey levels from the 1st to the 99th percentile of the ROI",
    "1-99-below": "the grey levels from the last whose cumulated count is below 1 % to "
    "the last whose count is at most 99 % of the ROI",
}
FAMILY_WORDS = {
    "histogram": "of the histogram",
    "cooccurrence": "of co-occurrence matrices",
    "run_length": "of run-length matrices",
    "gradient": "of the gradient",
    "autoregressive": "of the autoregressive model",
    "wavelet": "of the energies of Haar wavelet subbands",
}
QUANTISED_WORDS = {
    "cooccurrence": "co-occurrence matrices",
    "run_length": "run-length matrices",
    "gradient": "the gradient",
    "wavelet": "wavelets",
}


def quoted(name: Any) -> str:
    """Return a name of the user's in quotes."""
    return f"“{plain(str(name))}”"


def class_counts(facts: Facts, part: str | None = None) -> str:
    """Return the lesions of each class, ``76 ORN and 66 metastasis``."""
    totals: dict[str, int] = {}
    for row in facts.rows("cohort", "counts"):
        if part in (None, row.get("part")) and row.get("n_lesions") is not None:
            label = plain(str(row.get("label")))
            totals[label] = totals.get(label, 0) + int(row["n_lesions"])
    return join_words([f"{n:,} {label}" for label, n in totals.items()])


def part_counts(part: Mapping[str, Any]) -> str:
    """Return lesions and patients of a part."""
    lesions, patients = part.get("n_lesions"), part.get("n_patients")
    return f"{count(lesions, 'lesion')} of {count(patients, 'patient')}"


def cohort_sentence(facts: Facts) -> str:
    """Say how many lesions of which outcome were analysed."""
    cohort = facts.section("cohort")
    if cohort.get("n_lesions") is None:
        return ""
    column, classes = facts.at("config", "outcome"), class_counts(facts)
    outcome = f" The outcome was {facts.positive} (the positive class) against "
    where = f", as in the column {quoted(column)}" if column else ""
    return plain(
        f"The study analysed {part_counts(cohort)}"
        f"{f' ({classes})' if classes else ''}.{outcome}{facts.negative}{where}."
    )


def _exclusions_of(stage: Mapping[str, Any]) -> str:
    unit = "patients" if stage.get("patients") is not None else "lesions"
    rows = [
        (plain(str(row.get("reason"))), row[unit])
        for row in stage.get("excluded") or ()
        if isinstance(row, Mapping) and row.get(unit) is not None
    ]
    if not rows:
        return ""
    total = sum(n for _, n in rows)
    reasons = "; ".join(f"{reason}, {n}" for reason, n in rows)
    were = "was" if total == 1 else "were"
    where = str(stage.get("name") or "").lower()
    before = f"{count(stage.get(unit), unit[:-1])} {where}".strip()
    return f"Of {before}, {total} {were} excluded ({reasons})."


def exclusion_sentence(facts: Facts) -> str:
    """Say who was excluded and why."""
    return sentences(*map(_exclusions_of, facts.rows("flow", "stages")))


def left_out_words(facts: Facts) -> str:
    """Say how many lesions could not be measured."""
    n = len(facts.rows("left_out"))
    were = "was" if n == 1 else "were"
    if not n:
        return ""
    return f"{count(n, 'lesion')} could not be measured and {were} left out."


def left_out_sentence(facts: Facts) -> str:
    """Say the same, unless the flow of lesions tells it already."""
    told = any(
        _exclusions_of(stage) and stage.get("name") != "Screened"
        for stage in facts.rows("flow", "stages")
    )
    return "" if told else left_out_words(facts)


def split_sentence(facts: Facts) -> str:
    """Say which lesions trained the model and which judged it."""
    second, training = facts.second, facts.training
    if not second:
        return ""
    if second.get("part") == FOLDS:
        folds, seed = facts.at("config", "cv"), facts.at("config", "random_state")
        return (
            "No lesions were held back: the whole procedure was judged by "
            f"{f'{folds}-fold ' if folds else ''}cross-validation, stratified by class "
            "and by patient, with selection, penalty and threshold learnt anew in each "
            f"fold{'' if seed is None else f' (seed {seed})'}. The model that is given "
            "was fitted to all lesions."
        )
    how = f"The column {quoted(facts.at('config', 'split'))} assigned"
    if facts.temporal:
        how = (
            f"Dates before {plain(str(facts.at('config', 'cut')))} in the column "
            f"{quoted(facts.at('config', 'date'))} assigned"
        )
    return (
        f"{how} {part_counts(training)} to training and {part_counts(second)} to "
        "validation; no patient stood on both sides, and all that was learnt from data "
        "was learnt in training."
    )


def protocol_sentence(facts: Facts) -> str:
    """Say how the images were acquired."""
    text = protocol_text(facts) if facts.from_images else ""
    return f"Acquisition, from the image headers: {plain(text)}." if text else ""


def slice_sentence(facts: Facts) -> str:
    """Say what was measured of a lesion."""
    which = facts.at("images", "slice")
    if not facts.from_images or not which:
        return ""
    text = plain(str(which))
    if "largest" in text:
        text = "the only one, or the one on which the first reader's outline is largest"
    if text.startswith("column "):
        text = f"the one named in the column {quoted(text.removeprefix('column '))}"
    return f"Each lesion was measured in two dimensions on one slice: {text}."


def readers_sentence(facts: Facts) -> str:
    """Say whose outlines were used, and how well they overlap."""
    readers = [plain(name) for name in facts.readers]
    if not facts.from_images or facts.at("readers") is None:
        return ""
    if len(readers) < 2:
        return "Each lesion was outlined by one reader."
    overlap = facts.at("images", "overlap")
    text = f"The outlines of {len(readers)} readers ({join_words(readers)}) were used"
    if not isinstance(overlap, Mapping) or overlap.get("dice_median") is None:
        return f"{text}."
    low, high = decimal(overlap.get("dice_min")), decimal(overlap.get("dice_max"))
    return (
        f"{text}; over {count(overlap.get('n_lesions'), 'comparison')} the median Dice "
        f"coefficient was {decimal(overlap['dice_median'])} (range {low} to {high})"
        f"{cite('dice')}."
    )


def window_sentence(facts: Facts) -> str:
    """Say how grey levels were normalised."""
    if not facts.from_images:
        return ""
    method = facts.setting("normalization", "normalizer__method")
    if method in WINDOWS:
        paper = cite("collewet") if method == "3sigma" else ""
        return (
            f"Grey levels were normalised ROI by ROI: {WINDOWS[method]} were the "
            f"window of quantisation{paper}. Pixels were not resampled."
        )
    return (
        "Grey levels were not normalised: the full bit range of the image was the "
        "window of quantisation. Pixels were not resampled."
    )


def bits_per_family(facts: Facts) -> dict[str, int]:
    """Return the bits of each quantised family that was measured."""
    from sklearn_orn.texture.shared import DEFAULT_BITS

    given = facts.setting("bits", "extractor__bits") or {}
    families = facts.parameter("extractor__families") or FAMILY_WORDS
    known = DEFAULT_BITS | {f: n for f, n in dict(given).items() if n is not None}
    return {family: bits for family, bits in known.items() if family in families}


def bits_sentence(facts: Facts) -> str:
    """Say to how many levels grey levels were quantised."""
    families: dict[int, list[str]] = {}
    for family, bits in bits_per_family(facts).items():
        families.setdefault(bits, []).append(QUANTISED_WORDS.get(family, family))
    if not facts.from_images or not families:
        return ""
    words = [
        f"{2**bits} levels ({bits} bits) for {join_words(names)}"
        for bits, names in families.items()
    ]
    return (
        "Grey levels were quantised to a fixed number of levels of equal width: "
        f"{join_words(words)}; wavelets use the full range of the image, and features "
        "of the histogram and the autoregressive model use the pixels as stored."
    )


def family_counts(facts: Facts) -> dict[str, int]:
    """Return the features of each family; empty where they are not all known."""
    from sklearn_orn.texture.shared import family_names

    if not facts.from_images:
        return {}
    families = facts.parameter("extractor__families") or tuple(FAMILY_WORDS)
    distances = facts.parameter("extractor__distances")
    counts = {family: len(family_names(family, distances)) for family in families}
    return counts if sum(counts.values()) == facts.step("extractor") else {}


def _family_words(facts: Facts) -> str:
    distances = [str(d) for d in facts.parameter("extractor__distances") or ()]
    words = []
    for family, n in family_counts(facts).items():
        text = f"{n} {FAMILY_WORDS[family]}"
        if family == "cooccurrence":
            text += (
                f"{cite('haralick')} at distances of {join_words(distances)} pixels in "
                "four directions"
            )
        words.append(text)
    return f": {join_words(words)}" if words else ""


def features_sentence(facts: Facts) -> str:
    """Say what was measured, and with what."""
    n, version = facts.step("extractor"), facts.at("versions", "sklearn_orn")
    if n is None:
        return ""
    if not facts.from_images:
        return f"A table of features was analysed, {count(n, 'feature')} per lesion."
    each = " and reader" if len(facts.readers) > 1 else ""
    program = f" with sklearn_orn {version}" if version else ""
    return (
        f"{count(n, 'texture feature')} per lesion{each}, as MaZda 4.6 defines them"
        f"{cite('mazda')}, were measured{program}{_family_words(facts)}."
    )


def defaults_sentence(facts: Facts) -> str:
    """Say that nothing else was changed."""
    version = facts.at("versions", "sklearn_orn")
    if not facts.from_images or not version:
        return ""
    return (
        "All other parameters of the measurement had their default values in "
        f"sklearn_orn {version}."
    )


def data_paragraphs(facts: Facts) -> list[str]:
    """Return the paragraphs on patients, images and features."""
    synthetic = ""
    if facts.at("synthetic"):
        synthetic = "The data are synthetic: they were made by a program."
    return [
        sentences(
            cohort_sentence(facts),
            synthetic,
            exclusion_sentence(facts),
            left_out_sentence(facts),
            split_sentence(facts),
        ),
        sentences(
            protocol_sentence(facts), slice_sentence(facts), readers_sentence(facts)
        ),
        sentences(
            window_sentence(facts),
            bits_sentence(facts),
            features_sentence(facts),
            defaults_sentence(facts),
        ),
    ]

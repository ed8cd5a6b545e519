"""Answers on images, outlines and measurement that more than one checklist asks for."""

from sklearn_orn.study.checklists._answer import (
    Answer,
    absent,
    author,
    filled,
    filled_or,
)
from sklearn_orn.study.methods import _phrases_data as data
from sklearn_orn.study.methods import _phrases_model as model
from sklearn_orn.study.methods._facts import Facts, sentences


def protocol(facts: Facts) -> Answer:
    """Answer how the images were acquired."""
    return filled_or(
        author("Describe scanners and acquisition parameters: no header gave them."),
        data.protocol_sentence(facts),
        places=("protocol",),
        to_do="Add what no header tells: coil, timing after contrast, preparation.",
    )


def readers(facts: Facts) -> Answer:
    """Answer who drew the outlines."""
    text = data.readers_sentence(facts)
    to_do = "Give the experience of each reader, and whether they were blinded."
    if not text:
        return author(to_do)
    use = ""
    if facts.step("icc") is not None:
        use = "Features are averaged over the readers who outlined a lesion."
    return filled(sentences(text, use), "readers", to_do=to_do)


def segmentation(facts: Facts) -> Answer:
    """Item 19: how lesions were outlined."""
    if not facts.from_images:
        return author("Describe how lesions were outlined before they were measured.")
    return filled_or(
        author("Describe how lesions were outlined."),
        data.slice_sentence(facts),
        data.readers_sentence(facts),
        "Where a patient has several lesions, each was measured by itself."
        if facts.clustered
        else "",
        places=("protocol", "readers"),
        to_do="Name the program and its version, and the rules of outlining.",
    )


def preprocessing(facts: Facts) -> Answer:
    """Answer what was done to the images before features were measured."""
    return filled_or(
        author("Describe the processing of the images before the feature table."),
        data.window_sentence(facts),
        data.bits_sentence(facts),
        places=("config", "versions"),
    )


def settings(facts: Facts) -> Answer:
    """Item 55: settings of measurement."""
    if not facts.from_images:
        return author("Share the settings with which the features were measured.")
    return filled_or(
        author("Share the settings with which the features were measured."),
        data.window_sentence(facts),
        data.bits_sentence(facts),
        data.defaults_sentence(facts),
        places=("config", "methods"),
        to_do="Attach study.yaml and results.json, which hold all settings.",
    )


def reliability(facts: Facts) -> Answer:
    """Item 31: agreement of the readers."""
    missing = absent(
        facts,
        "agreement",
        "No second outline, so the reliability of the features is unknown",
        "Let a second reader outline at least 30 lesions, and add them as "
        "mask_<reader>.",
    )
    text = model.icc_sentence(facts)
    if not text:
        return missing
    return filled(
        sentences(text, data.readers_sentence(facts)),
        "agreement",
        "readers",
        to_do="Say whether the readers worked independently of each other.",
    )

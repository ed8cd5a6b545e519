"""Writes what the pages of `features/` include: formulas, values, pictures, names.

Everything comes from the catalogue of `sklearn_orn.texture` and from running its code.
A name without a definition, or a definition without a name, stops the build.
"""

import hashlib
from pathlib import Path

import definitions
import idea_pictures
import numpy as np
import texture_pool
from sphinx.util import logging

import sklearn_orn.texture
from sklearn_orn.texture import FAMILIES, extract_features, family_of, feature_names

LOGGER = logging.getLogger(__name__)

HERE = Path(__file__).parent
FOLDER = HERE.parent / "generated"
DIRECTIONS = {
    "Horzl": "to the right",
    "Vertl": "upwards",
    "45dgr": "up and to the right",
    "135dr": "down and to the right",
}
PAIRS = {
    (1, 0): "right",
    (0, 1): "up",
    (1, 1): "up and right",
    (1, -1): "down and right",
}


def split_name(name):
    """Return the family of a name, the key of its definition, and its variant."""
    family, _ = family_of(name)
    if family == "cooccurrence":
        place, _, key = name.partition(")")
        return family, key, place + ")"
    if family == "run_length":
        variant, _, key = name.partition("_")
        return family, key, variant
    if family == "wavelet":
        return family, name[5:7], name[-1]
    if name.startswith("Perc."):
        return family, "Perc.", name[5:]
    return family, name, ""


def heading(key):
    """Return the heading of a feature on the page of its family."""
    return "Percentiles" if key == "Perc." else key


def say(name):
    """Return what a name stands for, in words."""
    family, key, variant = split_name(name)
    if family == "cooccurrence":
        a, b = (int(number) for number in variant[2:-1].split(","))
        d = max(a, b)
        pixels = "1 pixel" if d == 1 else f"{d} pixels"
        return f"{key} of pairs {pixels} {PAIRS[a // d, b // d]}"
    if family == "run_length":
        return f"{key} of runs {DIRECTIONS[variant]}"
    if family == "wavelet":
        return f"energy of subband {key} at scale {variant}"
    if key == "Perc.":
        return f"percentile {variant.strip('0')}"
    return definitions.__dict__[family.upper()][key][1].split(".")[0].split(":")[0]


def check_definitions():
    """Stop where catalogue and definitions differ."""
    for family in FAMILIES:
        named = {split_name(name)[1] for name in feature_names([family])}
        defined = set(getattr(definitions, family.upper()))
        if named != defined:
            raise ValueError(
                f"definitions.{family.upper()} and the catalogue differ in "
                f"{sorted(named ^ defined)}: mend docs/_ext/definitions.py."
            )


def example_values():
    """Return the features of the 5 x 5 example, its levels taken as they are."""
    families = ("cooccurrence", "run_length", "gradient")
    return extract_features(
        idea_pictures.EXAMPLE - 1,
        np.ones((5, 5)),
        normalization="none",
        families=families,
        bits=dict.fromkeys(families, 2),
    )


def _pool(family):
    patches = texture_pool.patches()
    if family == "histogram":  # the others do not depend on mean and spread
        patches += [patches[2] // 2, 500 + patches[2] // 2, patches[0] // 3 + 340]
    return patches


def _save(figure, name):
    figure.savefig(FOLDER / f"{name}.png", dpi=110)


def write_family(family):
    """Write the fragment of one family, and its pictures."""
    patches = _pool(family)
    values = [
        extract_features(p, np.ones(p.shape), normalization="none", families=[family])
        for p in patches
    ]
    example = example_values()
    names = feature_names([family])
    first = {split_name(name)[1]: name for name in reversed(names)}
    parts = []
    for key, (formula, words) in getattr(definitions, family.upper()).items():
        name = first[key] if key != "Perc." else "Perc.50%"
        picture = f"{family}-{key.strip('.').lower()}"
        found = np.array([value[name] for value in values])
        _save(idea_pictures.extremes(patches, found, name), picture)
        worked = ""
        if name in example:
            worked = f"In the example, `{name}` is {example[name]:.5g}."
        alike = [other for other in names if split_name(other)[1] == key]
        listed = ""
        if len(alike) > 1:
            shown = " ".join(f"`{n}`" for n in alike[:5]) + " …" * (len(alike) > 5)
            listed = f"{len(alike)} features: {shown}\n\n"
        parts.append(
            f"## {heading(key)}\n\n$$\n{formula}\n$$\n\n{words} {worked}\n\n{listed}"
            f"![Patches in which {name} is smallest and largest]"
            f"(/generated/{picture}.png)\n"
        )
    (FOLDER / f"{family}.md").write_text("\n".join(parts), encoding="utf-8")


def write_list():
    """Write the table of all names."""
    lines = ["| | name | what it stands for | family |", "| --- | --- | --- | --- |"]
    for number, name in enumerate(feature_names(), start=1):
        family, key, _ = split_name(name)
        page = family.replace("_", "-")
        anchor = heading(key).lower()
        lines.append(
            f"| F{number} | [`{name}`]({page}.md#{anchor}) | {say(name)} "
            f"| {family.replace('_', ' ').replace('coocc', 'co-occ')} |"
        )
    (FOLDER / "all.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sources():
    """Hash what the pages are made of, so that an unchanged build draws nothing."""
    files = [
        *sorted(Path(sklearn_orn.texture.__file__).parent.glob("*.py")),
        *(HERE / f"{n}.py" for n in ("definitions", "idea_pictures", "texture_pool")),
        Path(__file__),
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def write_all(app):
    """Write everything that is not there or is out of date."""
    check_definitions()
    stamp = FOLDER / "sources.sha256"
    if stamp.exists() and stamp.read_text() == _sources():
        return
    LOGGER.info("drawing the features")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in (
        "window histogram cooccurrence directions run_length gradient autoregressive"
    ).split():
        _save(getattr(idea_pictures, name)(), f"idea-{name.replace('_', '-')}")
    _save(idea_pictures.wavelet(texture_pool.lesion()), "idea-wavelet")
    for family in FAMILIES:
        write_family(family)
    write_list()
    stamp.write_text(_sources())


def setup(app):
    """Write before Sphinx reads."""
    app.connect("builder-inited", write_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""How the images were acquired: Table S1 of a study, read from the headers."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_orn._block_names import parse_block
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._files import head, is_path, split_choice
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._mapped_lesion import unmapped
from sklearn_orn.images._opened import Opened
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._sequence import LesionSequence, as_lesions
from sklearn_orn.images.formats._dicom import (
    Dataset,
    is_dicom,
    items,
    numbers,
    parse_dicom,
    texts_of,
)
from sklearn_orn.images.formats._dicom_image import place_of
from sklearn_orn.images.formats._dicom_series import series_paths

PROTOCOL_COLUMNS = tuple(
    (
        "modality vendor model field_strength_T sequence TR_ms TE_ms "
        "slice_thickness_mm spacing_rows_mm spacing_columns_mm matrix bits_stored "
        "contrast_agent"
    ).split()
)

# Nothing but these is read. Free text that people fill in (descriptions, comments,
# protocol names) is not among them, but for the contrast agent.
_TAGS = (
    "Modality Manufacturer ManufacturerModelName MagneticFieldStrength "
    "ScanningSequence SequenceVariant PulseSequenceName RepetitionTime EchoTime "
    "SliceThickness PixelSpacing Rows Columns BitsStored ContrastBolusAgent "
    "ContrastBolusAgentSequence SharedFunctionalGroupsSequence"
).split()
_MAX_TEXT = 64  # letters, as many as DICOM allows in such an element


def protocol_table(cohort: object) -> pd.DataFrame:
    """Read how each lesion's image was acquired.

    Parameters
    ----------
    cohort : DataFrame of paths, or sequence of Lesion
        One row per lesion; the image of the first reader present counts.

    Returns
    -------
    DataFrame of shape (n_lesions, 13)
        Index of `cohort`. Columns `modality`, `vendor`, `model`, `field_strength_T`,
        `sequence` (ScanningSequence and SequenceVariant, or the pulse sequence),
        `TR_ms`, `TE_ms`, `slice_thickness_mm`, `spacing_rows_mm`,
        `spacing_columns_mm`, `matrix` (rows x columns), `bits_stored` and
        `contrast_agent`. What a header lacks is missing; so is all of an image that
        cannot be read. Nothing that identifies a person is read.

    Examples
    --------
    >>> import numpy as np
    >>> from pydicom.data import get_testdata_file
    >>> from sklearn_orn.images import Lesion, protocol_table
    >>> mask = np.ones((64, 64))
    >>> table = protocol_table([Lesion(get_testdata_file("MR_small.dcm"), mask)])
    >>> table[["vendor", "field_strength_T", "TR_ms", "matrix"]]
            vendor  field_strength_T   TR_ms   matrix
    0  TOSHIBA_MEC               NaN  4000.0  64 x 64
    """
    return protocol_of_sequence(as_lesions(cohort), None)


def protocol_of_sequence(lesions: LesionSequence, sequence: str | None) -> pd.DataFrame:
    """Read the protocol of one of several sequences; None for the first present."""
    rows = [_protocol_of(lesion, sequence) for lesion in lesions]
    table = pd.DataFrame(rows, index=lesions.index, columns=list(PROTOCOL_COLUMNS))
    for column in table:
        if str(column).endswith(("_T", "_ms", "_mm", "_stored")):
            table[column] = pd.to_numeric(table[column])
    return table


def protocol_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Count the values of a protocol table, as a study's Table S1 prints them.

    Parameters
    ----------
    table : DataFrame
        Of `protocol_table`.

    Returns
    -------
    DataFrame
        Columns `item`, `value` and `n_lesions`, the most frequent value first;
        missing ones are counted as "missing".

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.images import protocol_summary
    >>> protocol_summary(pd.DataFrame({"modality": ["MR", None, "MR"]}))
           item    value  n_lesions
    0  modality       MR          2
    1  modality  missing          1
    """
    rows = []
    for column in table.columns:
        texts = [_shown(value) for value in table[column]]
        counts = pd.Series(texts, dtype=object).value_counts(sort=True)
        rows += [(column, value, int(count)) for value, count in counts.items()]
    return pd.DataFrame(rows, columns=["item", "value", "n_lesions"])


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "missing"
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value)


def _rounded(thickness: float | None) -> float | None:
    """Round to 0.01 mm: scanners write 3.27 and 3.26995 for one protocol."""
    return None if thickness is None else round(thickness, 2)


def _protocol_of(made: ReadableLesion, sequence: str | None) -> dict[str, object]:
    lesion = unmapped(made)
    own = (n for n in lesion.readers if sequence in (None, parse_block(n).sequence))
    reader = next(own, None)
    if reader is None or not isinstance(lesion, Lesion):
        return {}
    try:
        path = _first_file(lesion, reader)
        if path is None:
            return {}
        if is_dicom(head(path)):
            return parse_dicom(path, _TAGS, _read)
        image = Opened(lesion).image_file(reader)
    except LesionError:
        return {}
    rows, columns = image.shapes[0]
    spacing = image.places[0].spacing or (None, None)
    return {
        "slice_thickness_mm": _rounded(image.places[0].thickness),
        "spacing_rows_mm": spacing[0],
        "spacing_columns_mm": spacing[1],
        "matrix": f"{rows} x {columns}",
    }


def _first_file(lesion: Lesion, reader: str) -> Path | None:
    source = lesion.image_of(reader)
    if not is_path(source):
        return None
    path = split_choice(source).path
    if os.path.isdir(path):
        path = series_paths(path, lesion.series_of(reader))[0]
    return path


def header_values(lesions: Iterable[ReadableLesion], keyword: str) -> list[str | None]:
    """Read one element of the header of each lesion's image, as text.

    None where it is not there, or the image is no DICOM file that can be read.
    """
    return [_header_value(unmapped(lesion), keyword) for lesion in lesions]


def _header_value(lesion: ReadableLesion, keyword: str) -> str | None:
    if not isinstance(lesion, Lesion):
        return None
    try:
        files = (_first_file(lesion, reader) for reader in lesion.readers)
        path = next(filter(None, files), None)
        if path is None or not is_dicom(head(path)):
            return None
        text = partial(_text_or_number, keyword=keyword)
        return parse_dicom(path, [keyword], text)
    except LesionError:
        return None


def _text_or_number(dataset: Dataset, keyword: str) -> str | None:
    if keyword == "MagneticFieldStrength":
        tesla = _number(dataset, keyword)
        return None if tesla is None else f"{tesla:g} T"
    return _text(dataset, keyword)


def _read(dataset: Dataset) -> dict[str, object]:
    shared = items([dataset], "SharedFunctionalGroupsSequence")[:1]
    place = place_of(dataset, shared)
    spacing = place.spacing or (None, None)
    rows, columns = dataset.get("Rows"), dataset.get("Columns")
    return {
        "modality": _text(dataset, "Modality"),
        "vendor": _text(dataset, "Manufacturer"),
        "model": _text(dataset, "ManufacturerModelName"),
        "field_strength_T": _number(dataset, "MagneticFieldStrength"),
        "sequence": _sequence(dataset),
        "TR_ms": _timing(dataset, shared, "RepetitionTime"),
        "TE_ms": _timing(dataset, shared, "EchoTime", "EffectiveEchoTime"),
        "slice_thickness_mm": _rounded(place.thickness),
        "spacing_rows_mm": spacing[0],
        "spacing_columns_mm": spacing[1],
        "matrix": f"{rows} x {columns}" if rows and columns else None,
        "bits_stored": _number(dataset, "BitsStored"),
        "contrast_agent": _contrast_agent(dataset),
    }


def _sequence(dataset: Dataset) -> str | None:
    parts = [_text(dataset, "ScanningSequence"), _text(dataset, "SequenceVariant")]
    coded = " / ".join(part for part in parts if part)
    return coded or _text(dataset, "PulseSequenceName")


def _timing(dataset: Dataset, shared: list[Dataset], *keywords: str) -> float | None:
    """Read a time in ms at the top level, or in the groups of a multi-frame file."""
    groups = ("MRTimingAndRelatedParametersSequence", "MREchoSequence")
    places = [(dataset, keywords[0])]
    places += [(g, k) for name in groups for g in items(shared, name) for k in keywords]
    times = (_number(item, keyword) for item, keyword in places)
    return next((time for time in times if time is not None), None)


def _contrast_agent(dataset: Dataset) -> str | None:
    coded = items([dataset], "ContrastBolusAgentSequence")[:1]
    text = _text(dataset, "ContrastBolusAgent")
    return _text(coded[0], "CodeMeaning") if text is None and coded else text


def _text(dataset: Dataset, keyword: str) -> str | None:
    text = " ".join(part.strip() for part in texts_of(dataset, keyword))
    text = "".join(letter for letter in text if letter.isprintable())
    return text[:_MAX_TEXT].strip() or None


def _number(dataset: Dataset, keyword: str) -> float | None:
    value = numbers(dataset, keyword, 1)
    return None if value is None else round(float(value[0]), 4)

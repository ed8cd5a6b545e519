"""One row per slice: which slices of a lesion are studied is said before the steps."""

from collections.abc import Hashable
from typing import Literal

import numpy as np
import pandas as pd

from sklearn_orn._block_names import parse_block
from sklearn_orn._messages import shown
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images._areas import roi_areas
from sklearn_orn.images._cells import is_missing
from sklearn_orn.images._files import is_path
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._opened import Opened
from sklearn_orn.images._sequence import lesions_of
from sklearn_orn.images._table_columns import TableColumns, table_columns

__all__ = ["expand_cohort"]


def expand_cohort(
    table: pd.DataFrame,
    section: Literal["largest", "all"] | int = "largest",
    *,
    reader: str | None = None,
) -> pd.DataFrame:
    """Make one row per lesion and slice, with the number of the slice in `section`.

    Parameters
    ----------
    table : DataFrame
        A cohort table, one row per lesion.
    section : {"largest", "all"} or int, default="largest"
        Which slices:

        - "largest": the one on which the ROI is largest in mm2.
        - "all": every slice that some reader drew on. A reader who drew nothing on
          one of them is absent there. `lesion` becomes `<lesion>/<section>`.
        - an int: this slice of every image.
    reader : str or None, default=None
        Whose ROI "largest" goes by; None for the first reader present.

    Returns
    -------
    DataFrame
        With the column `section`, and where a reader has an image of his own
        `section_<reader>`, with several sequences `section_<sequence>`. Rows that have
        a section already keep it. A lesion whose files cannot be read keeps an empty
        section: it is an error when it is read. The index is that of `table`, or 0 to
        n - 1 for "all".

    Raises
    ------
    CohortError
        If `reader` drew no mask, or `section` is "all" and there is no column
        `patient`: slices of one lesion must stay on one side of every split.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"image": ["series"], "mask": ["rs.dcm"]})
    >>> expand_cohort(table, 12)["section"].tolist()
    [12]
    """
    columns = _checked(table, section, reader)
    if not isinstance(section, str):
        rows = table.copy()
        chosen = rows["section"] if "section" in rows else pd.Series(pd.NA, rows.index)
        rows["section"] = chosen.astype("Int64").fillna(section)
        return rows
    lesions = lesions_of(table)
    if section == "all":
        return _every(table, lesions, columns)
    return _largest(table, lesions, columns, reader)


def _checked(
    table: pd.DataFrame, section: str | int, reader: str | None
) -> TableColumns:
    columns = table_columns(table.columns)
    if reader is not None and reader not in columns.readers:
        known = [repr(name) for name in columns.readers if name]
        names = ", ".join(known) or "none by name"
        raise CohortError(f"reader {reader!r} has no mask column; there are {names}.")
    is_slice = isinstance(section, int | np.integer) and not isinstance(section, bool)
    if section not in ("largest", "all") and not (is_slice and int(section) >= 0):
        raise CohortError(
            f"section is {shown(section)}; expected 'largest', 'all' or a whole number "
            "from 0."
        )
    if section == "all" and "patient" not in table.columns:
        raise CohortError(
            "section='all' makes several rows of one lesion, and the table has no "
            "column 'patient'; expected one, to keep them on one side of every split."
        )
    return columns


def _largest(
    table: pd.DataFrame,
    lesions: list[Lesion],
    columns: TableColumns,
    reader: str | None,
) -> pd.DataFrame:
    of_column = _section_columns(table, columns)
    found: dict[str, list[int | None]] = {column: [] for column in of_column}
    for lesion in lesions:
        for column, of_blocks in of_column.items():
            found[column].append(_largest_of(lesion, of_blocks, reader))
    rows = table.copy()
    for column, sections in found.items():
        rows[column] = pd.array(sections, dtype="Int64")
    return rows


def _section_columns(
    table: pd.DataFrame, columns: TableColumns
) -> dict[str, list[str]]:
    """Group the blocks by the column that holds the number of their slice."""
    found: dict[str, list[str]] = {}
    for name, block in columns.blocks.items():
        own = [image.removeprefix("image") for image in block.own_images]
        found.setdefault(f"section{[*own, *block.common][0]}", []).append(name)
    for name in columns.choices():
        if name.startswith("section") and name in table.columns:
            found.setdefault(name, [])
    return found


def _largest_of(lesion: Lesion, blocks: list[str], wanted: str | None) -> int | None:
    present = [name for name in blocks if name in lesion.readers]
    present = [n for n in present if parse_block(n).reader == wanted] or present
    if not present:
        return None
    opened = Opened(lesion)
    try:
        if (chosen := lesion.section_of(present[0])) is not None:
            return chosen
        image = _image(opened, present[0])
        if image is None:
            return None
        if len(image) == 1:
            return 0
        if opened.drawn_elsewhere(present[0]):
            return None  # the slice nearest to that of its sequence, when it is read
        return int(np.argmax(roi_areas(image, *opened.rois(present[0]))))
    except LesionError:
        return None


def _every(
    table: pd.DataFrame, lesions: list[Lesion], columns: TableColumns
) -> pd.DataFrame:
    if columns.sequences or any(b.own_images for b in columns.blocks.values()):
        raise CohortError(
            "section='all' needs one image per lesion, and the table has images of "
            f"{'several sequences' if columns.sequences else 'single readers'}: their "
            "slices do not belong together. Use 'largest'."
        )
    masks = {name: block.masks[0] for name, block in columns.blocks.items()}
    rows: list[dict[Hashable, object]] = []
    for lesion, record in zip(lesions, table.to_dict("records"), strict=True):
        rows.extend(_slices_of(lesion, record, masks))
    expanded = pd.DataFrame(
        rows, columns=[*table.columns.drop("section", errors="ignore"), "section"]
    )
    expanded["section"] = expanded["section"].astype("Int64")
    return expanded


def _slices_of(
    lesion: Lesion, record: dict[Hashable, object], columns: dict[str, str]
) -> list[dict[Hashable, object]]:
    try:
        areas = {} if not is_missing(record.get("section")) else _all_areas(lesion)
    except LesionError:
        return [{**record, "section": pd.NA}]
    if not areas:
        return [record if "section" in record else {**record, "section": pd.NA}]
    rows = []
    for section in np.flatnonzero(np.any(list(areas.values()), axis=0)):
        row = {**record, "section": int(section)}
        for reader, column in columns.items():
            if reader in areas and not areas[reader][section]:
                row[column] = None
        if not is_missing(record.get("lesion")):
            row["lesion"] = f"{record['lesion']}/{section}"
        rows.append(row)
    return rows


def _all_areas(lesion: Lesion) -> dict[str, np.ndarray]:
    """Measure each reader's ROI on every slice; empty for an image of one slice."""
    areas, opened = {}, Opened(lesion)
    for reader in lesion.readers:
        image = _image(opened, reader)
        if image is None or len(image) == 1:
            return {}
        areas[reader] = roi_areas(image, *opened.rois(reader))
    return areas


def _image(opened: Opened, reader: str) -> ImageFile | None:
    """Open the image of a reader; None for what is no file."""
    source = opened.lesion.image_of(reader)
    if is_missing(source) or not is_path(source):
        return None
    return opened.image_file(reader)

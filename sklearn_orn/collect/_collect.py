"""From a folder of any depth to a cohort table, without a silent guess."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from sklearn_orn._progress import Progress, no_progress
from sklearn_orn.collect._arrange import check_empty
from sklearn_orn.collect._collected import Collected
from sklearn_orn.collect._outcomes import Clinical
from sklearn_orn.collect._search import Search
from sklearn_orn.collect._sequences import check_sequences
from sklearn_orn.collect._settings import Choices


def collect(
    folder: str | os.PathLike[str],
    *,
    clinical: str | os.PathLike[str] | None = None,
    id: str | None = None,
    ignore_zeros: bool = False,
    series: str | None = None,
    protocol: str | None = None,
    readers: Mapping[str, str] | None = None,
    sequences: Mapping[str, str] | None = None,
    roi: str | None = None,
    leave_out: str | None = None,
    patient: str | None = None,
    outlines: str | None = None,
    ids: Literal["number", "own"] = "number",
    arrange: str | os.PathLike[str] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Make a cohort table of a folder as the hospital has it.

    All files below the folder are told by their headers: a PACS export with files
    without extension, one folder for each patient, volumes with outlines beside them
    or in folders by reader. Series are grouped, outlines joined to images by the UIDs
    that they refer to, the frame of reference and the position, else by folder and
    name; readers are told by what differs between outlines of one place.

    Parameters
    ----------
    folder : path
        Of any depth.
    clinical : path or None, default=None
        A table with the outcomes, one row a patient, or a lesion: a column then names
        its ROI.
    id : str or None, default=None
        Its column of ids, which are those of the headers or names of folders; None
        takes the only column that holds them.
    ignore_zeros : bool, default=False
        Whether `7` is the patient `007`.
    series : str or None, default=None
        Regular expression: number and description of the series to measure.
    protocol : str or None, default=None
        The series in words, such as ``"axial CE-T1"``: plane, contrast agent (``CE``
        or ``native``), sequence and modality.
    readers : mapping of str to str or None, default=None
        Regular expression of the paths and ROIs of each reader.
    sequences : mapping of str to str or None, default=None
        Regular expression of number and description of each of several series that
        are measured, such as ``{"CE-T1": "KM", "T1": "tra$"}``; the one that was drawn
        on is among them. Each is a column ``image_<name>``.
    roi : str or None, default=None
        Regular expression of the names of the ROIs that are lesions.
    leave_out : str or None, default=None
        Regular expression of paths, from `folder`, that are passed over.
    patient : str or None, default=None
        Regular expression of the part of a path that names the patient.
    outlines : str or None, default=None
        Regular expression of the paths of volumes and pictures that are outlines; None
        tells them by their names (``mask``, ``seg``, ``label``, ``roi``, ``outline``,
        ``contour``), as 3D Slicer's, or as volumes packed to next to nothing.
    ids : {"number", "own"}, default="number"
        What patients are called: P001 and so on, or as the header or folder does.
    arrange : path or None, default=None
        A new folder, into which what the table names is linked (or copied, where the
        disk has no links) under names that tell nothing of the patient.
    n_jobs : int or None, default=None
        Number of processes that read headers.
    progress : callable or None, default=None
        Called with the step, the number done and the total.

    Returns
    -------
    Collected
        The table, what is left over, guesses and questions.

    Raises
    ------
    CohortError
        If the folder or the table of outcomes cannot be read.

    See Also
    --------
    sklearn_orn.images.check_cohort : Reads all of the table, and says what is wrong.

    Notes
    -----
    No name, date or id of a header is in the result, except with ``ids="own"``; the
    paths of the table are those of the folder. A description of a series, or a name of
    an ROI, is shown where two patients have it.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_orn.collect import collect
    >>> from sklearn_orn.datasets import make_cohort
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cohort = make_cohort(folder, random_state=0)
    ...     found = collect(folder)
    >>> len(found.table) == len(cohort), found.questions
    (True, ())
    >>> list(found.table.columns)
    ['lesion', 'patient', 'image', 'mask_a', 'mask_b']
    """
    report = progress or no_progress
    choices = Choices.of(
        series=series,
        protocol=protocol,
        readers=readers,
        sequences=sequences,
        roi=roi,
        leave_out=leave_out,
        patient=patient,
        outlines=outlines,
    )
    if sequences:
        check_sequences(list(sequences))
    if arrange is not None:
        check_empty(Path(arrange))
    search = Search(Path(folder), choices, n_jobs, report)
    search.read(ids == "own")
    search.join()
    table = search.table(None if arrange is None else Path(arrange))
    if clinical is not None and len(table):
        outcomes = Clinical(Path(clinical), id, search.keys(table), ignore_zeros)
        if outcomes.rows:
            titles = [search.titles[name] for name in table["lesion"]]
            further = outcomes.joined(table["patient"].tolist(), titles)
            table = pd.concat([table, further.set_index(table.index)], axis=1)
        search.guesses += outcomes.guesses
        search.questions += outcomes.questions
    return Collected(
        table,
        search.left_over(),
        tuple(search.guesses),
        tuple(search.questions),
        search.candidates(),
    )

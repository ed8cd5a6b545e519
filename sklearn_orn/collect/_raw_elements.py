"""Elements of a DICOM header as they stand in the file."""

from __future__ import annotations

from typing import NamedTuple

from sklearn_orn.images.shared import Dataset, as_text

TAG_OF = {
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "Modality": 0x00080060,
    "SeriesDescription": 0x0008103E,
    "PatientID": 0x00100020,
    "ContrastBolusAgent": 0x00180010,
    "ScanningSequence": 0x00180020,
    "RepetitionTime": 0x00180080,
    "EchoTime": 0x00180081,
    "ProtocolName": 0x00181030,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "SeriesNumber": 0x00200011,
    "ImagePositionPatient": 0x00200032,
    "ImageOrientationPatient": 0x00200037,
    "FrameOfReferenceUID": 0x00200052,
    "NumberOfFrames": 0x00280008,
    "Rows": 0x00280010,
    "Columns": 0x00280011,
    "PixelSpacing": 0x00280030,
}
_MOST_MM = 1e6
_UNIT = 2e-3  # by how much axes may miss unit vectors at a right angle
Vector = tuple[float, ...]


class Place(NamedTuple):
    """Where a slice lies, as far as its header tells."""

    position: Vector | None
    orientation: Vector | None
    spacing: Vector | None


class Raw:
    """The elements of a dataset as they stand in the file.

    pydicom's own conversion of each takes three times as long.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def text(self, keyword: str) -> str:
        """Return an element as text, empty where it is absent."""
        value = self._value(keyword)
        text = as_text(value) if isinstance(value, bytes) else str(value or "")
        return "".join(filter(str.isprintable, text)).strip()

    def number(self, keyword: str) -> int:
        """Return a whole number of two bytes, 0 where it is absent."""
        value = self._value(keyword)
        if isinstance(value, bytes):
            little = self._dataset.original_encoding[1] is not False
            return int.from_bytes(value[:2], "little" if little else "big")
        return int(value or 0)

    def time(self, keyword: str) -> float | None:
        """Return a time in ms."""
        found = self.numbers(keyword, 1)
        return None if found is None else found[0]

    def numbers(self, keyword: str, count: int) -> Vector | None:
        """Return numbers that are written as text."""
        try:
            found = tuple(map(float, self.text(keyword).split("\\")))
        except ValueError:
            return None
        fine = len(found) == count and all(abs(value) < _MOST_MM for value in found)
        return found if fine else None

    def place(self) -> Place:
        """Return where the only frame lies."""
        axes = self.numbers("ImageOrientationPatient", 6)
        if axes is not None and not _are_unit(axes[:3], axes[3:]):
            axes = None
        spacing = self.numbers("PixelSpacing", 2)
        if spacing is not None and min(spacing) <= 0:
            spacing = None
        return Place(self.numbers("ImagePositionPatient", 3), axes, spacing)

    def _value(self, keyword: str) -> str | bytes | float | None:
        element = self._dataset.get_item(TAG_OF[keyword])
        return None if element is None else element.value


def _are_unit(first: Vector, second: Vector) -> bool:
    def dot(one: Vector, other: Vector) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    off = (dot(first, first) - 1, dot(second, second) - 1, dot(first, second))
    return max(map(abs, off)) < _UNIT

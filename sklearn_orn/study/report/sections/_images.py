"""The images: their protocol, and some of them."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from sklearn_orn._validation import name_list
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections._shared import needed
from sklearn_orn.study.results import ProtocolValue, Results

PROTOCOL = {
    "modality": "Modality",
    "vendor": "Vendor",
    "model": "Scanner",
    "field_strength_T": "Field strength, T",
    "sequence": "Sequence",
    "TR_ms": "TR, ms",
    "TE_ms": "TE, ms",
    "slice_thickness_mm": "Slice thickness, mm",
    "spacing_rows_mm": "Pixel spacing between rows, mm",
    "spacing_columns_mm": "Pixel spacing between columns, mm",
    "matrix": "Matrix",
    "bits_stored": "Bits stored",
    "contrast_agent": "Contrast agent",
}
MAX_VALUES = 8
MOST_PANELS = 24  # of the montage


def protocol_rows(records: Iterable[ProtocolValue]) -> list[list[str]]:
    """Return each item of the protocol with its values and their lesions."""
    values: dict[str, list[str]] = {}
    for record in records:
        text = f"{record.value} ({record.n_lesions})"
        values.setdefault(PROTOCOL.get(record.item, record.item), []).append(text)
    return [[item, name_list(found, MAX_VALUES)] for item, found in values.items()]


def protocol_table(results: Results) -> b.Table:
    """Return the protocol of the images."""
    images = needed(results.images)
    return b.Table(
        "Protocol of the images",
        b.texts("Item", "Values"),
        protocol_rows(images.protocol),
        f"From their headers; lesions in brackets. Measured slice: {images.slice}.",
    )


def no_images(results: Results) -> Iterator[str]:
    """Say that the features were given."""
    if results.source == "features":
        yield (
            "The features were measured by another program: this report knows nothing "
            "of images, outlines and grey levels."
        )


def montage(results: Results, files: b.Files) -> str:
    """Show some lesions."""
    if files.montage is None or results.source == "features":
        return ""
    spread = results.cohort.n_lesions > MOST_PANELS
    return Markup(
        '<figure id="figure-montage"><img src="data:image/png;base64,{}" '
        'alt="Lesions with the outlines of the readers">\n'
        "<figcaption>Lesions with their outlines{}.</figcaption></figure>"
    ).format(files.montage, ", evenly spread over the table" if spread else "")


SECTION = b.section(
    b.Text(no_images),
    b.TableBlock("protocol", protocol_table, places=("protocol",)),
    b.Html(montage),
)

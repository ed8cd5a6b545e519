"""The font of PDF files: DejaVu Sans with the letters that most figures need.

For each file Matplotlib takes the letters in it out of the font. Nearly all of that
time goes into 6,000 glyphs and into tables of how letters join and where marks go; of
those Latin, Greek and Cyrillic need kerning only, which has a table of its own.
"""

import hashlib
import io
from collections.abc import Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

from sklearn_orn._io.text_files import write_bytes

WHOLE, FEWER = "DejaVu Sans", "DejaVu Sans, fewer letters"
# Latin; Greek and Cyrillic; punctuation; letterlike, arrows, mathematics; shapes.
BLOCKS = (
    *((0x20, 0x250), (0x370, 0x460), (0x2010, 0x2028), (0x2030, 0x20C0)),
    *((0x2100, 0x2300), (0x25A0, 0x2600)),
)
LETTERS = frozenset("\n").union(*(map(chr, range(*block)) for block in BLOCKS))
DROPPED = ("GDEF", "GPOS", "GSUB", "MATH", "FFTM")
FAMILY_NAME = 1  # its number in a font
STYLES: tuple[Literal["normal", "oblique"], ...] = ("normal", "oblique")
WEIGHTS = (400, 700)


def pdf_families(letters: Iterable[str]) -> list[str]:
    """Return the fonts for a PDF with these letters, best first."""
    few = LETTERS.issuperset(letters) and _smaller_font_is_known()
    return [FEWER, WHOLE] if few else [WHOLE]


@cache
def _smaller_font_is_known() -> bool:
    """Make the font known, if it can be kept beside Matplotlib's list of fonts."""
    import fontTools
    from matplotlib import get_cachedir
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    made_of = FEWER, BLOCKS, DROPPED
    for style, weight in product(STYLES, WEIGHTS):
        whole = FontProperties(family=WHOLE, style=style, weight=weight)
        content = Path(findfont(whole)).read_bytes()
        key = hashlib.sha256(content + repr((*made_of, fontTools.version)).encode())
        path = Path(get_cachedir(), f"sklearn-orn-{key.hexdigest()[:16]}.ttf")
        if not path.is_file():
            try:
                write_bytes(path, smaller_font(content))
            except OSError:  # or, on Windows, another process wrote it and reads it
                if not path.is_file():
                    return False
        fontManager.addfont(path)
    return True


def smaller_font(content: bytes) -> bytes:
    """Return a font with our letters, under another name and without such tables."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(
        drop_tables=[*Options().drop_tables, *DROPPED],
        glyph_names=True,
        notdef_outline=True,
        legacy_kern=True,
    )
    subsetter, made = Subsetter(options), io.BytesIO()
    with TTFont(io.BytesIO(content), recalcTimestamp=False) as font:
        subsetter.populate(unicodes=sorted(map(ord, LETTERS)))
        subsetter.subset(font)
        for record in font["name"].names:
            if record.nameID == FAMILY_NAME:
                record.string = FEWER
        font.save(made)
    return made.getvalue()

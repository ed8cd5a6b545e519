"""The font of PDF files: DejaVu Sans with the letters that most figures need.

For each file Matplotlib takes the letters in it out of the font. Nearly all of that
time goes into 6,000 glyphs and into tables of how letters join and where marks go; of
those Latin, Greek and Cyrillic need kerning only, which has a table of its own.
"""

import hashlib
import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sklearn_orn._io.text_files import write_bytes

WHOLE, FEWER = "DejaVu Sans", "DejaVu Sans, fewer letters"
# Latin; Greek and Cyrillic; punctuation; letterlike, arrows, mathematics; shapes.
BLOCKS = ((0x20, 0x250), (0x370, 0x460), (0x2010, 0x2028), (0x2030, 0x20C0))
BLOCKS += ((0x2100, 0x2300), (0x25A0, 0x2600))
LETTERS = frozenset("\n").union(*(map(chr, range(*block)) for block in BLOCKS))
FAMILY_NAME = 1  # its number in a font
FACES = (("normal", 400), ("normal", 700), ("oblique", 400), ("oblique", 700))


def pdf_families(letters: Iterable[str]) -> list[str]:
    """Return the fonts for a PDF with these letters, best first."""
    if not LETTERS.issuperset(letters):
        return [WHOLE]
    _add_smaller_font()
    return [FEWER, WHOLE]


@cache
def _add_smaller_font() -> None:
    """Make the font known; it is kept beside Matplotlib's own list of fonts."""
    import fontTools
    from matplotlib import get_cachedir
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    for style, weight in FACES:
        whole = FontProperties(family=WHOLE, style=style, weight=weight)
        content = Path(findfont(whole)).read_bytes()
        key = hashlib.sha256(content + repr((BLOCKS, fontTools.version)).encode())
        path = Path(get_cachedir(), f"sklearn-orn-{key.hexdigest()[:16]}.ttf")
        if not path.is_file():
            _write(path, smaller_font(content))
        fontManager.addfont(path)


def smaller_font(content: bytes) -> bytes:
    """Return a font with our letters, under another name and without such tables."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(glyph_names=True, notdef_outline=True, legacy_kern=True)
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "MATH", "FFTM"]
    subsetter, made = Subsetter(options), io.BytesIO()
    with TTFont(io.BytesIO(content), recalcTimestamp=False) as font:
        subsetter.populate(unicodes=sorted(map(ord, LETTERS)))
        subsetter.subset(font)
        for record in font["name"].names:
            if record.nameID == FAMILY_NAME:
                record.string = FEWER
        font.save(made)
    return made.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        write_bytes(path, content)
    except PermissionError:  # Windows: another process wrote it and reads it
        if not path.is_file():
            raise

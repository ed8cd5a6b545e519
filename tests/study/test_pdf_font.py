"""PDF files take their letters from a font that has few."""

import io
from pathlib import Path
from unittest.mock import Mock

import matplotlib
import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags

from sklearn_orn.study.report import _pdf_font
from sklearn_orn.study.report._pdf_font import FEWER, WHOLE, pdf_families, smaller_font


def face(family, **names):
    found = font_manager.FontProperties(family=family, **names)
    return font_manager.findfont(found, fallback_to_default=False)


@pytest.mark.parametrize("style", ["normal", "oblique"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_each_face_is_that_of_the_whole_font(style, weight):
    assert pdf_families("Specificity\n") == [FEWER, WHOLE]
    paths = [face(family, style=style, weight=weight) for family in (WHOLE, FEWER)]
    whole, fewer = (FT2Font(str(path)) for path in paths)
    assert (whole.family_name, fewer.family_name) == (WHOLE, FEWER)
    assert whole.postscript_name == fewer.postscript_name  # what a PDF shows
    assert whole.style_name == fewer.style_name


def test_letters_stand_where_they_stood():
    whole = Path(face(WHOLE))
    fonts = [FT2Font(str(whole)), FT2Font(io.BytesIO(smaller_font(whole.read_bytes())))]
    texts = ["AVATO, To. WAVE \N{MINUS SIGN}0.5", "λ ≤ 1 → Łódź", "Тула", "ΑΥΤΟ"]
    sizes = []
    for font in fonts:
        font.set_size(100, 72)
        for text in texts:
            font.set_text(text, 0, flags=LoadFlags.NO_HINTING)
            sizes.append(font.get_width_height())
    assert sizes[: len(texts)] == sizes[len(texts) :]


@pytest.mark.parametrize("letter", ["\u0301", "ش", "姓", "\u202e"])
def test_what_is_joined_or_placed_needs_the_whole_font(letter):
    assert pdf_families(f"A{letter}") == [WHOLE]


@pytest.mark.parametrize("others", [True, False])
def test_where_it_cannot_be_written_another_process_did_or_none(
    others, tmp_path, monkeypatch
):
    def refused(path, content):
        if others:
            Path(path).write_bytes(content)
        raise PermissionError(path)

    monkeypatch.setattr(matplotlib, "get_cachedir", lambda: str(tmp_path))
    monkeypatch.setattr(font_manager, "fontManager", added := Mock())
    monkeypatch.setattr(_pdf_font, "write_bytes", refused)
    assert _pdf_font._smaller_font_is_known.__wrapped__() is others
    paths = [call.args[0] for call in added.addfont.call_args_list]
    assert sorted(paths) == sorted(tmp_path.glob("sklearn-orn-*.ttf"))

"""The search for planted names sees what the files of a study hide."""

import base64
import io

import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sklearn_orn.study.report._svg import STYLE, draw
from tests._every_text import every_text, text_of_pdf

# Kerning, a ligature, brackets that are escaped, and a letter of another font.
NAMES = ("AVATO Zzyxdoe", "Griffith", r"O'Wrzesien (né \)", "XQ-4711", "姓名")


def figure(text, **style):
    made = Figure()
    made.text(0.1, 0.5, text, **style)
    return made


def pdf_of(text, fonttype, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STYLE, "pdf.fonttype", fonttype)
        patch.setattr("sklearn_orn.study.report._svg.PRINT_DPI", 30)
        draw(lambda: figure(text), "name").save(tmp_path)
    return (tmp_path / "name.pdf").read_bytes()


@pytest.mark.parametrize("fonttype", [3, 42], ids=["drafts", "as users get it"])
def test_names_in_a_pdf_are_found(fonttype, tmp_path):
    # Matplotlib 3.10 puts letters of other scripts into a draft as shapes.
    names = NAMES if fonttype == 42 else NAMES[:-1]
    text = f"seen by {', '.join(names)}."
    content = pdf_of(text, fonttype, tmp_path)
    assert text in text_of_pdf(content)
    found = every_text(content)
    for name in names:
        assert name.encode() not in content
        assert name.lower().encode() in found
    none = text_of_pdf(pdf_of("seen by no one", fonttype, tmp_path))
    assert not [name for name in NAMES if name in none]


@pytest.mark.parametrize("fonttype", [3, 42])
def test_a_name_in_a_formula_and_one_in_the_head_of_a_pdf_are_found(fonttype):
    content = io.BytesIO()
    with rc_context({"pdf.fonttype": fonttype}):
        made = figure("$x_1$ Zzyxdoe", rotation=90)
        made.savefig(content, format="pdf", metadata={"Title": "of Qvistberg, né 姓"})
    found = every_text(content.getvalue())
    assert b"zzyxdoe" in found
    assert b"qvistberg" in found


def test_a_name_in_a_png_and_in_a_page_that_holds_it_is_found():
    content, head = io.BytesIO(), PngInfo()
    head.add_text("Comment", "for Ypsilanti", zip=True)
    Image.new("L", (2, 2)).save(content, "PNG", pnginfo=head)
    png = content.getvalue()
    assert b"psilanti" not in png
    assert b"ypsilanti" in every_text(png)
    page = b'<img src="data:image/png;base64,' + base64.b64encode(png) + b'">'
    assert b"ypsilanti" in every_text(page)

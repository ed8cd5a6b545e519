import html
import json
import re
from html.parser import HTMLParser

import pytest

from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study._svg import inline_svg
from tests.study._cohort import make_table, write_cohort
from tests.study.conftest import SETTINGS

NASTY = ('<b onload="x">gut</b>', "<script>alert('ü')</script> & 骨 $x_1$")


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.uses, self.text = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            self.uses.update(re.findall(r"url\(#([^)]*)\)", value or ""))
            if name in ("href", "xlink:href") and value.startswith("#"):
                self.uses.add(value[1:])

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page_of(result):
    return Page(result.report.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def nasty_study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nasty")
    table = make_table(labels=NASTY)
    path = write_cohort(folder, table, readers=("<i>A", '"B" & 名'))
    config = StudyConfig(**SETTINGS | {"positive": NASTY[1]}, split="part")
    return run_study(path, config, folder / "out")


@pytest.mark.parametrize(
    "study", ["two_reader_study", "one_reader_study", "nasty_study"]
)
def test_the_page_needs_nothing_else(study, request):
    page = page_of(request.getfixturevalue(study))
    assert not {tag for tag, _ in page.tags} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "base",
        "b onload",
    }
    for _, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "xlink:href", "data", "action"):
                assert value.startswith("#")
    style = request.getfixturevalue(study).report.read_text(encoding="utf-8")
    assert "@import" not in style
    assert "://" not in style


@pytest.mark.parametrize("study", ["two_reader_study", "one_reader_study"])
def test_figures_share_no_id_and_refer_to_their_own(study, request):
    page = page_of(request.getfixturevalue(study))
    assert len(page.ids) == len(set(page.ids))
    assert page.uses <= set(page.ids)


@pytest.mark.parametrize("study", ["two_reader_study", "one_reader_study"])
def test_every_figure_is_drawn_named_and_explained(study, request):
    page = page_of(request.getfixturevalue(study))
    drawings = page.all("svg")
    assert len(drawings) == 6
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert len(drawing["aria-label"]) > 40
        assert "viewbox" in drawing
    text = "".join(page.text)
    for number in range(1, 7):
        assert f"Figure {number}." in text


def test_text_of_the_table_stays_text(nasty_study):
    page = page_of(nasty_study)
    text = " ".join(page.text)
    for label in NASTY:
        assert label in text
    assert not [attrs for tag, attrs in page.tags if tag == "i"]
    assert "<i>A" in text


def test_numbers_of_the_page_are_those_of_the_results(two_reader_study):
    results = two_reader_study.results
    text = " ".join(page_of(two_reader_study).text)
    for part in results["parts"]:
        assert f"{part['auc']['auc']:.3f}" in text
        for rate in part["performance"].values():
            shown = f"{100 * rate['estimate']:.1f} % ({rate['count']}/{rate['total']})"
            assert shown in text
    for term in results["model"]["coefficients"]:
        assert term["feature"] in text


def test_the_page_says_what_must_be_said(two_reader_study, one_reader_study):
    two = " ".join(page_of(two_reader_study).text)
    one = " ".join(page_of(one_reader_study).text)
    for text in (one, two):
        assert "not a medical device" in text
        assert "Training performance is apparent" in text
        assert "sklearn_orn 0" in text
    assert "Synthetic data." in two
    assert "no ICC filter was applied" in one
    assert "no ICC filter was applied" not in two
    assert "mean AUC" in one
    assert "filled with the training median" in one


def test_tables_are_numbered_in_order(two_reader_study, one_reader_study):
    for study in (two_reader_study, one_reader_study):
        text = study.report.read_text(encoding="utf-8")
        numbers = [int(n) for n in re.findall(r"<b>Table (\d+)\.", text)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) == 5


def test_two_figures_keep_apart():
    svg = (
        '<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" '
        'width="9pt" height="9pt" viewBox="0 0 9 9"><defs><clipPath id="p"/></defs>'
        '<g clip-path="url(#p)"><use xlink:href="#p"/></g><text>url(#p) id="p"</text>'
        "</svg>"
    )
    one = inline_svg(svg, "one", 'A "curve" <b>')
    assert one == (
        '<svg role="img" aria-label="A &quot;curve&quot; &lt;b&gt;" viewBox="0 0 9 9">'
        '<defs><clipPath id="one-p"/></defs><g clip-path="url(#one-p)">'
        '<use href="#one-p"/></g><text>url(#p) id="p"</text></svg>'
    )


def test_the_page_has_no_placeholder(two_reader_study, one_reader_study):
    for study in (two_reader_study, one_reader_study):
        text = html.unescape(" ".join(page_of(study).text))
        assert not re.search(r"\b(None|nan|undefined)\b", text)
        json.dumps(study.results, allow_nan=False)

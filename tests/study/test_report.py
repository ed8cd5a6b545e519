import json
import re
from dataclasses import replace

import pytest

from sklearn_orn.study.checklists._places import PLACES
from sklearn_orn.study.report._blocks import FigureBlock, TableBlock
from sklearn_orn.study.report._names import (
    figure_files,
    is_plain_name,
    is_study_file,
    table_csv,
)
from sklearn_orn.study.report._svg import inline_svg
from sklearn_orn.study.report.sections import blocks
from sklearn_orn.study.report.sections._decision import decision_sentence, useful_range
from sklearn_orn.study.report.sections._formula import formula_lines
from sklearn_orn.study.report.sections._lasso import lasso_cv_sentence
from tests.deploy._chromium import drive, dump_dom, needs_chromium
from tests.study._checks import check_report, files_of, page_of, strict
from tests.study._results_example import (
    CONFIG,
    DECISION,
    MODEL,
    VALIDATION,
    example,
)

BOTH = ["two_reader_study", "one_reader_study"]
ALL = [*BOTH, "odd_names_study"]


@pytest.fixture
def page(request):
    return page_of(request.getfixturevalue(request.param))


@pytest.mark.parametrize("page", ALL, indirect=True)
def test_the_page_needs_nothing_else(page):
    outside = {"script", "link", "iframe", "object", "base", "embed", "form"}
    assert not {tag for tag, _ in page.tags} & outside
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if tag == "img" and name == "src":
                assert value.startswith("data:image/png;base64,")
            elif name in ("src", "href", "xlink:href", "data", "action"):
                assert value.startswith("#") or value == "calculator.html"


def test_a_policy_allows_styles_and_pictures_of_the_page_only(one_reader_study):
    (policy,) = [
        meta["content"]
        for meta in page_of(one_reader_study).all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


@needs_chromium
def test_the_browser_draws_the_page_and_runs_no_script(one_reader_study, tmp_path):
    text = one_reader_study.report.read_text(encoding="utf-8")
    script = "<script>document.title = 'run'</script></body>"
    path = tmp_path / "report.html"
    path.write_text(text.replace("</body>", script), encoding="utf-8")
    assert "<title>run</title>" not in dump_dom(path, tmp_path / "profile")
    start = """<meta http-equiv="Content-Security-Policy" content=\""""
    assert start in text
    # written so that `drive` leaves it in place, and with leave for its script
    policy = """<meta content="script-src 'unsafe-inline'; """
    kept = re.sub(
        rf'{start}([^"]*)">',
        rf'{policy}\1" http-equiv="Content-Security-Policy">',
        text,
    )
    drawn = drive(
        kept,
        """
        const picture = document.querySelector("#figure-montage img");
        const svg = document.querySelector("svg").getBoundingClientRect();
        const main = getComputedStyle(document.querySelector("table"));
        report([picture.naturalWidth > 0, svg.width > 100, main.borderCollapse]);
        """,
        tmp_path,
    )
    assert drawn == [True, True, "collapse"]


@pytest.mark.parametrize("study", ALL)
def test_the_page_loads_nothing(study, request):
    text = request.getfixturevalue(study).report.read_text(encoding="utf-8")
    assert "@import" not in text
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    assert "url(" not in style
    for address in re.findall(r"\w+://[^\s<\"]*", text):
        assert address.startswith("https://")  # written out in the references


@pytest.mark.parametrize("study", BOTH)
def test_the_calculator_is_beside_the_page(study, request):
    result = request.getfixturevalue(study)
    links = [a["href"] for a in page_of(result).all("a")]
    assert "calculator.html" in links
    assert (result.report.parent / "calculator.html").is_file()


@pytest.mark.parametrize("page", ALL, indirect=True)
def test_figures_share_no_id_and_refer_to_their_own(page):
    assert len(page.ids) == len(set(page.ids))
    assert page.uses <= set(page.ids)


@pytest.mark.parametrize("study", BOTH)
def test_every_figure_is_drawn_named_and_explained(study, request):
    result = request.getfixturevalue(study)
    page = page_of(result)
    drawings = page.all("svg")
    assert len(drawings) == (14 if study == "two_reader_study" else 11)
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert len(drawing["aria-label"]) > 40
        assert "viewbox" in drawing
    for number in range(1, len(drawings) + 1):
        assert f"Figure {number}." in page.text
    assert f"Figure {len(drawings) + 1}." not in page.text
    assert "Not drawn" not in page.text
    assert page.all("img")[0]["src"].startswith("data:image/png")
    names = {path.name for path in (result.report.parent / "figures").iterdir()}
    drawn = {name.partition(".")[0] for name in names}
    assert len(drawn - {"montage"}) == len(drawings)
    for name in drawn - {"montage"}:
        assert {f"{name}.{suffix}" for suffix in ("svg", "pdf", "png")} <= names


def test_numbers_of_the_page_are_those_of_the_results(two_reader_study):
    results = two_reader_study.results
    text = page_of(two_reader_study).text
    for part in results["parts"]:
        assert f"{part['auc']['auc']:.3f}" in text
        for rate in part["performance"].values():
            shown = f"{100 * rate['estimate']:.1f} % ({rate['count']}/{rate['total']})"
            assert shown in text
    for term in results["model"]["coefficients"]:
        assert term["feature"] in text
    for row in results["optimism"]["measures"]:
        assert row["name"] in text
    assert results["models"]["verdict"] in text


def test_the_page_says_what_must_be_said(two_reader_study, one_reader_study):
    two, one = page_of(two_reader_study).text, page_of(one_reader_study).text
    for text in (one, two):
        assert "not a medical device" in text
        assert "Training performance is apparent" in text
        assert "sklearn_orn 0" in text
        assert "No clinical columns are named" in text
        assert "It was switched off (sensitivity: false)." in text
    assert "Synthetic data." in two
    assert "no ICC filter was applied" in one
    assert "no ICC filter was applied" not in two
    assert "mean AUC" in one
    assert "filled with the training median" in one


@pytest.mark.parametrize("study", ALL)
def test_figures_and_tables_are_numbered_in_order(study, request):
    result = request.getfixturevalue(study)
    text = result.report.read_text(encoding="utf-8")
    figures = [int(n) for n in re.findall(r"<b>Figure (\d+)\.", text)]
    assert figures == list(range(1, len(figures) + 1))
    numbers = [int(n) for n in re.findall(r"<b>Table (\d+)\.", text)]
    assert numbers == list(range(1, len(numbers) + 1))
    names = {path.stem for path in (result.report.parent / "tables").iterdir()}
    shown = set(re.findall(r'<table id="table-([^"]*)"', text))
    lesions = {"instability"}
    if result.numbers.config.clinical:
        lesions |= {"models-instability-lesions"}
    assert names - shown == {
        "stability",
        *lesions,
        "clear",
        "tripod-ai",
        "probast-ai",
        "metrics",
    }
    assert len(shown) == len(numbers) >= 9


@pytest.mark.parametrize("study", ALL)
def test_the_manifest_lists_every_file_of_the_folder(study, request):
    folder = request.getfixturevalue(study).report.parent
    names = {path.relative_to(folder).as_posix() for path in files_of(folder)}
    listed = strict(folder / "manifest.json")["outputs"]
    assert listed == sorted(names - {"manifest.json"})
    for name in listed:
        assert is_study_file(name)  # so that one of the user's is refused at once


def test_the_list_of_sections_names_every_file_once():
    for kind in (FigureBlock, TableBlock):
        keys = [block.key for block in blocks() if isinstance(block, kind)]
        assert len(keys) == len(set(keys)) > 10
        for key in keys:
            names = figure_files(key) if kind is FigureBlock else [table_csv(key)]
            assert all(is_study_file(name) and is_plain_name(name) for name in names)
    assert figure_files("roc") == [f"figures/roc.{x}" for x in ("svg", "pdf", "png")]
    assert is_plain_name("tables/nothing.csv")
    assert not is_study_file("tables/nothing.csv")
    assert not is_plain_name("tables/../../auc.csv")
    shown = [
        block for block in blocks() if getattr(block, "key", "") != "icc-perturbed"
    ]
    # It stands in the place of the agreement of the readers.
    places = [p for block in shown for p in getattr(block, "places", ())]
    assert len(places) == len(set(places))
    assert set(places) <= set(PLACES)


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


def test_a_colour_is_no_reference():
    svg = (
        '<svg viewBox="0 0 9 9"><pattern id="h"><path fill="#d55e00" stroke="#abc"/>'
        '</pattern><path style="fill: url(#h)"/><use href="#gone"/></svg>'
    )
    inside = inline_svg(svg, "waterfall", "").split(">", 1)[1]
    assert inside == (
        '<pattern id="waterfall-h"><path fill="#d55e00" stroke="#abc"/>'
        '</pattern><path style="fill: url(#waterfall-h)"/><use href="#gone"/></svg>'
    )


@pytest.mark.parametrize("study", BOTH)
def test_every_colour_of_the_page_is_one_and_every_reference_has_its_id(study, request):
    text = request.getfixturevalue(study).report.read_text("utf-8")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert any("<pattern" in svg for svg in drawings)  # hatched bars
    for svg in drawings:
        for name in ("fill", "stroke"):
            colours = re.findall(rf'\b{name}(?:: ?|=")(#[^";]*)', svg)
            wrong = [c for c in colours if not re.fullmatch("#[0-9a-f]{6}", c)]
            assert not wrong
        ids = set(re.findall(r'\bid="([^"]*)"', svg))
        assert set(re.findall(r'(?:url\(|href=")#([^")]*)', svg)) <= ids


@pytest.mark.parametrize("study", BOTH)
def test_the_page_has_no_placeholder(study, request):
    result = request.getfixturevalue(study)
    check_report(result)
    json.dumps(result.results, allow_nan=False)


@pytest.mark.parametrize("part", [0, 1])
def test_the_caption_of_the_penalty_names_the_right_line(two_reader_study, part):
    results = two_reader_study.numbers
    lasso = results.model.lasso

    def told(penalty):
        chosen = replace(lasso, lambda_chosen=penalty)
        model = replace(results.model, lasso=chosen)
        return lasso_cv_sentence(replace(results, model=model))

    sides = (
        ("lambda_min", "left dotted line) has the lowest"),
        (
            "lambda_1se",
            "right dotted line) is the largest within one standard error",
        ),
    )
    key, words = sides[part]
    assert words in told(getattr(lasso, key))
    assert "λ = 0.123 was given" in told(0.123)


@pytest.mark.parametrize(
    ("lower", "limits", "told"),
    [
        (0.05, None, "At threshold probabilities from 0.20 to 0.40"),
        (-0.05, None, "but at none with 5 or more lesions on either side"),
        (0.05, (0.3, 0.5), "At threshold probabilities from 0.30 to 0.40"),
        (0.05, (0.5, 0.6), "At no threshold probability in the clinical range from"),
    ],
)
def test_a_benefit_is_claimed_from_the_lower_limits(lower, limits, told):
    at = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    better = [0.1, 0.1, 0.1, 0.1, -0.1, -0.1]
    low = [lower if gain > 0 else gain for gain in better]
    curve = replace(
        DECISION,
        threshold=at,
        model=better,
        over_all=better,
        model_lower=low,
        over_all_lower=low,
        above=[44, 30, 20, 10, 8, 3],
        below=[3, 17, 27, 37, 39, 44],
    )
    part = replace(VALIDATION, prevalence=0.2, decision_curve=curve)
    config = replace(CONFIG, threshold_range=limits)
    sentence = decision_sentence(example(parts=(part,), config=config))
    assert sentence.startswith(told) or told in sentence
    assert sentence.endswith("The prevalence is set to 20\N{NO-BREAK SPACE}%.")
    assert ("are pale" in sentence) is (limits is None)


def test_the_useful_range_is_where_the_model_beats_both():
    curve = replace(
        DECISION,
        threshold=(0.0, 0.1, 0.2, 0.3),
        model=(0.5, 0.5, 0.4, 0.2),
        over_all=(0.0, 0.1, 0.1, 0.0),
        model_lower=(0.3, 0.3, 0.1, -0.1),
        over_all_lower=(0.0, -0.1, 0.1, -0.2),
        above=(40, 30, 20, 10),
        below=(0, 10, 20, 30),
    )
    assert useful_range(curve, None, certain=True) == (0.2, 0.2)
    assert useful_range(curve, None, certain=False) == (0.1, 0.2)
    assert useful_range(curve, (0.0, 0.1), certain=True) is None
    unknown = replace(curve, model_lower=(0.3, 0.3, None, -0.1))
    assert useful_range(unknown, None, certain=True) is None


def test_the_formula_has_the_intercept_first_and_true_signs():
    term = replace(MODEL.coefficients[0], feature="Mean", coefficient=0.25)
    model = replace(MODEL, intercept=-1.5, coefficients=(term,))
    lines = formula_lines(model)
    assert lines == [("\N{MINUS SIGN}", "1.5000", ""), ("+", "0.25000", "Mean")]

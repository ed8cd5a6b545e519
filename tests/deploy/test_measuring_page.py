"""The page that measures, as one file and at work in Chromium."""

import json
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from sklearn.pipeline import make_pipeline

from sklearn_orn import NomogramClassifier, cli
from sklearn_orn.cli._own_files import is_calculator
from sklearn_orn.deploy import ModelFile, calculator_page, predict_cohort, save_model
from sklearn_orn.exceptions import ModelFileError
from tests.deploy._browser import Browser
from tests.deploy._chromium import needs_chromium
from tests.deploy._models import STAGES
from tests.deploy.test_calculator import EVIL, Elements
from tests.images._make import write_image, write_png

MOST_BYTES = 1_000_000
USE = "Research use only, not a medical device"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("browser") / "profile")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(stored, tmp_path_factory):
    """Name -> the path of the page of a model."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name in ("images", "image_score"):
        made[name] = folder / f"{name}.html"
        page = calculator_page(ModelFile.read(stored[name]), measure=True)
        made[name].write_text(page, encoding="utf-8")
    return made


def text(browser, name):
    return browser.run(f"document.getElementById({name!r}).textContent")


def value(browser, name):
    return float(browser.run(f"document.getElementById({name!r}).dataset.value"))


def open_image(browser, path):
    browser.drop("#drop-image", path)
    browser.until("!document.getElementById('stage').hidden")
    assert browser.run("document.getElementById('refusal').hidden"), text(
        browser, "refusal"
    )


def add_outline(browser, path, reader=0):
    browser.run(f"document.querySelectorAll('[name=reader]')[{reader}].click()")
    browser.drop("#drop-outline", path)
    told = f"document.querySelectorAll('.reader small')[{reader}].textContent"
    browser.until(f"/\\d/.test({told})")


def type_into(browser, number, typed):
    browser.run(
        f"""(() => {{ const field = document.getElementById("c{number}");
        field.value = {typed!r}; field.dispatchEvent(new Event("input")); }})()"""
    )


def until_pixels(browser, number, same=True):
    told = "document.querySelector('.reader small').textContent"
    browser.until(f"{told}.startsWith('{number} ') === {str(same).lower()}")


def done(browser):
    """Wait for the result and all that follows it."""
    browser.until("!document.getElementById('save').disabled")


def saved(browser, path):
    """Press 'Save as JSON' and write to a file what the page gives to the disk."""
    browser.run("URL.createObjectURL = (blob) => { window.made = blob; return '#'; }")
    browser.run("document.getElementById('save').click()")
    path.write_text(browser.run("window.made.text()"), encoding="utf-8")
    return json.loads(path.read_text("utf-8"))


def test_the_command(stored, tmp_path, capsys):
    out = tmp_path / "page.html"
    for _ in range(2):  # what it wrote it may write again
        command = ["calculator", str(stored["images"]), "--out", str(out), "--measure"]
        assert cli.main(command) == 0
    assert capsys.readouterr().out.endswith(f"Calculator: {out}\n")
    assert is_calculator(out)
    assert out.stat().st_size < MOST_BYTES


def test_the_page_loads_nothing(pages):
    page = pages["image_score"].read_text("utf-8")
    for tag, attributes in Elements(page).found:
        assert not {"src", "href", "action", "srcset"} & set(attributes), tag
        assert not any(key.startswith("on") for key in attributes), tag
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts["default-src"] == "'none'"
    assert parts["worker-src"] == "blob:"
    assert set(parts) <= {
        *("default-src", "style-src", "script-src", "worker-src", "img-src"),
        *("base-uri", "form-action"),
    }
    assert "unsafe-inline" not in parts["script-src"]
    built = files("sklearn_orn.deploy") / "page" / "built"
    ours = page.replace((built / "codecs.js").read_text("utf-8"), "")
    assert len(ours) < len(page)
    for word in ("fetch(", "XMLHttpRequest", "WebSocket", "innerHTML", "localStorage"):
        assert word not in ours  # of codecs the policy sees to it
    assert USE in page


def test_every_control_has_a_name(pages):
    elements = Elements(pages["image_score"].read_text("utf-8")).found
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(ids) == len(set(ids))
    labelled = {a["for"] for tag, a in elements if tag == "label"}
    for tag, attributes in elements:
        if tag == "input" and attributes["type"] != "file" or tag == "select":
            assert attributes["id"] in labelled
        if tag == "button":
            named = {"data-t", "data-t-label", "id"} & set(attributes)
            assert named
        for name in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(name, ids[0]) in ids


def test_a_model_of_a_table_is_refused(stored_model):
    with pytest.raises(ModelFileError):
        calculator_page(stored_model("features"), measure=True)


@needs_chromium
def test_image_and_outlines_give_the_probability_of_predict(
    browser, pages, stored, models, tmp_path, capsys
):
    _, cohort = models["image_score"]
    row = cohort.iloc[[5]]
    model = ModelFile.read(stored["image_score"])
    wanted = predict_cohort(model, row).table.iloc[0]
    browser.open(pages["image_score"])
    open_image(browser, tmp_path / row["image"].iloc[0])
    for reader, column in enumerate(("mask_A", "mask_B")):
        add_outline(browser, tmp_path / row[column].iloc[0], reader)
    type_into(browser, 0, f"{row['age'].iloc[0]:g},0")
    type_into(browser, 1, str(STAGES.index(row["stage"].iloc[0])))
    done(browser)
    assert value(browser, "probability") == pytest.approx(
        wanted["probability"], rel=1e-9
    )
    assert value(browser, "score") == pytest.approx(wanted["score"], abs=1e-9)
    flags = browser.run(
        "[...document.querySelectorAll('#flags li')].map((x) => x.textContent)"
    )
    assert "; ".join(flags) == wanted["flags"]
    assert USE in browser.run("document.querySelector('.result').innerText")
    moved = text(browser, "moved")
    low, high = (float(x.strip("<>")) for x in re.findall(r"[<>]?\d\.\d+", moved)[:2])
    assert low <= high and "20" in moved
    assert (
        len(browser.run("[...document.querySelectorAll('#strip tr')].map((x) => 1)"))
        == 6
    )
    assert re.fullmatch(
        r"\d+ % of the training lesions have a lower score\.", text(browser, "position")
    )
    assert browser.errors == []

    path = tmp_path / "measured.json"
    found = saved(browser, path)
    told = json.dumps(found)
    assert row["lesion"].iloc[0] not in told and "1.2.826" not in told
    command = ["predict", str(stored["image_score"])]
    image = str(row["image"].iloc[0])
    assert cli.main([*command, "--check", str(path)]) == 0
    assert cli.main([*command, image, "--check", str(path)]) == 0
    assert "2 outlines measured again" in capsys.readouterr().out

    feature = next(iter(found["readers"][1]["features"]))
    found["readers"][1]["features"][feature] *= 1 + 1e-8
    path.write_text(json.dumps(found), encoding="utf-8")
    assert cli.main([*command, image, "--check", str(path)]) == 2
    assert f"readers[1].features.{feature} is" in capsys.readouterr().err


@needs_chromium
def test_a_polygon_is_drawn_with_the_keys_alone(
    browser, pages, stored, models, tmp_path
):
    image = tmp_path / models["images"][1]["image"].iloc[0]
    browser.open(pages["images"])
    open_image(browser, image)
    browser.run("document.getElementById('canvas').focus()")
    browser.key("o")
    browser.key("ArrowLeft")  # the cross appears in the middle
    for way, times in (("ArrowLeft", 9), ("ArrowUp", 9), ("ArrowRight", 18)):
        browser.key(way, times)
        browser.key("Enter")
    browser.key("ArrowDown", 18)
    browser.key("Enter")
    assert text(browser, "announcement").startswith("Vertex 4 at column ")
    browser.key("c")
    done(browser)
    path = tmp_path / "drawn.json"
    (reader,) = saved(browser, path)["readers"]
    ((first, *others),) = reader["polygons"]
    assert len(others) == 3
    command = ["predict", str(stored["images"]), str(image), "--check", str(path)]
    assert cli.main(command) == 0
    n_pixels = sum(reader["runs"][1::2])
    browser.key("e")
    browser.key("n")
    browser.key("ArrowRight", 3)
    until_pixels(browser, n_pixels, same=False)
    done(browser)
    assert saved(browser, path)["readers"][0]["polygons"][0][0][0] == first[0] + 3
    for _ in range(3):
        browser.ask("Input.dispatchKeyEvent", type="keyDown", key="z", modifiers=2)
    until_pixels(browser, n_pixels)
    assert browser.errors == []


@needs_chromium
def test_freehand_and_a_dragged_vertex(browser, pages, models, tmp_path):
    image = tmp_path / models["images"][1]["image"].iloc[0]
    browser.open(pages["images"])
    open_image(browser, image)
    box = browser.run(
        """(() => { const canvas = document.getElementById("canvas");
        canvas.scrollIntoView({ block: "center" });
        const { x, y, width, height } = canvas.getBoundingClientRect();
        return [x + width / 2, y + height / 2]; })()"""
    )
    x, y = box
    browser.run("document.querySelector('[data-tool=freehand]').click()")
    angles = np.linspace(0, 2 * np.pi, 24)
    around = [(x + 100 * np.cos(a), y + 100 * np.sin(a)) for a in angles]
    browser.mouse("mousePressed", *around[0])
    for place in around[1:]:
        browser.mouse("mouseMoved", *place, buttons=1)
    browser.mouse("mouseReleased", *around[-1])
    done(browser)
    before = text(browser, "readers")
    browser.run("document.querySelector('[data-tool=edit]').click()")
    browser.mouse("mousePressed", *around[0])
    browser.mouse("mouseMoved", x + 200, y, buttons=1)
    browser.mouse("mouseReleased", x + 200, y)
    assert text(browser, "readers") != before
    browser.run("document.getElementById('undo').click()")
    assert text(browser, "readers") == before
    browser.run("document.getElementById('delete').click()")
    assert "not drawn" in text(browser, "readers")
    assert text(browser, "probability") == "\u2013"
    assert browser.errors == []


@needs_chromium
def test_what_is_refused_is_told_and_runs_nothing(browser, pages, models, tmp_path):
    image = tmp_path / models["images"][1]["image"].iloc[0]
    browser.open(pages["images"])
    name = "'><img src=x onerror=evil=1>.dcm"
    bad = tmp_path / name
    bad.write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 300)
    browser.drop("#drop-image", bad)
    browser.until("!document.getElementById('refusal').hidden")
    refusal = text(browser, "refusal")
    assert refusal.startswith("Refused: ") and "fault of the page" not in refusal
    open_image(browser, image)
    write_png(tmp_path / "other.png", np.ones((7, 9), np.uint8))
    browser.drop("#drop-outline", tmp_path / "other.png")
    browser.until("!document.getElementById('refusal').hidden")
    refusal = text(browser, "refusal")
    assert refusal.startswith("Refused: ") and "fault of the page" not in refusal
    assert "not drawn" in text(browser, "readers")
    assert browser.run("window.evil") is None
    assert browser.errors == []


@needs_chromium
def test_hostile_names_of_a_model_stay_texts(browser, cohort, models, tmp_path):
    pipeline, _ = models["images"]
    for number, name in enumerate(EVIL):
        path = tmp_path / f"{number}.json"
        save_model(path, pipeline, title=name, class_names=("no", name))
        page = tmp_path / f"{number}.html"
        page.write_text(calculator_page(ModelFile.read(path), measure=True), "utf-8")
        browser.open(page)
        shown = browser.run("document.querySelector('h1').textContent")
        assert shown == name
        assert name in browser.run("document.querySelector('.result dt').textContent")
        assert browser.run("window.evil") is None
        assert browser.errors == []


@needs_chromium
def test_a_phone_shows_the_result(browser, pages, models, tmp_path):
    row = models["images"][1].iloc[0]
    browser.open(pages["images"], width=380, height=800)
    assert "larger screen" in browser.run("document.querySelector('main').innerText")
    open_image(browser, tmp_path / row["image"])
    assert (
        browser.run("document.getElementById('canvas').getBoundingClientRect().width")
        == 0
    )
    add_outline(browser, tmp_path / row["mask_A"])
    done(browser)
    assert 0 < value(browser, "probability") < 1
    assert browser.run("document.documentElement.scrollWidth") <= 380


@needs_chromium
def test_every_language_fits(browser, pages, models, tmp_path):
    row = models["image_score"][1].iloc[0]
    browser.open(pages["image_score"])
    open_image(browser, tmp_path / row["image"])
    english = browser.run("document.querySelector('main').innerText")
    for language in ("de", "zh"):
        browser.run(f"document.querySelector('#languages [lang={language}]').click()")
        assert browser.run("document.documentElement.lang") == language
        assert browser.run("document.querySelector('main').innerText") != english
        cut = browser.run(
            """[...document.querySelectorAll("button, label, h2, dt")]
            .filter((x) => x.scrollWidth > x.clientWidth + 1 && x.clientWidth)
            .map((x) => x.textContent)"""
        )
        assert cut == []
        assert browser.run("document.documentElement.scrollWidth") <= 1280


@needs_chromium
def test_slices_are_turned_and_the_largest_is_measured(
    browser, pages, stored, tmp_path
):
    rng = np.random.default_rng(0)
    series = tmp_path / "series"
    series.mkdir()
    for number in range(4):
        pixels = rng.integers(900, 1300, size=(40, 40)).astype(np.uint16)
        write_image(
            series / f"{number}.dcm",
            pixels,
            PixelSpacing=[0.5, 0.5],
            ImagePositionPatient=[0, 0, 3 * number],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            SeriesInstanceUID="1.2.826.0.1.1",
            SOPInstanceUID=f"1.2.826.0.1.1.{number + 1}",
            FrameOfReferenceUID="1.2.826.0.1.2",
        )
    browser.open(pages["images"])
    browser.give("#image-folder", series)
    browser.until("!document.getElementById('stage').hidden")
    assert text(browser, "slice-of") == "3 of 4"
    assert [text(browser, f"letter-{side}") for side in ("left", "top")] == ["R", "A"]
    browser.run("document.getElementById('canvas').focus()")
    browser.key("ArrowUp")
    assert text(browser, "slice-of") == "2 of 4"
    browser.key("PageDown")
    browser.key("PageDown")
    assert text(browser, "slice-of") == "4 of 4"
    for size in (8, 12):
        browser.key("o")
        browser.key("ArrowLeft")
        for way in ("ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"):
            browser.key(way, size)
            browser.key("Enter")
        browser.key("c")
        browser.key("PageUp")
    told = "Slice 3, where the outline is largest, is measured."
    assert text(browser, "measured-slice") == told
    done(browser)
    path = tmp_path / "measured.json"
    assert saved(browser, path)["image"]["section"] == 2
    command = ["predict", str(stored["images"]), str(series), "--check", str(path)]
    assert cli.main(command) == 0
    assert browser.errors == []


@needs_chromium
def test_compressed_files_are_unpacked_under_the_policy(
    browser, pages, stored, tmp_path
):
    """In WebAssembly too, with the features of the file that is not compressed."""
    found = {}
    for kind in ("", "_RLE", "_jpeg_ls_lossless", "_jp2klossless"):
        image = Path(get_testdata_file(f"MR_small{kind}.dcm", download=False))
        browser.open(pages["images"])
        open_image(browser, image)
        browser.run("document.getElementById('canvas').focus()")
        browser.key("o")
        browser.key("ArrowLeft")
        for way in ("ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"):
            browser.key(way, 9)
            browser.key("Enter")
        browser.key("c")
        done(browser)
        content = saved(browser, tmp_path / "measured.json")
        found[kind] = content["readers"][0]["features"]
        assert browser.errors == []
    assert found[""] and all(features == found[""] for features in found.values())
    command = ["predict", str(stored["images"]), str(image)]
    assert cli.main([*command, "--check", str(tmp_path / "measured.json")]) == 0


def test_a_model_that_gives_no_page_says_why(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 2))
    model = make_pipeline(NomogramClassifier(lambda_rule=0.05)).fit(X, X[:, 0] > 0)
    save_model(tmp_path / "m.json", model)
    command = ["calculator", str(tmp_path / "m.json"), "--measure"]
    assert cli.main([*command, "--out", str(tmp_path / "page.html")]) == 2
    assert not (tmp_path / "page.html").exists()

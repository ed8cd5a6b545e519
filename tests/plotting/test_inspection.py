"""The page on which lesions are looked at, in a browser."""

import base64
import json
import zlib

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import Lesion, Region
from sklearn_orn.images.formats._registry import open_image
from sklearn_orn.images.shared import far_from_others, views_of
from sklearn_orn.plotting._inspection import inspection_page
from sklearn_orn.plotting._slice_codec import as_levels, slice_text
from sklearn_orn.study._inspection import _decisions
from tests.deploy._chromium import drive, dump_dom, needs_chromium

TOOLS = """
const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
const drawn = async (lesion, view = 0, slice = "") => {
  const here = `${lesion} ${view} ${slice}`;
  while (!String(document.body.dataset.drawn).startsWith(here)) await wait(10);
  await wait(30);
};
const press = (key) => (document.activeElement || document.body).dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const all = (found) => [...document.querySelectorAll(found)];
const texts = (found) => all(found).map((x) => x.textContent);
const names = () => texts("#list .name");
let saved = null;
URL.createObjectURL = (blob) => { saved = blob; return "about:blank"; };
HTMLAnchorElement.prototype.click = () => {};
const exported = async () => { press("e"); return saved.text(); };
const choose = (name) => {
  const order = by("order");
  order.value = [...order.options].findIndex((x) => x.textContent === name);
  order.dispatchEvent(new Event("change"));
};
const grey = (row, column) => {
  const canvas = by("canvas");
  const [rows, columns] = shape();
  const x = Math.floor(((column + 0.5) / columns) * canvas.width);
  const y = Math.floor(((row + 0.5) / rows) * canvas.height);
  return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
};
const index = JSON.parse(by("index").textContent);
const shape = () => {
  const [i, v] = document.body.dataset.drawn.split(" ").map(Number);
  return [index.lesions[i].views[v].rows, index.lesions[i].views[v].columns];
};
"""
SIZE, DEPTH = 48, 6


def volume(folder, number, *, shift=0, centre=24, scale=1):
    """Write an ellipsoid of grey levels, drawn by two on slices 1 to 4."""
    rng = np.random.default_rng(number)
    x, y, z = np.ogrid[:SIZE, :SIZE, :DEPTH]
    image = rng.integers(900, 1400, (SIZE, SIZE, DEPTH)) * scale
    masks = [
        ((x - centre - s) ** 2 + (y - 20) ** 2 < 81) & (abs(z - 2.4) < 2)
        for s in (0, shift)
    ]
    affine = np.diag([0.5, 0.5, 3, 1])
    nib.save(nib.Nifti1Image(image.astype(np.int16), affine), folder / f"{number}.nii")
    for reader, mask in zip("ab", masks, strict=True):
        drawn = nib.Nifti1Image(mask.astype(np.uint8), affine)
        nib.save(drawn, folder / f"{number}{reader}.nii")
    return {
        "lesion": f"L{number}",
        "patient": f"P{number}",
        "image": str(folder / f"{number}.nii"),
        "mask_anna": str(folder / f"{number}a.nii"),
        "mask_ben": str(folder / f"{number}b.nii"),
    }


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("volumes")
    shifts, centres = (1, 5, 0, 3, 2, 1), (24, 24, 24, 4, 24, 24)
    rows = [
        volume(folder, i, shift=shift, centre=centre, scale=1 + 5 * (i == 4))
        for i, (shift, centre) in enumerate(zip(shifts, centres, strict=True))
    ]
    (folder / "5b.nii").unlink()
    return pd.DataFrame(rows)


def page_of(table):
    return inspection_page(Cohort.of(table), progress=lambda *_: None)


@pytest.fixture(scope="module")
def page(table):
    return page_of(table)


def index_of(html):
    start = html.index('id="index">') + len('id="index">')
    return json.loads(html[start : html.index("</script>", start)])


def test_views_hold_every_slice_that_was_drawn_on(table):
    row = table.iloc[1]
    masks = {"anna": row["mask_anna"], "ben": row["mask_ben"]}
    lesion = Lesion(row["image"], masks)
    regions = lesion.read()
    (view,) = views_of(lesion, regions)
    assert [found.number for found in view.slices] == [1, 2, 3, 4]
    measured = view.slices[view.measured]
    for reader, region in regions.items():
        assert np.array_equal(measured.image, region.image)
        assert np.array_equal(measured.masks[reader], region.mask)
    assert len({found.image.tobytes() for found in view.slices}) == 4


@pytest.mark.parametrize("turned", [np.diag([0.5, 0.5, 3, 1]), np.diag([3, -1, -1, 1])])
def test_slices_of_a_packed_volume_are_read_together(turned, tmp_path):
    voxels = np.random.default_rng(0).integers(0, 999, (5, 6, 7)).astype(np.int16)
    nib.save(nib.Nifti1Image(voxels, turned), tmp_path / "packed.nii.gz")
    image = open_image(str(tmp_path / "packed.nii.gz"), None, None)
    sections = range(1, len(image))
    together = image.read_several(sections)
    for section, pixels in zip(sections, together, strict=True):
        assert np.array_equal(pixels, image.read(section).pixels)


def test_any_blocks_are_grouped_by_their_image():
    first, second = np.arange(64).reshape(8, 8), np.ones((8, 8))
    mask = first > 30
    regions = {
        "T1|lesion|anna": Region(first, mask, None),
        "T2|lesion|anna": Region(second, mask, None),
        "T1|rim|anna": Region(first.copy(), ~mask, None),
    }
    views = views_of(Lesion(first, mask), regions)
    assert [list(view.regions) for view in views] == [
        ["T1|lesion|anna", "T1|rim|anna"],
        ["T2|lesion|anna"],
    ]


def test_the_index_says_what_is_odd(page):
    lesions = index_of(page.html)["lesions"]
    assert page.n_unreadable == 1 and lesions[5]["error"].startswith("lesion")
    assert "5b.nii" not in page.html and "volumes" not in page.html
    first, view = lesions[0], lesions[0]["views"][0]
    assert view["sizes"][0] == {"pixels": 249, "mm2": 62.25}
    assert view["spacing"] == [0.5, 0.5]
    assert [s["drawn"] for s in view["slices"]] == [[0, 1]] * 4
    assert view["overlaps"][0]["dice"] > 0.9
    kinds = [[oddity["kind"] for oddity in lesion["oddities"]] for lesion in lesions]
    assert "border" in kinds[3] and first["border"] == 0
    assert lesions[3]["border"] == 1


def test_far_from_others():
    far = far_from_others([1, 2, 3, 4, 100, np.nan])
    assert far[:5] == pytest.approx(0.6745 * np.array([2, 1, 0, 1, 97]))
    assert np.isnan(far[5])
    assert far_from_others([1, 1, 1, 1, 1, 9]).tolist() == [0] * 6
    assert far_from_others([1, 9]).tolist() == [0, 0]


def test_two_lesions_of_one_name_are_refused(table):
    twice = table.assign(lesion=["same"] * 2 + list("abcd"))
    with pytest.raises(CohortError, match="2 rows are called 'same'"):
        page_of(twice)


def decoded(text, shape, n_masks):
    """Read a slice as the page does."""
    content = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    n = shape[0] * shape[1]
    change = content[:n].astype(np.uint16) << 8 | content[n : 2 * n]
    change = change.reshape(shape)
    first = np.cumsum(change[:, 0], dtype=np.uint16)
    levels = np.cumsum(change, axis=1, dtype=np.uint16)
    levels += (first - change[:, 0])[:, None]
    bits = content[2 * n :].reshape(n_masks, -1)
    masks = [np.unpackbits(row, count=n).reshape(shape) for row in bits]
    return levels, masks


@given(st.data())
def test_a_slice_comes_back(data):
    shape = data.draw(array_shapes(min_dims=2, max_dims=2, max_side=9))
    values = data.draw(
        arrays(np.int32, shape, elements=st.integers(-40_000, 25_535))
        | arrays(np.float64, shape, elements=st.floats(-1e6, 1e6))
    )
    mask = data.draw(arrays(bool, shape))
    levels, low, step = as_levels(values)
    found, (drawn,) = decoded(slice_text(levels, [mask]), shape, 1)
    back = low + step * found.astype(float)
    assert np.abs(back - values).max() <= (0 if values.dtype == np.int32 else step)
    assert np.array_equal(drawn, mask)


@needs_chromium
def test_the_page_runs_under_its_own_policy(page, tmp_path):
    (tmp_path / "page.html").write_text(page.html, encoding="utf-8")
    dom = dump_dom(tmp_path / "page.html", tmp_path / "profile")
    assert 'data-drawn="0 0 ' in dom
    assert "0 accepted, 0 rejected, 6 without a decision" in dom
    assert "default-src 'none'" in page.html and "http" not in page.html.replace(
        "http-equiv", ""
    )


@needs_chromium
def test_keys_mark_lesions_and_the_marks_are_saved(page, tmp_path):
    script = """(async () => {
      await drawn(0);
      press("a");
      await drawn(1);
      press("r");
      const asked = document.activeElement.id;
      by("comment").value = 'motion, "strong"';
      by("comment").dispatchEvent(new Event("input"));
      press("a");
      press("Enter");
      await drawn(2);
      press("r"); press("Escape"); press("u");
      press("c"); by("comment").value = "=1+1";
      by("comment").dispatchEvent(new Event("input"));
      press("Escape"); press("k");
      await drawn(1);
      report({
        asked, text: await exported(), progress: by("progress").textContent,
        mark: by("mark").textContent, comment: by("comment").value,
        used: [...by("comments").options].map((x) => x.value),
      });
    })();"""
    seen = drive(page.html, TOOLS + script, tmp_path)
    assert seen["asked"] == "comment"
    assert seen["text"].removeprefix("\ufeff").splitlines() == [
        "lesion,decision,comment",
        "L0,accept,",
        'L1,reject,"motion, ""strong"""',
        "L2,,'=1+1",
    ]
    assert seen["progress"] == "1 accepted, 1 rejected, 4 without a decision"
    assert seen["mark"] == "rejected" and seen["comment"] == 'motion, "strong"'
    assert seen["used"] == ['motion, "strong"', "=1+1"]
    path = tmp_path / "exclusions.csv"
    path.write_text(seen["text"], encoding="utf-8")
    assert _decisions(str(path)) == {
        "L0": ("accept", ""),
        "L1": ("reject", 'motion, "strong"'),
        "L2": ("", "=1+1"),
    }


@needs_chromium
def test_marks_survive_a_reload_and_belong_to_the_cohort(page, table, tmp_path):
    script = """(async () => {
      await drawn(0);
      if (!localStorage.length) { press("a"); location.reload(); return; }
      report({ progress: by("progress").textContent, keys: Object.keys(localStorage) });
    })();"""
    seen = drive(page.html, TOOLS + script, tmp_path)
    assert seen["progress"].startswith("1 accepted")
    key = index_of(page.html)["key"]
    assert seen["keys"] == [f"sklearn-orn montage {key}"]
    assert index_of(page_of(table).html)["key"] == key
    assert index_of(page_of(table.iloc[:5]).html)["key"] != key


@needs_chromium
def test_marks_of_a_file_are_laid_over(page, tmp_path):
    script = """(async () => {
      await drawn(0);
      const give = async (text) => {
        File.prototype.text = () => Promise.resolve(text);  // no wait for the disk
        const files = new DataTransfer();
        files.items.add(new File([text], "marks.csv"));
        by("load").files = files.files;
        by("load").dispatchEvent(new Event("change"));
        await wait(50);
        return [by("progress").textContent, by("warning").hidden];
      };
      const wrong = await give("lesion,decision\\nL9,reject\\n");
      const right = await give(
        'lesion;decision;comment\\r\\nL3;reject;"a;b"\\r\\nL0;accept;\\r\\n');
      report({ wrong, right, text: await exported() });
    })();"""
    seen = drive(page.html, TOOLS + script, tmp_path)
    assert seen["wrong"] == ["0 accepted, 0 rejected, 6 without a decision", False]
    assert seen["right"] == ["1 accepted, 1 rejected, 4 without a decision", True]
    assert 'L3,reject,"a;b"' in seen["text"]


@needs_chromium
def test_lesions_are_sorted_by_what_is_odd(page, tmp_path):
    script = """(async () => {
      await drawn(0);
      press("a");
      await drawn(1);
      const found = {};
      [...by("order").options].forEach(({ textContent }) => {
        choose(textContent);
        found[textContent] = names();
      });
      choose("lowest Dice"); press("j");
      await drawn(3);
      report(found);
    })();"""
    seen = drive(page.html, TOOLS + script, tmp_path)
    in_table = [f"L{i}" for i in range(6)]
    assert seen["order of the table"] == in_table
    assert seen["lowest Dice"] == ["L1", "L3", "L4", "L0", "L2", "L5"]
    assert seen["borders farthest apart"][:2] == ["L1", "L4"]
    assert seen["at the border of the image"][0] == "L3"
    assert seen["smallest area"][0] == "L3"
    assert seen["most remarks"][0] == "L5"  # it cannot be read
    assert seen["grey level far from others"][0] == "L4"
    assert seen["without a decision"] == [*in_table[1:], "L0"]
    assert all(sorted(found) == in_table for found in seen.values())


@needs_chromium
def test_slices_and_window_show_the_stored_values(page, table, tmp_path):
    script = """(async () => {
      await drawn(0);
      press("o");
      await wait(50);
      const set = async (name, value) => {
        by(name).value = value;
        by(name).dispatchEvent(new Event("input"));
        await wait(50);
      };
      const start = [by("slice-text").textContent, grey(3, 4)];
      await set("level", 1150); await set("width", 600);
      const chosen = [grey(3, 4), grey(10, 11), by("width-text").textContent];
      const measured = index.lesions[0].views[0].measured;
      press("ArrowRight");
      await drawn(0, 0, measured + 1);
      const next = [...texts("#slice-text, #place"), grey(3, 4)];
      by("stage").dispatchEvent(
        new WheelEvent("wheel", { deltaY: -3, cancelable: true }));
      await drawn(0, 0, measured);
      const back = grey(3, 4);
      const drag = (type, x, y) => by("canvas").dispatchEvent(
        new PointerEvent(type, { clientX: x, clientY: y, pointerId: 1 }));
      drag("pointerdown", 100, 100);
      drag("pointermove", 160, 80);
      drag("pointerup", 160, 80);
      await wait(50);
      const dragged = ["level", "width"].map((id) => Number(by(id).value));
      press("0");
      await wait(50);
      report({ start, chosen, next, back, dragged, reset: grey(3, 4) });
    })();"""
    seen = drive(page.html, TOOLS + script, tmp_path)
    (view,) = index_of(page.html)["lesions"][0]["views"]
    row = table.iloc[0]
    lesion = Lesion(row["image"], {"anna": row["mask_anna"], "ben": row["mask_ben"]})
    (found,) = views_of(lesion, lesion.read())
    inside = np.argwhere(found.union)
    top, left = np.maximum(inside.min(axis=0) - 12, 0)
    values = [s.image[top:, left:] for s in found.slices]
    here = view["measured"]

    def shown(value, low, high):
        grey = round(min(max((value - low) / (high - low), 0), 1) * 255)
        return pytest.approx([grey, grey, grey, 255], abs=1)

    assert seen["start"][0] == f"{here + 1} of 4"
    assert seen["start"][1] == shown(values[here][3, 4], *view["window"])
    assert seen["chosen"][0] == shown(values[here][3, 4], 850, 1450)
    assert seen["chosen"][1] == shown(values[here][10, 11], 850, 1450)
    assert seen["chosen"][2] == "600"
    assert seen["next"][1] == f"{here + 2} of 4" and "not measured" in seen["next"][0]
    assert seen["next"][2] == shown(values[here + 1][3, 4], 850, 1450)
    assert seen["back"] == seen["chosen"][0]
    unit = (view["window"][1] - view["window"][0]) / 200
    assert seen["dragged"] == pytest.approx([1150 - 20 * unit, 600 + 60 * unit])
    assert seen["reset"] == seen["start"][1]


@needs_chromium
def test_outlines_are_drawn_and_hidden_one_by_one(page, tmp_path):
    script = """(async () => {
      await drawn(1);
      const colours = () => {
        const { width, height } = by("canvas");
        const context = by("canvas").getContext("2d");
        const { data } = context.getImageData(0, 0, width, height);
        const found = { anna: 0, ben: 0 };
        for (let at = 0; at < data.length; at += 4) {
          const colour = data.slice(at, at + 3).join(" ");
          if (colour === "230 159 0") found.anna += 1;
          if (colour === "86 180 233") found.ben += 1;
        }
        return found;
      };
      const every = colours();
      press("1");
      await wait(50);
      const second = colours();
      press("o");
      await wait(50);
      report({ all: every, second, both: colours() });
    })();"""
    start = 'document.querySelectorAll("#list button")[1].click();'
    seen = drive(page.html, TOOLS + start + script, tmp_path)
    assert seen["all"]["anna"] > 50 and seen["all"]["ben"] > 50
    assert seen["second"]["anna"] == 0 and seen["second"]["ben"] > 50
    assert seen["both"]["anna"] > 50


HOSTILE = [
    "<script>evil=1</script>",
    "<img src=x onerror='evil=1'>",
    '"; evil=1; "',
    '=HYPERLINK("http://x")',
    "</script><script>evil=1</script>",
    '-2+3,"a"',
]


@needs_chromium
def test_hostile_ids_run_nothing_and_come_back(table, tmp_path):
    made = page_of(table.assign(lesion=HOSTILE))
    tags = made.html.count("<script")
    assert tags == len(HOSTILE) + 2  # the index, the pixels, the code
    script = """(async () => {
      await drawn(0);
      for (let i = 0; i < 6; i += 1) {
        document.querySelectorAll("#list button")[i].click();
        await drawn(i);
        press("r");
        by("comment").value = names()[i];
        by("comment").dispatchEvent(new Event("input"));
        press("Escape");
      }
      report({
        evil: window.evil === undefined, images: document.images.length,
        names: names(), text: await exported(),
      });
    })();"""
    seen = drive(made.html, TOOLS + script, tmp_path)
    assert seen["evil"] and seen["images"] == 0 and seen["names"] == HOSTILE
    cells = [line.lstrip('"')[:1] for line in seen["text"].splitlines()[1:]]
    assert not set(cells) & set("=+-@")
    path = tmp_path / "exclusions.csv"
    path.write_text(seen["text"], encoding="utf-8")
    assert _decisions(str(path)) == {name: ("reject", name) for name in HOSTILE}


@needs_chromium
def test_a_narrow_window_shows_all_and_scrolls_in_one_direction(page, tmp_path):
    script = """(async () => {
      await drawn(0);
      const { scrollWidth, clientWidth } = document.documentElement;
      const small = [...document.querySelectorAll("main button")].filter(
        (x) => x.offsetHeight && x.offsetHeight < 24);
      report({ wide: scrollWidth - clientWidth, small: small.length });
    })();"""
    seen = drive(page.html, TOOLS + script, tmp_path, frame=390)
    assert seen == {"wide": 0, "small": 0}

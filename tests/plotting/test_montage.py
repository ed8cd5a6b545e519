"""The montage of a cohort."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from sklearn_orn.images import Lesion
from sklearn_orn.plotting import MontageDisplay
from sklearn_orn.plotting._montage import (
    COLOURS,
    Panel,
    lesion_panels,
    outline,
    outline_name,
)

IMAGE = np.random.default_rng(0).integers(0, 900, (80, 100)).astype(np.uint16)
MASK = np.zeros(IMAGE.shape, dtype=bool)
MASK[20:40, 50:80] = True


def lesions():
    return [
        Lesion(IMAGE, {"A": MASK, "B": np.roll(MASK, 3)}, lesion="L1", spacing=(2, 1)),
        Lesion(IMAGE, {"A": MASK}, lesion="L2"),
        Lesion("missing.dcm", {"A": MASK}, lesion="L3"),
        Lesion({"A": IMAGE, "rescan": IMAGE + 1}, {"A": MASK, "rescan": MASK}),
    ]


def test_each_lesion_has_a_panel_with_its_outlines():
    display = MontageDisplay.from_cohort(lesions(), n_columns=3)
    titles = [ax.get_title() for ax in display.axes_]
    assert titles == ["row 0 · L1", "row 1 · L2", "row 2 · L3", "row 3"]
    drawn = [{c.get_gid() for c in ax.collections} for ax in display.axes_]
    assert drawn == [{"A", "B"}, {"A"}, set(), {"A"}]
    assert [len(ax.images) for ax in display.axes_] == [1, 1, 0, 1]
    assert "'missing.dcm' does" in display.axes_[2].texts[0].get_text().replace(
        "\n", " "
    )
    names = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert names == ["A", "B"]
    assert display.axes_[0].get_aspect() == 2.0
    display.figure_.draw_without_rendering()


def test_an_unnamed_mask_has_no_legend():
    assert MontageDisplay.from_cohort([(IMAGE, MASK)]).figure_.legends == []


def test_the_outline_runs_along_the_pixels_edges():
    mask = np.zeros((5, 6), dtype=bool)
    mask[1:3, 2:5] = True
    segments = outline(mask)
    assert len(segments) == 2 * (2 + 3)
    assert segments[..., 0].min() == 1.5 and segments[..., 0].max() == 4.5
    assert segments[..., 1].min() == 0.5 and segments[..., 1].max() == 2.5


@pytest.mark.parametrize("corner", [(0, 0), (79, 99), (0, 99)])
def test_a_lesion_at_the_edge(corner):
    mask = np.zeros(IMAGE.shape, dtype=bool)
    mask[corner] = True
    (panel,) = lesion_panels(Lesion(IMAGE, mask))
    assert panel.image.shape == (32, 32)
    assert len(panel.outlines[""]) == 4


def edges(segments):
    """Edges as sets of their two ends."""
    return {frozenset(map(tuple, segment)) for segment in segments.tolist()}


def test_the_edges_of_one_pixel_and_of_a_hole():
    square = {(0, 0), (1, 0), (1, 1), (0, 1)}
    mask = np.zeros((4, 5), dtype=bool)
    mask[2, 3] = True

    def around(row, column):
        corners = [(column + x - 0.5, row + y - 0.5) for x, y in sorted(square)]
        low_left, low_right, high_left, high_right = corners
        return {
            frozenset((low_left, low_right)),
            frozenset((low_left, high_left)),
            frozenset((high_left, high_right)),
            frozenset((low_right, high_right)),
        }

    assert edges(outline(mask)) == around(2, 3)
    full = np.ones((3, 3), dtype=bool)
    full[1, 1] = False
    assert len(outline(full)) == 12 + 4
    assert around(1, 1) < edges(outline(full))


@pytest.mark.parametrize(
    ("rows", "columns", "box"),
    [
        # 2.2 times the longer side of 30, about the middle, as far as the image goes.
        (slice(20, 40), slice(50, 80), (0, 66, 32, 98)),
        (slice(35, 45), slice(40, 60), (18, 62, 28, 72)),
        (slice(60, 80), slice(90, 100), (36, 80, 56, 100)),
        (slice(0, 20), slice(0, 10), (0, 44, 0, 44)),
        # Never fewer than 32 pixels, nor more than there are.
        (slice(40, 44), slice(50, 60), (26, 58, 39, 71)),
        (slice(0, 80), slice(0, 100), (0, 80, 0, 100)),
    ],
)
def test_the_surroundings_of_an_roi(rows, columns, box):
    mask = np.zeros(IMAGE.shape, dtype=bool)
    mask[rows, columns] = True
    (panel,) = lesion_panels(Lesion(IMAGE, mask, spacing=(3, 2)))
    top, bottom, left, right = box
    np.testing.assert_array_equal(panel.image, IMAGE[top:bottom, left:right])
    segments = panel.outlines[""]
    assert segments[..., 0].min() == columns.start - left - 0.5
    assert segments[..., 0].max() == columns.stop - left - 0.5
    assert segments[..., 1].min() == rows.start - top - 0.5
    assert segments[..., 1].max() == rows.stop - top - 0.5
    assert panel.aspect == 1.5
    low, high = np.percentile(panel.image, [1, 99])
    assert panel.window == (low, high)


def test_a_flat_image_has_a_window_of_one_grey_level():
    (panel,) = lesion_panels(Lesion(np.full((40, 40), 7), np.eye(40, dtype=bool)))
    assert panel.window == (7, 8) and panel.aspect == 1


def test_the_box_holds_the_outlines_of_all_readers():
    far = np.zeros(IMAGE.shape, dtype=bool)
    far[70:80, 0:10] = True
    (panel,) = lesion_panels(Lesion(IMAGE, {"A": MASK, "B": far}))
    assert panel.image.shape == IMAGE.shape
    assert set(panel.outlines) == {"A", "B"}


def test_each_sequence_has_a_panel():
    images = {"T1|lesion|A": IMAGE, "T2|lesion|A": IMAGE + 1, "T1|rim|A": IMAGE}
    masks = dict.fromkeys(images, MASK)

    class Step:
        lesion, row = "L7", 3

        def read(self):
            from sklearn_orn.images import Region

            return {name: Region(images[name], masks[name], None) for name in images}

    panels = lesion_panels(Step())
    assert [panel.title for panel in panels] == [
        "T1 · row 3 · L7",
        "T2 · row 3 · L7",
    ]
    assert [list(panel.outlines) for panel in panels] == [["A", "rim, A"], ["A"]]
    assert panels[1].image.max() == panels[0].image.max() + 1


@pytest.mark.parametrize(
    ("block", "name"),
    [("anna", "anna"), ("T1|lesion|anna", "anna"), ("T1|rim|anna", "rim, anna")],
)
def test_an_outline_is_named_by_its_region_and_reader(block, name):
    assert outline_name(block) == name


def panels_with(readers, image=IMAGE):
    edge = outline(MASK)
    return [Panel("one", image, (100.0, 500.0), dict.fromkeys(readers, edge), 2.0)]


def test_an_image_is_drawn_in_its_window_with_closed_outlines():
    display = MontageDisplay(panels_with("A")).plot()
    (ax,) = display.axes_
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), IMAGE)
    assert image.get_clim() == (100, 500) and image.get_cmap().name == "gray"
    assert ax.get_aspect() == 2 and not ax.axison
    (lines,) = ax.collections
    (line,) = lines.get_segments()
    # Along the whole rectangle of 20 by 30 pixels, from edge to edge, and back.
    assert len(line) == 2 * (20 + 30) + 1 and line[0].tolist() == line[-1].tolist()
    assert (np.abs(np.diff(line, axis=0)).sum(axis=1) == 1).all()
    assert edges(np.stack([line[:-1], line[1:]], axis=1)) == edges(outline(MASK))


def test_two_rois_of_one_reader_are_two_lines():
    mask = np.zeros((9, 9), dtype=bool)
    mask[1:3, 1:3] = mask[6, 6] = True
    panel = Panel("two", np.eye(9), outlines={"A": outline(mask)})
    (ax,) = MontageDisplay([panel]).plot().axes_
    lines = ax.collections[0].get_segments()
    assert sorted(len(line) for line in lines) == [5, 9]


def test_each_reader_has_a_look_of_his_own_on_all_panels():
    readers = [f"reader {i}" for i in range(7)]
    panels = [*panels_with(readers[::-1]), *panels_with(readers[3:4])]
    display = MontageDisplay(panels).plot()
    first, second = display.axes_
    looks = {
        lines.get_gid(): (to_hex(lines.get_color()[0]), lines.get_linestyle()[0])
        for lines in first.collections
    }
    assert len({repr(look) for look in looks.values()}) == 7
    (alone,) = second.collections
    assert to_hex(alone.get_color()[0]) == looks["reader 3"][0]
    assert alone.get_linestyle()[0] == looks["reader 3"][1]
    assert looks["reader 6"][0] == COLOURS[0].lower() == looks["reader 1"][0]
    (legend,) = display.figure_.legends
    assert [text.get_text() for text in legend.get_texts()] == readers[::-1]
    shown = {
        text.get_text(): to_hex(handle.get_color())
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    assert shown == {reader: colour for reader, (colour, _) in looks.items()}


@pytest.mark.parametrize(
    ("n", "n_columns", "shape"),
    [(1, 6, (1, 1)), (3, 6, (1, 3)), (7, 6, (2, 6)), (4, 2, (2, 2)), (2, 0, (2, 1))],
)
def test_panels_stand_in_rows(n, n_columns, shape):
    rows, columns = shape
    panels = [Panel(f"L{i}", np.eye(9)) for i in range(n)]
    display = MontageDisplay(panels).plot(n_columns=n_columns)
    figure = display.figure_
    assert [ax.get_title() for ax in display.axes_] == [panel.title for panel in panels]
    assert len(figure.axes) == rows * columns
    assert not any(ax.axison for ax in figure.axes)
    grid = display.axes_[0].get_subplotspec().get_gridspec()
    assert (grid.nrows, grid.ncols) == shape
    width, height = figure.get_size_inches()
    assert width == pytest.approx(1.9 * max(columns, 2))
    assert 1.9 * rows < height < 3 * rows
    assert figure.legends == []


def test_a_panel_without_an_image_says_why_in_nine_lines_at_most():
    words = " ".join(f"word{i:02d}" for i in range(99))
    panel = Panel("a title that is much too long for its panel", error=words)
    (ax,) = MontageDisplay([panel]).plot().axes_
    (text,) = ax.texts
    lines = text.get_text().split("\n")
    assert len(lines) == 9 and lines[0] == words[:34]
    assert text.get_color() == ax.title.get_color() != "black"
    assert ax.get_title() == "a title that is much too [...]"
    x, y = text.get_position()
    assert 0 < x < 0.1 and 0.9 < y < 1
    assert ax.get_box_aspect() == 1
    (shown,) = MontageDisplay(panels_with("")).plot().axes_
    assert shown.title.get_color() == "black"


def test_readers_of_two_files_of_one_image_share_a_panel():
    images = {"A": IMAGE, "B": IMAGE.copy(), "rescan": IMAGE + 1}
    (panel,) = lesion_panels(Lesion(images, dict.fromkeys(images, MASK)))
    assert list(panel.outlines) == ["A", "B"]


def test_six_panels_stand_in_a_row_unless_told():
    for display in (
        MontageDisplay([Panel("L", np.eye(9))] * 7).plot(),
        MontageDisplay.from_cohort([(np.eye(9), np.eye(9) > 0)] * 7),
    ):
        grid = display.axes_[0].get_subplotspec().get_gridspec()
        assert (grid.nrows, grid.ncols) == (2, 6)


def test_a_panel_of_an_image_alone_has_square_pixels_from_0_to_1():
    (ax,) = MontageDisplay([Panel("L", np.eye(9))]).plot().axes_
    assert ax.images[0].get_clim() == (0, 1) and ax.get_aspect() == 1

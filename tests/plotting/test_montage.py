"""The montage of a cohort."""

import numpy as np
import pytest

from sklearn_orn.images import Lesion
from sklearn_orn.plotting import MontageDisplay
from sklearn_orn.plotting._montage import lesion_panels, outline

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

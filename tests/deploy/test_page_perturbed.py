"""How far the page's result moves with the outline."""

import numpy as np
import pytest
from scipy import ndimage

from sklearn_orn.deploy._page_model import page_model
from sklearn_orn.images import _perturbed
from sklearn_orn.images._perturbed import Strength, perturbed_parts
from tests.deploy._node import call, needs_node
from tests.deploy.test_page_formula import measured, outlines

pytestmark = needs_node
MOVED = ("features/perturb.js", "movedOutlines")
PERTURBED = ("features/perturb.js", "perturbed")


def blob(rng, shape=(70, 64)):
    """One outline without straight borders, somewhere; it may touch the edge."""
    field = ndimage.gaussian_filter(rng.normal(size=shape), 6)
    labels, n = ndimage.label(field > np.quantile(field, rng.uniform(0.5, 0.8)))
    sizes = ndimage.sum_labels(np.ones(shape), labels, range(1, n + 1))
    return labels == 1 + int(np.argmax(sizes))


def sliced(mask, spacing=None):
    rows, columns = mask.shape
    return {"mask": mask, "rows": rows, "columns": columns, "spacing": spacing}


@pytest.mark.parametrize("rotation", [0, 6])
def test_outlines_move_as_those_of_outline_perturber(rotation):
    rng = np.random.default_rng(22)
    cases, expected = [], []
    for spacing in [None, (0.5, 0.5), (0.6, 0.4), (1.0, 3.0)]:
        mask, moves = blob(rng), rng.uniform(-1, 1, (5, 3))
        strength = Strength(rotation, 1.0, 0.0, 0.0)
        box, _ = perturbed_parts(mask * 1.0, mask, 0, spacing, strength, 0)
        drawn = np.column_stack([moves, np.zeros(5)])
        grid = np.array(spacing or (1.0, 1.0))
        moved = np.zeros((5, *mask.shape), dtype=bool)
        moved[:, *box] = _perturbed._moved(mask[box], grid, drawn, strength)
        cases.append([sliced(mask, spacing), moves.tolist(), rotation])
        expected.append(moved)
    for found, moved in zip(call(*MOVED, cases), expected, strict=True):
        ours = np.array(found["value"], dtype=bool).reshape(moved.shape)
        assert (ours == moved).mean() > 0.999  # where depths tie, rounding decides
        # ties apart, the area stays


def test_whole_pixels_shift_the_outline_itself():
    mask = blob(np.random.default_rng(3))
    mask[[0, 1, -2, -1]] = mask[:, [0, 1, -2, -1]] = False
    moves = [[0, 0, 0], [0, 1, 0], [0, 0, -1], [0, -1, 1]]
    (found,) = call(*MOVED, [[sliced(mask), moves]])
    for one, (_, down, right) in zip(found["value"], moves, strict=True):
        shifted = np.roll(mask, (down, right), (0, 1))
        assert np.array_equal(np.array(one, dtype=bool).reshape(mask.shape), shifted)


def moved_results(model, X, *settings):
    """What the page says of the first lesion, and of it moved."""
    embedded = page_model(model)
    (regions,) = outlines(model, X.iloc[:1])
    (features,) = measured(embedded, [regions])
    rows, columns = regions[0].image.shape
    pixels = np.asarray(regions[0].image, dtype=np.float64)
    image = {"pixels": pixels, "rows": rows, "columns": columns}
    image["spacing"] = regions[0].spacing
    masks = [region.mask for region in regions]
    asked = [[embedded, image, masks, {}, given] for given in settings]
    (result,) = call("features/model.js", "evaluate", [[embedded, features]])
    return result["value"]["probability"], [r["value"] for r in call(*PERTURBED, asked)]


def test_the_result_moves_with_the_outline(stored_model, models):
    _, X = models["images"]
    settings = [{"seed": 1}, {"seed": 1}, {"seed": 2}, {"draws": 5, "rotation": 5}]
    still, found = moved_results(stored_model("images"), X, *settings)
    first, again, other, few = found
    assert first == again
    assert first["draws"] != other["draws"]
    assert (len(first["draws"]), len(few["draws"])) == (20, 5)
    for one in found:
        ends = np.quantile(one["draws"], [0.05, 0.95])
        np.testing.assert_allclose([one["low"], one["high"]], ends, rtol=1e-12)
        assert one["undefined"] == 0
    assert len(set(first["draws"])) > 10
    assert min(first["draws"]) <= still <= max(first["draws"])


def test_draws_without_a_result_are_counted(more_undefined):
    embedded, image, mask = more_undefined
    (found,) = call(*PERTURBED, [[embedded, image, mask, {}, {"draws": 4}]])
    assert found["value"]["undefined"] == 4
    assert found["value"]["draws"] == []
    assert np.isnan(found["value"]["low"])


@pytest.fixture
def more_undefined():
    """A model of a feature that is not defined on two pixels."""
    field = {"name": "Skewness", "source": "measured", "columns": [[0, "Skewness"]]}
    line = {"slope": 1, "center": 0, "offset": 0, "weight": 1, "knots": [], "term": 0}
    field |= {"choices": [], "bends": [line], "offset": 0, "missing": None, "lowest": 0}
    plan = {"normalization": "none", "families": ["histogram"], "distances": []}
    embedded = {
        "plan": plan | {"bits": {}, "names": ["Skewness"]},
        "readers": [""],
        "predictors": [field],
        "needed": {},
        "ranges": [],
        "training": {"spacings": [], "protocol": {}},
        "intercept": 0,
    }
    mask = np.zeros((9, 9), dtype=bool)
    mask[4, 3:5] = True
    image = {"pixels": np.full((9, 9), 7.0), "rows": 9, "columns": 9, "spacing": None}
    return embedded, image, mask


def test_seeds_draw_evenly():
    (first, again, other) = (
        np.array(one["value"])
        for one in call("features/random.js", "numbers", [[1, 2000], [1, 2000], [2, 9]])
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first[:9], other)
    assert 0 <= first.min() < 0.01 < 0.99 < first.max() < 1
    steps = np.sort(first) - np.arange(2000) / 2000
    assert np.abs(steps).max() < 0.04  # Kolmogorov's distance, 0.1 % of samples exceed
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.07


def test_the_worker_answers(more_undefined):
    embedded, image, mask = more_undefined
    slice_ = {**image, "mask": mask, "plan": embedded["plan"]}
    tasks = [
        {"id": 1, "task": "measure", "values": slice_},
        {"id": 2, "task": "measure", "values": {**slice_, "mask": mask & False}},
        {"id": 3, "task": "nothing", "values": {}},
        {"id": 4, "task": "evaluate", "values": {"model": embedded, "readers": [{}]}},
    ]
    found = call("features/worker.js", "answer", [[task] for task in tasks])
    done, empty, unknown, undefined = (one["value"] for one in found)
    assert (done["id"], list(done["result"])) == (1, ["Skewness"])
    assert empty["refusal"]["key"] == "refused_empty_outline"
    assert "not a function" in unknown["error"]
    assert undefined["refusal"]["values"] == {"names": "Skewness"}

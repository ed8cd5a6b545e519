"""Which block of columns an outline fills, and which spacings are told."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from sklearn_orn import TextureExtractor
from sklearn_orn.exceptions import CohortError, LesionError, StudyWarning
from sklearn_orn.images import Lesion, as_lesions
from sklearn_orn.texture import _measure
from sklearn_orn.texture._measuring_plan import make_plan
from sklearn_orn.texture._row_cache import (
    check_blocks,
    measure_lesion,
    place_of,
    reader_names,
    row_spacings,
    survey_spacings,
    surveyed,
    warn_mixed_spacing,
)
from sklearn_orn.texture._row_store import LesionRow

IMAGE = np.random.default_rng(0).integers(0, 200, (16, 16))
MASK = np.zeros((16, 16), dtype=bool)
MASK[3:12, 4:13] = True
NAN = np.nan


def lesion(*readers, spacing=(0.5, 0.5), grey=0, sequences=None):
    """Outlines that differ by a row from reader to reader."""
    masks = {r: np.roll(MASK, k, axis=0) for k, r in enumerate(readers)}
    image = IMAGE + grey
    if sequences:
        image = {name: image * (k + 1) for k, name in enumerate(sequences)}
    return Lesion(image, masks, spacing=spacing)


def histogram(**settings):
    return TextureExtractor(["histogram"], **settings)


# Blocks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "known", "place"),
    [
        ("anna", ("anna", "ben"), "anna"),
        ("carl", ("anna", "ben"), "carl"),
        ("", ("",), ""),
        ("", ("anna", "ben"), "anna"),
        ("T2|lesion", ("T1|lesion|anna", "T2|lesion|ben"), "T2|lesion|ben"),
        ("T2|lesion", ("T1|lesion|anna",), "T2|lesion"),
        ("T1|lesion", ("T1|lesion", "T1|lesion|anna"), "T1|lesion"),
    ],
)
def test_an_unnamed_outline_is_the_first_readers(name, known, place):
    assert place_of(name, known) == place


def test_each_outline_fills_its_own_block():
    plan = make_plan(["histogram"], [1], None)
    n = len(plan.names())
    both = measure_lesion(lesion("anna", "ben"), ("anna", "ben"), plan)
    turned = measure_lesion(lesion("anna", "ben"), ("ben", "anna"), plan)
    np.testing.assert_array_equal(both.values[:n], turned.values[n:])
    np.testing.assert_array_equal(both.values[n:], turned.values[:n])
    assert (both.values[:n] != both.values[n:]).any()
    alone = measure_lesion(lesion("ben"), ("anna", "ben"), plan)
    assert np.isnan(alone.values[:n]).all()
    np.testing.assert_array_equal(
        alone.values[n:], measure_lesion(lesion("ben"), ("ben",), plan).values
    )
    assert both.spacings == ((0.5, 0.5), (0.5, 0.5))
    assert alone.spacings == ((0.5, 0.5),)
    assert measure_lesion(lesion("ben", spacing=None), ("ben",), plan).spacings == ()


def test_spacings_of_sequences_stand_in_their_places():
    readers = ("T1|lesion|anna", "T2|lesion|anna")
    plan = make_plan(["histogram"], [1], None)
    one = lesion(*readers, sequences=["T1", "T2"])
    assert measure_lesion(one, readers, plan).spacings == ((0.5, 0.5), (0.5, 0.5))
    alone = Lesion({"T2": IMAGE}, {"T2|lesion|anna": MASK}, spacing=(0.5, 0.7))
    found = measure_lesion(alone, readers, plan).spacings
    np.testing.assert_equal(found, ((NAN, NAN), (0.5, 0.7)))


def test_the_error_of_a_lesion_names_its_outline(monkeypatch):
    def fails(*given):
        raise LesionError("too small")

    plan = make_plan(["histogram"], [1], None)
    for reader, words in (("anna", "reader 'anna'"), ("", None)):
        with pytest.raises(LesionError, match="too small") as caught:
            measure_lesion(lesion(reader), (reader,), plan, fails)
        assert ("reader" in str(caught.value)) is (words is not None)
        assert words is None or words in str(caught.value)


def test_readers_stand_in_the_order_in_which_they_come():
    found = reader_names(as_lesions([lesion("ben"), lesion("anna", "ben")]))
    assert found == ("ben", "anna")
    assert reader_names(as_lesions([lesion("")])) == ("",)
    with pytest.raises(CohortError, match="others the readers anna: name all masks"):
        reader_names(as_lesions([lesion(""), lesion("anna")]))
    with pytest.raises(CohortError, match="must not hold '__'"):
        reader_names(as_lesions([lesion("anna__2"), lesion("ben")]))
    with pytest.raises(CohortError, match="No lesion has a mask"):
        reader_names(as_lesions([Lesion(IMAGE, {})]))


def test_a_lesion_has_the_readers_of_fit():
    check_blocks(lesion("anna"), ("anna", "ben"))
    check_blocks(lesion(""), ("anna", "ben"))
    check_blocks(lesion("T1|lesion", "T2|lesion"), ("T1|lesion|anna", "T2|lesion|anna"))
    with pytest.raises(CohortError, match="has the reader carl, which fit did not see"):
        check_blocks(lesion("anna", "carl"), ("anna", "ben"))
    with pytest.raises(CohortError, match="has the reader without a name"):
        check_blocks(lesion(""), ())
    with pytest.raises(LesionError, match="an unnamed mask beside named ones"):
        check_blocks(lesion("", "anna"), ("anna", "ben"))


# Spacings ----------------------------------------------------------------------------


class Unreadable:
    readers, name = ("anna",), "lesion 'L1'"

    def read(self):
        raise LesionError("gone")


def test_spacings_are_surveyed_once():
    lesions = [
        Unreadable(),
        lesion("anna"),
        lesion("anna", spacing=None),
        lesion("T1|lesion|anna", "T2|lesion|anna", sequences=["T1", "T2"]),
        Lesion(IMAGE, {}, spacing=(1, 1)),
        lesion("anna", spacing=(0.25, 0.5)),
    ]
    found = list(survey_spacings(lesions))
    pairs = [("", (0.5, 0.5)), ("T1", (0.5, 0.5)), ("", (0.25, 0.5))]
    assert found == pairs
    with surveyed():
        assert list(survey_spacings(lesions)) == []
    assert list(survey_spacings(lesions)) == pairs


def test_spacings_of_rows_are_those_of_their_sequences():
    one, two = (0.5, 0.5), (0.25, 0.5)
    plain = [LesionRow(np.zeros(1), (one, two)), LesionRow(np.zeros(1), ())]
    assert list(row_spacings(plain, ("anna", "ben"))) == [("", one), ("", two)]
    named = [
        LesionRow(np.zeros(1), (one, (NAN, NAN))),
        LesionRow(np.zeros(1), (two, one)),
    ]
    readers = ("T1|lesion|anna", "T2|lesion|anna")
    assert list(row_spacings(named, readers)) == [("T1", one), ("T1", two), ("T2", one)]
    half = ("T1|lesion|anna", "lesion|anna")
    assert list(row_spacings(named[1:], half))[0][0] == "T1"


def told(*spacings):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_mixed_spacing(spacings)
    return [str(warning.message) for warning in caught]


def test_two_spacings_of_a_sequence_are_told_with_their_numbers():
    one, two = (0.5, 0.5), (0.25, 0.5)
    assert told() == told(("", one)) == told(("", one), ("", one)) == []
    assert told(("T1", one), ("T2", two)) == []
    (text,) = told(("", one), ("", two), ("", two))
    assert (
        "The images have 2 pixel spacings: 0.25 x 0.5 mm (2), 0.5 x 0.5 mm (1)" in text
    )
    texts = told(("T0", one), ("T1", one), ("T1", two), ("T2", two), ("T2", one))
    assert ["of sequence 'T1'" in texts[0], "of sequence 'T2'" in texts[1]] == [
        True,
        True,
    ]
    assert told(("", (0.5, 0.5)), ("", (0.5004, 0.4996))) == []
    assert len(told(("", (0.5, 0.5)), ("", (0.5006, 0.5)))) == 1
    assert len(told(("", (0.5, 0.5)), ("", (0.5, 0.5006)))) == 1


# The extractor -----------------------------------------------------------------------


def test_mixed_spacings_are_told_whichever_way_it_is_fitted():
    lesions = [lesion("anna"), lesion("anna", spacing=(1, 1))]
    for fit in (TextureExtractor.fit, TextureExtractor.fit_transform):
        with pytest.warns(StudyWarning, match="2 pixel spacings"):
            fit(histogram(), lesions)


def test_columns_are_named_by_reader_and_feature():
    names = [*make_plan(["histogram"], [1], None).names()]
    both = histogram().fit([lesion("ben", "anna")]).get_feature_names_out()
    assert both.tolist() == [f"{r}__{n}" for r in ("ben", "anna") for n in names]
    assert histogram().fit([lesion("")]).get_feature_names_out().tolist() == names


def test_rows_have_the_index_of_their_table():
    lesions = as_lesions([lesion("anna", grey=i) for i in range(3)])
    table = histogram().fit_transform(lesions)
    each = list(histogram().fit(lesions).transform_each(lesions))
    pd.testing.assert_frame_equal(pd.concat(each), table)
    assert [row.index.tolist() for row in each] == [[0], [1], [2]]
    assert each[1].attrs == table.attrs != {}


def test_a_bad_lesion_is_its_error_or_stops_the_table():
    lesions = as_lesions([lesion("anna"), Unreadable(), lesion("anna", grey=5)])
    step = histogram().fit([lesion("anna")])
    first, second, third = step.transform_each(lesions)
    assert isinstance(second, LesionError) and third.index.tolist() == [2]
    for measure in (step.transform, step.fit_transform):
        with pytest.raises(LesionError, match="gone"):
            measure(lesions)


def test_what_is_not_fitted_or_known_is_refused():
    for use in (
        lambda step: step.transform([lesion("anna")]),
        lambda step: next(step.transform_each([lesion("anna")])),
        lambda step: step.get_feature_names_out(),
    ):
        with pytest.raises(NotFittedError):
            use(histogram())
    step = histogram().fit([lesion("anna")])
    for use in (step.transform, lambda X: next(step.transform_each(X))):
        with pytest.raises(CohortError, match="has the reader ben"):
            use([lesion("ben")])
    with pytest.raises(TypeError, match="fit takes no parameters, got .'weight'."):
        histogram().fit_transform([lesion("anna")], weight=1)
    with pytest.raises(ValueError, match="'n_jobs' parameter"):
        histogram(n_jobs="two").fit([lesion("anna")])
    with pytest.raises(ValueError, match="families"):
        TextureExtractor(["colour"]).fit([lesion("anna")])
    assert get_tags(step).input_tags.two_d_array is False
    assert step.row_wise is True


def test_nothing_is_said_unless_it_is_asked_for(capsys):
    histogram().fit_transform([lesion("anna")])
    assert capsys.readouterr().err == ""
    histogram(verbose=1).fit_transform([lesion("anna")])
    assert "1/1" in capsys.readouterr().err


def test_an_image_of_several_outlines_is_looked_at_once(monkeypatch):
    seen, original = [], _measure.measure

    def measure(region, plan, scale):
        seen.append(scale)
        return original(region, plan, scale)

    monkeypatch.setattr(_measure, "measure", measure)
    TextureExtractor(["cooccurrence"]).fit_transform([lesion("anna", "ben")])
    assert len(seen) == 2 and seen[0] is seen[1]

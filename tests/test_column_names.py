"""Names of columns in other spellings, and ids that lost their zeros."""

import pytest

from sklearn_orn._column_names import did_you_mean, image_names, lost_zeros
from sklearn_orn._messages import plain_text


@pytest.mark.parametrize(
    ("name", "names", "meant"),
    [
        ("outcom", ["age", "Out come", "dose"], "Out come"),
        ("sex", ["age", "sex at birth (m/f)"], "sex at birth (m/f)"),
        ("mask", ["mask of the second reader", "masks"], "masks"),
        ("masks", ["mask", "Masks"], "Masks"),
        ("age", ["dose", "stage of it"], None),
    ],
)
def test_the_nearest_name_is_meant(name, names, meant):
    found = plain_text(did_you_mean(name, names))
    assert found == ("" if meant is None else f" Did you mean '{meant}'?")


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["Image", "Mask"], {"Image": "image", "Mask": "mask"}),
        (["image", "mask", "age"], {}),
        (
            ["Patient", "Image date", "Image", "Mask Anna", "Series"],
            {"Image": "image", "Mask Anna": "mask_Anna", "Series": "series"},
        ),
        (
            ["IMAGE ANNA", "Mask Anna", "image-ben", "mask.Ben", "section cem"],
            {
                "IMAGE ANNA": "image_Anna",
                "Mask Anna": "mask_Anna",
                "image-ben": "image_Ben",
                "mask.Ben": "mask_Ben",
            },
        ),
        (["Mask Anna Maria", "image"], {"Mask Anna Maria": "mask_Anna Maria"}),
        (["Image", "IMAGE", "Mask"], {"Mask": "mask"}),
        (["image", "Image", "Mask"], {"Mask": "mask"}),
        (
            ["Mask", "Mask quality", "mask", "Image", "Stack"],
            {"Image": "image", "Stack": "stack"},
        ),
        (["Image Anna", "mask_Anna", "Section"], {"Section": "section"}),
    ],
)
def test_which_columns_are_of_images(header, names):
    assert image_names(header) == names


@pytest.mark.parametrize(
    ("ids", "others", "pairs"),
    [
        (["007"], ["7", "8", "07"], [("007", "7"), ("007", "07")]),
        (["P01", "P1"], ["P1", "P01"], [("P01", "P1"), ("P1", "P01")]),
        (["10", "100", "1"], ["10", "100", "1"], []),
        (["0"], ["00"], [("0", "00")]),
        (["1.05"], ["1.5"], [("1.05", "1.5")]),
        (["A", "A"], ["B"], []),
    ],
)
def test_ids_that_differ_by_zeros_in_front_alone(ids, others, pairs):
    assert lost_zeros(ids, others) == pairs

"""The one spelling of sequence, region and reader, and its one parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn._block_names import (
    IMAGE,
    LESION,
    Block,
    block_name,
    block_text,
    drawn_blocks,
    is_virtual,
    parse_block,
    readers_of,
    region_of,
    region_slug,
    region_words,
    rim_of,
    virtual_reader,
)

PART = st.text(st.characters(exclude_characters="|", codec="utf-8"), max_size=8)


@pytest.mark.parametrize(
    ("block", "name"),
    [
        (Block(), ""),
        (Block(reader="anna"), "anna"),
        (Block("T1", "lesion", "anna"), "T1|lesion|anna"),
        (Block("T1", "", "anna"), "T1|lesion|anna"),
        (Block("", "rim3out", "anna"), "image|rim3out|anna"),
        (Block("CE-T1"), "CE-T1|lesion"),
        (Block("", "rim2.5in"), "image|rim2.5in"),
    ],
)
def test_names(block, name):
    assert block_name(block) == name


@given(st.builds(Block, PART, PART, PART))
def test_a_name_is_read_as_the_block_that_it_was_made_of(block):
    found = parse_block(block_name(block))
    if block.sequence or block.region:
        block = block._replace(
            sequence=block.sequence or IMAGE, region=block.region or LESION
        )
    assert found == block
    assert block_name(found) == block_name(block)


@pytest.mark.parametrize("part", Block._fields)
def test_the_separator_is_refused_in_a_part(part):
    with pytest.raises(ValueError, match=rf"The {part} 'a\|b' has a '\|'"):
        block_name(Block(**{part: "a|b"}))


@pytest.mark.parametrize("name", ["|", "T1|", "|lesion", "T1||anna", "a|b|c|d"])
def test_what_is_no_block_is_refused(name):
    with pytest.raises(ValueError, match="not the name of a block"):
        parse_block(name)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("lesion", "lesion"),
        ("rim 3 mm outside", "rim3out"),
        ("rim 2.50 mm inside", "rim2.5in"),
        ("bounding context", "context"),
    ],
)
def test_slugs_of_regions(text, slug):
    assert region_slug(text) == region_slug(slug) == slug


@pytest.mark.parametrize(
    "text", ["", "rim", "rim 0 mm outside", "rim -1 mm inside", "rim3", "rim 3 outside"]
)
def test_what_is_no_region_is_refused(text):
    with pytest.raises(ValueError, match="is not a region; expected 'lesion'"):
        region_slug(text)


def test_rims_have_a_width_and_a_side():
    assert rim_of("rim 3 mm outside") == (3.0, "out")
    assert rim_of("rim2.5in") == (2.5, "in")
    assert rim_of("rim 0.5 mm inside") == rim_of("rim0.5in") == (0.5, "in")
    assert rim_of("lesion") is None


def test_a_reader_of_perturbed_outlines_is_known_by_its_name():
    assert virtual_reader(12) == "perturbed12"
    assert is_virtual(virtual_reader(12))


@pytest.mark.parametrize("reader", ["anna", "", "drawn", "perturbed", "perturbed01"])
def test_real_readers_are_not_virtual(reader):
    assert not is_virtual(reader)


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("rim3out", "rim 3 mm outside"),
        ("rim0.5in", "rim 0.5 mm inside"),
        ("context", "bounding context"),
        ("lesion", "lesion"),
    ],
)
def test_regions_in_words(slug, words):
    assert region_words(slug) == words


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("T1|lesion|anna", "sequence 'T1', reader 'anna'"),
        ("image|rim3out", "region 'rim3out'"),
        ("T1|context|ben", "sequence 'T1', region 'context', reader 'ben'"),
        ("anna", "reader 'anna'"),
        ("", ""),
    ],
)
def test_messages_leave_out_what_was_not_asked_for(name, text):
    assert block_text(name) == text


def test_readers_and_regions_of_blocks():
    names = ["T1|lesion|anna", "T1|lesion|ben", "T2|rim1in|perturbed2"]
    names.append("T2|rim1in|anna")
    assert readers_of(names) == ("anna", "ben", "perturbed2")
    assert [region_of(name) for name in names[1:3]] == ["T1|lesion", "T2|rim1in"]
    assert region_of("anna") == ""
    assert drawn_blocks(names) == [names[0], names[1], names[3]]

"""What the report's data say of the images."""

from sklearn_orn.study.report.sections._images import protocol_rows
from sklearn_orn.study.results import ProtocolValue


def test_protocol_and_overlap_are_in_the_results(two_reader_study):
    images = two_reader_study.results["images"]
    lesions = len(two_reader_study.scores)
    for item in {record["item"] for record in images["protocol"]}:
        counts = [r["n_lesions"] for r in images["protocol"] if r["item"] == item]
        assert sum(counts) == lesions
    overlap = images["overlap"]
    assert overlap["n_lesions"] == len(overlap["pairs"]) == lesions
    assert 0 < overlap["dice_min"] <= overlap["dice_median"] <= overlap["dice_max"] <= 1
    page = two_reader_study.report.read_text(encoding="utf-8")
    assert "Protocol of the images" in page
    assert f"In {lesions} comparisons of two readers" in page


def test_one_reader_has_no_overlap(one_reader_study):
    assert one_reader_study.results["images"]["overlap"]["n_lesions"] == 0
    page = one_reader_study.report.read_text(encoding="utf-8")
    assert "comparisons of two readers" not in page


def test_protocol_rows_name_values_and_lesions():
    records = [
        ProtocolValue("TE_ms", "10", 7),
        ProtocolValue("TE_ms", "missing", 2),
        ProtocolValue("matrix", "320 x 320", 9),
    ]
    assert protocol_rows(records) == [
        ["TE, ms", "10 (7), missing (2)"],
        ["Matrix", "320 x 320 (9)"],
    ]

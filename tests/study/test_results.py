"""results.json: typed, stored examples of its versions, and its schema."""

import dataclasses
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.study import StudyConfig, write_report
from sklearn_orn.study.report.sections import analyses
from sklearn_orn.study.results import (
    SECTIONS,
    VERSION,
    Absent,
    ClassCount,
    Results,
    SettingAuc,
    Settings,
    UnexpectedData,
    _upgrade,
    decode,
    results_schema,
    upgraded,
)
from sklearn_orn.study.results._results import since
from tests.study._results_example import (
    example,
    features_example,
    no_model_example,
    nothing_selected_example,
    temporal_example,
)
from tests.study._studies import quick_drawings

DATA = Path(__file__).parent / "data"
SCHEMA = Path(__file__).parents[2] / "docs" / "_static" / "results.schema.json"
EXAMPLES = [
    example,
    features_example,
    no_model_example,
    nothing_selected_example,
    temporal_example,
]


def stored(version):
    """Return what a study of two readers wrote."""
    return json.loads(
        gzip.decompress((DATA / f"results_v{version}.json.gz").read_bytes())
    )


@pytest.mark.parametrize("make", EXAMPLES)
def test_results_come_back_as_they_were_written(make):
    results = make()
    plain = json.loads(json.dumps(results.plain(), allow_nan=False))
    assert Results.from_plain(upgraded(plain)) == results


def test_the_stored_run_is_what_the_program_writes(two_reader_study):
    fresh, golden = two_reader_study.results, stored(VERSION)
    assert list(fresh) == list(golden)
    for section in golden.keys() - {"versions"}:
        assert_same(fresh[section], golden[section], section)
    assert fresh["versions"].keys() == golden["versions"].keys()


def assert_same(found, expected, place):
    """Compare to the bit what is no fraction, fractions but for rounding."""
    assert type(found) is type(expected), place
    if isinstance(expected, dict):
        assert list(found) == list(expected), place
        for key, value in expected.items():
            assert_same(found[key], value, f"{place}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for i, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_same(one, other, f"{place}[{i}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9), place
    else:
        assert found == expected, place


def with_p_of(new, old):
    """Return the parts with the p of the other file, which took lesions as alone."""
    pairs = zip(new["parts"], old["parts"], strict=True)
    found = []
    for part, before in pairs:
        test = before["hosmer_lemeshow"]
        assert not test["by_patient"] and part["hosmer_lemeshow"]["by_patient"]
        p = {"p_value": test["p_value"], "by_patient": False}
        calibration = part["calibration"] | {
            name: before["calibration"][name]
            for name in ("unreliability_p", "spiegelhalter_p")
        }
        assert calibration != part["calibration"]
        found.append(
            part
            | {"hosmer_lemeshow": part["hosmer_lemeshow"] | p}
            | {"calibration": calibration}
        )
    return found


YOUNGER = {name for name, first in SECTIONS.items() if first == 5}


def without_distances(results):
    """Return the pairs of readers as a file before version 5 has them."""
    pairs = results["images"]["overlap"]["pairs"]
    return [p | {"hausdorff_mm": None, "hausdorff_95_mm": None} for p in pairs]


def test_a_stored_file_of_version_4_is_that_of_version_5():
    """But for what version 5 computes first."""
    old, new = upgraded(stored(4)), stored(5)
    assert list(old) == list(new)
    assert "not computed by the version" in old["combined"]["absent"]
    assert "not computed by the version" in old["models_instability"]["absent"]
    assert old["models"]["judged"] is old["models"]["benefits"] is None
    new["models"]["judged"] = None
    new["parts"] = with_p_of(new, old)
    new["images"]["overlap"]["pairs"] = without_distances(new)
    told = [[guard["code"] for guard in found["warnings"]] for found in (old, new)]
    assert told[0] == told[1]
    for section in new.keys() - YOUNGER - {"warnings"}:
        assert old[section] == new[section], section


def test_warnings_of_a_file_before_version_5_get_their_codes():
    title = "2 features that tell the classes apart alone."
    own = [{"title": title, "text": "."}, {"title": "From the run.", "text": "."}]
    told = upgraded(stored(4) | {"warnings": own})["warnings"]
    assert [guard["code"] for guard in told] == ["ORN027", None]
    with pytest.raises(UnexpectedData, match="not what version 4 holds"):
        upgraded(stored(4) | {"warnings": [1]})


def test_a_stored_file_of_version_3_is_that_of_version_5():
    """But for resamples, where ties among features were broken otherwise then."""
    old, new = upgraded(stored(3)), stored(5)
    assert list(old) == list(new)
    new["models"]["judged"] = None
    new["parts"] = with_p_of(new, old)
    changed = {"stability", "optimism", "nested", "warnings"}
    new["images"]["overlap"]["pairs"] = without_distances(new)
    for section in new.keys() - changed - YOUNGER:
        assert old[section] == new[section], section
    for section in ("stability", "optimism", "nested"):
        assert old[section].keys() == new[section].keys()


def test_a_stored_file_of_version_3_still_makes_its_report(tmp_path, monkeypatch):
    quick_drawings(monkeypatch)
    (tmp_path / "results.json").write_text(json.dumps(stored(3)), encoding="utf-8")
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "cannot be shown" in page  # one normalisation was switched off
    assert "{{" not in page


def test_a_file_of_version_3_that_was_changed_is_refused():
    for section in ("stability", "parts", "images"):
        with pytest.raises(UnexpectedData):
            Results.from_plain(upgraded(stored(3) | {section: [1]}))


def test_another_file_and_a_newer_version_are_refused():
    for data in ([], {}, {"format": "other", "schema_version": VERSION}):
        with pytest.raises(UnexpectedData, match="expected a file of the format"):
            upgraded(data)
    for version in (2, VERSION + 1):
        with pytest.raises(UnexpectedData, match=f"version {version}; this program re"):
            upgraded(stored(VERSION) | {"schema_version": version})


def test_settings_of_version_3_keep_what_they_led_to():
    at = {"normalization": "3sigma", "bits": 6, "own": True}
    led = {"auc": 0.7, "lower": 0.6, "upper": 0.8, "se": 0.05, "n_selected": 1}
    row = at | led | {"selected": ["Mean"]}
    old = stored(3) | {"sensitivity": {"rows": [row]}}
    (found,) = Results.from_plain(upgraded(old)).sensitivity.rows
    assert (found.normalization, found.bits, found.own) == ("3sigma", 6, True)
    assert found.result == SettingAuc(0.7, 0.6, 0.8, 0.05, 1, ("Mean",))


def test_one_reader_and_given_features_of_version_3():
    old = stored(3)
    old["images"]["overlap"] = {"lesions": 0, "pairs": []}
    overlap = Results.from_plain(upgraded(old)).images.overlap
    assert (overlap.n_lesions, overlap.dice_median) == (0, None)
    images = Results.from_plain(upgraded(stored(3) | {"images": None})).images
    assert images == Absent("The features were given, not measured here.")


def test_the_published_schema_is_that_of_the_program():
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == results_schema()


def conforms(data, schema, known):
    """Say whether data are as a schema of ours asks."""
    if "$ref" in schema:
        return conforms(data, known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return any(conforms(data, member, known) for member in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return data in schema.get("enum", [schema.get("const")])
    if "properties" in schema:
        names = schema["properties"]
        if not isinstance(data, dict):
            return False
        return data.keys() == names.keys() == set(schema["required"]) and all(
            conforms(data[name], names[name], known) for name in names
        )
    if schema.get("type") == "object":
        values = schema["additionalProperties"]
        return isinstance(data, dict) and all(
            conforms(value, values, known) for value in data.values()
        )
    if "items" in schema:
        return isinstance(data, list) and all(
            conforms(item, schema["items"], known) for item in data
        )
    if "prefixItems" in schema:
        kinds = schema["prefixItems"]
        whole = isinstance(data, list) and len(data) == schema["minItems"]
        return whole and all(map(conforms, data, kinds, [known] * len(kinds)))
    kinds = {
        "string": str,
        "integer": int,
        "number": int | float,
        "boolean": bool,
        "null": type(None),
    }
    return schema == {} or isinstance(data, kinds[schema["type"]])


@pytest.mark.parametrize("make", EXAMPLES)
def test_results_are_as_the_schema_asks(make):
    schema = results_schema()
    assert conforms(make().plain(), schema, schema["$defs"])
    assert not conforms(make().plain() | {"model": 1}, schema, schema["$defs"])


def test_settings_are_those_of_the_configuration():
    config = {field.name for field in dataclasses.fields(StudyConfig)}
    settings = {field.name for field in dataclasses.fields(Settings)}
    assert settings == config - {"n_jobs", "exclusions"} | {"bits", "clinical_kinds"}


def test_sections_are_listed_in_the_order_of_the_file():
    assert list(example().plain())[3:] == list(SECTIONS)


@given(
    st.builds(
        ClassCount,
        part=st.sampled_from(["training", "validation", "all"]),
        label=st.text(),
        positive=st.booleans(),
        n_lesions=st.integers(0),
        n_patients=st.integers(0),
        share=st.none() | st.floats(0, 1),
    )
)
def test_any_count_of_a_class_comes_back_from_plain_data(count):
    assert decode(ClassCount, dataclasses.asdict(count)) == count


def test_a_section_that_is_younger_than_the_file(monkeypatch):
    """A field with `since` needs no other word on older files."""

    class Younger(Results, kw_only=True):
        further: Absent | ClassCount = since(5)

    sections = SECTIONS | {"further": 5}
    monkeypatch.setattr(_upgrade, "Results", Younger)
    monkeypatch.setattr(_upgrade, "SECTIONS", sections)
    monkeypatch.setattr(_upgrade, "READ", range(3, 6))
    for version in (3, 4):
        read = Younger.from_plain(upgraded(stored(version)))
        assert read.further.absent.startswith("It was not computed")
    lacking = stored(5)
    with pytest.raises(UnexpectedData, match="it lacks 'further'"):
        upgraded(lacking)
    lacking = lacking | {"schema_version": 6}
    with pytest.raises(UnexpectedData, match="version 6; .* reads versions 3, 4 and 5"):
        upgraded(lacking)


def test_what_a_section_computes_is_a_field_of_the_results():
    assert list(analyses()) and set(analyses()) <= set(SECTIONS)

"""Numbers in the answers of the checklists, and what the methods derive of results."""

from dataclasses import replace

import pytest

from sklearn_orn.study.checklists import _sentences as s
from sklearn_orn.study.methods import _derived as d
from sklearn_orn.study.results import (
    Absent,
    BlockFeatures,
    Blocks,
    ClassCount,
    Comparison,
    Exclusion,
    Flow,
    FlowStage,
    GroupMeasure,
    ProtocolValue,
)
from tests.study._results_example import (
    CONFIG,
    EXAMPLE,
    OPTIMISM,
    ROWS,
    TRAINING,
    VALIDATION,
    example,
    example_without,
    features_example,
    product_example,
)

NBSP = "\N{NO-BREAK SPACE}"
CI = f"95{NBSP}% CI"
VALUES = (
    ProtocolValue("TR_ms", "550", 100),
    ProtocolValue("TR_ms", "600", 40),
    ProtocolValue("TR_ms", "missing", 2),
    ProtocolValue("vendor", "missing", 142),
    ProtocolValue("model", "550", 1),
)
IMAGES = replace(EXAMPLE.images, protocol=VALUES)


def test_why_a_section_is_missing():
    assert s.why(Absent("It was switched off. ")) == ": It was switched off"
    assert s.why(Absent("")) == s.why(EXAMPLE.model) == s.why(None) == ""


def test_known_values_are_those_of_the_items():
    results = example(images=IMAGES)
    assert s.known_values(results, "TR_ms") == {"550", "600"}
    assert s.known_values(results, "vendor") == set()
    assert s.known_values(results, "vendor", "model") == {"550"}
    assert s.known_values(example_without("images"), "TR_ms") == set()


def test_the_size_of_training_is_told_with_its_events():
    size = EXAMPLE.sample_size
    assert s.size_text(example()) == (
        "Training had 95 lesions of 46 patients; the smaller class, metastasis, had 44 "
        "lesions of 21 patients (0.7 patients for each of the 30 candidates)."
    )
    none = example(sample_size=replace(size, n_candidates=0, smaller_class=""))
    assert s.size_text(none) == (
        "Training had 95 lesions of 46 patients; the smaller class had 44 lesions of "
        "21 patients."
    )
    assert s.size_text(example_without("sample_size")) == ""


def test_lesions_of_each_class_in_each_part():
    assert s.class_shares(example()) == [
        *("training: 51 ORN and 44 metastasis", "validation: 25 ORN and 22 metastasis")
    ]
    only = replace(EXAMPLE.cohort, counts=EXAMPLE.cohort.counts[:2])
    assert s.class_shares(example(cohort=only)) == [
        "training: 51 ORN and 44 metastasis"
    ]
    assert s.positive_shares(example()) == (
        "Training (apparent): 51 of 95 lesions are ORN (53.7 %). Validation: 25 of 47 "
        "lesions are ORN (53.2 %)."
    )
    empty = replace(VALIDATION, n_lesions=0)
    assert "Validation" not in s.positive_shares(example(parts=(TRAINING, empty)))


def test_stages_tell_what_they_count():
    found = (
        FlowStage("Screened", None, 90, ()),
        FlowStage("Asked", None, None, ()),
        FlowStage("Analysed", 142, 71, ()),
        FlowStage("None", 0, None, ()),
    )
    flow = Flow(found, EXAMPLE.flow.parts)
    assert s.stages(example(flow=flow)) == [
        "Screened: 90 patients",
        "Analysed: 142 lesions and 71 patients",
        "None: 0 lesions",
    ]


def test_characteristics_whose_parts_differ():
    baseline = EXAMPLE.baseline
    border = replace(ROWS[0], p_value=0.05)
    near = replace(ROWS[2], p_value=0.0499)
    unknown = replace(ROWS[0], variable="side", p_value=None)
    count = replace(ROWS[0], variable="Patients", kind="count")
    rows = (count, border, ROWS[1], near, unknown)
    results = example(baseline=replace(baseline, by_part=rows))
    assert s.by_part(results) == rows
    assert s.differing(results) == ["dose_gy (p 0.004)", "sex (p 0.050)"]
    assert s.variables([*rows, border]) == ["age", "dose_gy", "sex", "side"]
    none = example(baseline=replace(baseline, by_part=None))
    assert s.by_part(none) == () == s.by_part(example_without("baseline"))
    assert s.characteristics(example()) == [
        *("training: age, dose_gy, sex", "validation: age, dose_gy")
    ]
    empty = replace(baseline, by_class={"training": (count,), "validation": ROWS})
    assert s.characteristics(example(baseline=empty)) == [
        "validation: age, dose_gy, sex"
    ]
    assert s.characteristics(example_without("baseline")) == []


def test_a_value_with_and_without_limits():
    row = GroupMeasure(0.8, 0.7, 0.9, None, None, None)
    assert s.with_interval(0.8123, row) == f"0.81 ({CI} 0.70 to 0.90)"
    assert s.with_interval(0.8, replace(row, lower=None)) == "0.80"
    assert s.with_interval(0.8, replace(row, upper=None)) == "0.80"


def test_all_measures_of_a_part():
    assert s.part_text(VALIDATION) == (
        f"Validation: AUC 0.68 ({CI} 0.54 to 0.83), sensitivity 64.0 % (16/25), "
        "specificity 63.6 % (14/22), accuracy 63.8 % (30/47), positive predictive "
        "value 66.7 % (16/24), negative predictive value 60.9 % (14/23), "
        "no-information rate 53.2 %."
    )
    fewer = replace(VALIDATION, n_positive=5)
    assert "no-information rate 89.4 %" in s.part_text(fewer)
    lost = replace(VALIDATION.performance.npv, estimate=None)
    part = replace(
        VALIDATION,
        performance=replace(VALIDATION.performance, npv=lost),
        n_lesions=0,
        part="cross-validation",
    )
    text = s.part_text(part)
    assert text.startswith("Cross-validation: AUC")
    assert text.endswith("predictive value 66.7 % (16/24).")


def test_what_may_be_quoted_stands_first():
    text = s.performance_text(example())
    order = [
        "Validation: AUC",
        "Nested cross",
        ".632+ bootstrap: AUC 0.68.",
        "Training",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    folds = s.performance_text(features_example())
    assert folds.startswith("Cross-validation: AUC 0.68")
    assert f"AUC 0.70 ({CI} 0.60 to 0.80)." in s.nested_text(example())


def resampled(**changes):
    auc = replace(OPTIMISM.measures[0], **changes)
    other = replace(auc, key="slope", corrected=0.11, plus_632=0.22)
    return example(optimism=replace(OPTIMISM, measures=(other, auc)))


def test_the_auc_of_resamples_is_that_of_the_auc():
    assert s.plus_632_text(resampled()) == ".632+ bootstrap: AUC 0.68."
    assert "as rms gives it: 0.73, which" in s.harrell_text(resampled())
    lost = resampled(corrected=None, plus_632=None)
    slope = replace(OPTIMISM, measures=lost.optimism.measures[:1])
    for results in (lost, example_without("optimism"), example(optimism=slope)):
        assert s.plus_632_text(results) == s.harrell_text(results) == ""
    assert s.nested_text(example_without("nested")) == ""
    assert s.nested_text(example(nested=replace(EXAMPLE.nested, auc=None))) == ""


def test_calibration_of_each_part():
    last = replace(VALIDATION.calibration, slope=0.654, brier=0.2345)
    parts = (TRAINING, replace(VALIDATION, calibration=last))
    assert s.calibration_text(example(parts=parts)) == (
        "Training (apparent): calibration slope 0.89, calibration in the large 0.17, "
        "Brier score 0.220. Validation: calibration slope 0.65, calibration in the "
        "large 0.17, Brier score 0.234."
    )


def test_models_are_told_with_their_tests():
    found = replace(EXAMPLE.models, rows=EXAMPLE.models.rows[:2])
    text = s.models_text(example(models=found))
    assert text == (
        f"AUC: radiomics 0.68 ({CI} 0.50 to 0.80) and lesion size 0.58 ({CI} 0.50 to "
        "0.80). radiomics against lesion size: difference 0.10 "
        f"({CI} −0.05 to 0.26), p 0.19. {found.verdict}"
    )
    untested = replace(found, comparisons=())
    assert s.models_text(example(models=untested)) == (
        f"{text.partition(' radiomics against')[0]} {found.verdict}"
    )
    alone = replace(found, rows=found.rows[:1])
    assert s.models_text(example(models=alone)) == ""
    assert s.models_text(example_without("models")) == ""


@pytest.mark.parametrize(
    ("second", "tested"),
    [("clinical", True), ("lesion size", True), ("one feature", False)],
)
def test_whether_a_model_without_radiomics_was_tested(second, tested):
    rows = (
        Comparison("radiomics", "one feature", 0.1, 0, 0.2, 0.1),
        Comparison("radiomics", second, 0.1, 0, 0.2, 0.1),
    )
    found = example(models=replace(EXAMPLE.models, comparisons=rows))
    assert s.tested_without_radiomics(found) is tested
    assert not s.tested_without_radiomics(example_without("models"))


def test_steps_and_sequences():
    assert s.steps_text(example()) == (
        "Features: 279 measured, 215 reproducible, 30 chosen, 3 in the score."
    )
    assert s.steps_text(example(features=())) == ""
    rows = (
        BlockFeatures("T1", "lesion", 279, 200, 8, 2),
        BlockFeatures("T2", "lesion", 279, 200, 8, 1),
        BlockFeatures("T1", "rim3out", 279, 200, 8, 3),
    )
    found = example(blocks=Blocks(rows))
    assert s.by_sequence(found) == "Features in the score: 5 of T1 and 1 of T2."
    assert s.by_sequence(example_without("blocks")) == ""


def test_an_interval_of_any_part():
    bare = replace(TRAINING, auc=replace(TRAINING.auc, lower=None))
    assert s.has_interval(example(parts=(bare, VALIDATION)))
    assert not s.has_interval(example(parts=(bare,)))
    assert not s.has_interval(example(parts=()))


def test_readers_alone_and_not_their_mean():
    rows = EXAMPLE.reader_swap.rows
    mean = replace(rows[0], reader="mean of all")
    found = replace(EXAMPLE.reader_swap, rows=(*rows, mean))
    assert s.readers_alone(example(reader_swap=found)) == [
        f"reader_a AUC 0.69 ({CI} 0.54 to 0.83)",
        f"reader_b AUC 0.66 ({CI} 0.51 to 0.81)",
    ]
    assert s.readers_alone(example_without("reader_swap")) == []


def test_the_combined_formula_is_that_of_the_files():
    text = s.combined_formula(product_example())
    assert text.startswith("log-odds = −8.6000 + 0.030000 × age")
    assert text.endswith(".") and s.combined_formula(example()) == ""


def test_images_that_features_were_measured_on():
    original, gradient, wavelet = s.image_types(example())
    assert original == "the original image"
    assert gradient == "the map of its gradient (5 features)"
    assert wavelet == "its Haar wavelet transform at up to five scales (20 features)"
    first = replace(CONFIG, pipeline={"extractor__families": ["histogram"]})
    steps = (replace(EXAMPLE.features[0], n_features=9), *EXAMPLE.features[1:])
    alone = example(config=first, features=steps)
    assert s.image_types(alone) == [original]


def test_groups_of_patients():
    results = example()
    assert s.grouped_by(results, "age", "sex", "centre") == ["sex"]
    older = replace(EXAMPLE.subgroups.rows[0], by="age")
    two = replace(EXAMPLE.subgroups, rows=(*EXAMPLE.subgroups.rows, older))
    both = s.grouped_by(example(subgroups=two), "age", "sex", "centre")
    assert both == ["age", "sex"]
    assert s.grouped_by(example_without("subgroups"), "sex") == []
    (f, m) = EXAMPLE.subgroups.rows
    assert s.groups_text(results) == (
        f"In groups: sex F ({f.n_patients} patients, AUC 0.81 ({CI} 0.35 to 0.96)) and "
        f"sex M ({m.n_patients} patients, AUC 0.63 ({CI} 0.41 to 0.80)). 2 groups of 2 "
        "have fewer than 10 patients of a class."
    )
    first, second = EXAMPLE.subgroups.rows
    none = replace(first, few=True, auc=replace(first.auc, estimate=None))
    one = replace(EXAMPLE.subgroups, rows=(none, replace(second, few=False)))
    text = s.groups_text(example(subgroups=one))
    assert "patients, no AUC)" in text
    assert text.endswith(" 1 group of 2 has fewer than 10 patients of a class.")
    enough = replace(one, rows=(replace(first, few=False), replace(second, few=False)))
    assert "fewer than" not in s.groups_text(example(subgroups=enough))
    assert s.groups_text(example_without("subgroups")) == ""


# What the methods derive


def test_items_of_the_protocol_with_what_is_not_known():
    found = d.protocol_items(IMAGES)
    assert [(item.name, item.n_unknown) for item in found] == [
        ("TR_ms", 2),
        ("model", 0),
    ]
    assert found[0].numbers == [550.0, 600.0]
    assert [row.n_lesions for row in found[0].known] == [100, 40]
    word = replace(found[0], known=(ProtocolValue("TR_ms", "short", 1),))
    assert word.numbers == []
    assert d.protocol_items(Absent("none")) == []


def test_lesions_of_a_class_in_one_part_or_all():
    counts = (
        *EXAMPLE.cohort.counts,
        ClassCount("validation", "ORN", True, 5, 3, None),
    )
    assert d.lesions_by_class(counts, "validation") == {"ORN": 30, "metastasis": 22}
    assert d.lesions_by_class(counts, None) == {"ORN": 81, "metastasis": 66}
    assert d.lesions_by_class(counts, "all") == {}


def test_who_was_excluded_in_the_unit_of_the_stage():
    rows = (Exclusion("blurred", 3, 2), Exclusion("unknown", 4, None))
    assert d.excluded(FlowStage("Asked", None, 90, rows)) == [("blurred", 2)]
    assert d.excluded(FlowStage("Asked", 90, None, rows)) == [
        *(("blurred", 3), ("unknown", 4))
    ]


def test_parameters_of_the_study_go_before_defaults():
    plain = replace(CONFIG, bits=None, normalization=None, pipeline={})
    default = d.parameters(plain)
    assert default["normalizer__method"] == "3sigma"
    assert "perturber__n" in default and "combat__unseen" in default
    own = d.parameters(
        replace(plain, normalization="1-99", pipeline={"fcm__k": 4, "own": 1})
    )
    assert (own["normalizer__method"], own["fcm__k"], own["own"]) == ("1-99", 4, 1)
    asked = replace(CONFIG, pipeline={"normalizer__method": "none"})
    assert d.parameters(asked)["normalizer__method"] == CONFIG.normalization


def families(*names):
    return replace(CONFIG, pipeline={"extractor__families": list(names)})


def test_families_that_were_measured_and_their_bits():
    assert d.families_measured(families("wavelet", "gradient")) == [
        "wavelet",
        "gradient",
    ]
    everything = d.families_measured(CONFIG)
    assert d.families_measured(families()) == everything and len(everything) > 4
    word = replace(CONFIG, pipeline={"extractor__families": "all"})
    assert d.families_measured(word) == everything
    assert d.families_by_bits(CONFIG) == {
        6: ["cooccurrence", "run_length"],
        4: ["gradient"],
        8: ["wavelet"],
    }
    default = replace(families("gradient", "cooccurrence"), bits=None)
    found = d.families_by_bits(default)
    assert sorted(x for names in found.values() for x in names) == [
        *("cooccurrence", "gradient")
    ]
    some = replace(default, bits={"gradient": 7})
    assert "gradient" in d.families_by_bits(some)[7]
    assert any("cooccurrence" in names for names in d.families_by_bits(some).values())


def blocks(*pairs):
    rows = tuple(BlockFeatures(*pair, 279, 200, 8, 1) for pair in pairs)
    return example(
        blocks=Blocks(rows),
        features=(
            replace(EXAMPLE.features[0], n_features=279 * len(pairs)),
            *EXAMPLE.features[1:],
        ),
    )


def test_what_features_are_measured_of():
    known = d.variables(blocks(("T1", "lesion"), ("T1", "rim3out"), ("T2", "lesion")))
    assert known["sequences"] == ["T1", "T2"]
    assert known["regions"] == ["lesion", "rim3out"]
    assert known["measured_of"] == ["lesion", "sequence", "region", "reader"]
    assert str(known["measured_each"]) == "279"
    assert sum(known["families"].values()) == 279
    plain = d.variables(blocks(("T1", "lesion"), ("T2", "lesion")))
    assert plain["regions"] == []
    assert plain["measured_of"] == ["lesion", "sequence", "reader"]
    rims = d.variables(blocks(("image", "rim3out")))
    assert (rims["sequences"], rims["regions"]) == ([], ["rim3out"])
    one = d.variables(replace(example(), readers=("anna",)))
    assert one["measured_of"] == ["lesion"]
    assert d.variables(example(features=()))["measured_each"] is None
    assert d.measured_each(example()) == 279


def test_families_are_counted_where_all_are_known():
    assert sum(d.family_counts(example()).values()) == 279
    assert d.family_counts(features_example()) == {}
    fewer = (replace(EXAMPLE.features[0], n_features=278), *EXAMPLE.features[1:])
    assert d.family_counts(example(features=fewer)) == {}
    unknown = replace(CONFIG, pipeline={"extractor__distances": "all"})
    assert d.family_counts(example(config=unknown)) == {}
    pair = replace(CONFIG, pipeline={"extractor__distances": [1, 2]})
    assert d.family_counts(example(config=pair)) == {}


def test_tests_of_the_baseline_in_their_order():
    baseline = EXAMPLE.baseline
    assert d.baseline_tests(baseline) == ["Welch's t", "Mann-Whitney U", "chi-square"]
    whole = replace(baseline, by_part=None, by_class={"all": ROWS[2:]})
    assert d.baseline_tests(whole) == ["chi-square"]
    by_part = replace(whole, by_part=(replace(ROWS[0], test="Fisher"),))
    assert d.baseline_tests(by_part) == ["chi-square", "Fisher"]
    assert d.baseline_tests(Absent("none")) == []


def test_who_judges_the_model():
    split, folds = d.variables(example()), d.variables(features_example())
    assert split["training"] is TRAINING and split["second"] is VALIDATION
    names = ("held_out", "cross_validated", "temporal")
    assert [split[name] for name in names] == [True, False, False]
    assert [folds[name] for name in names] == [False, True, False]
    dated = d.variables(example(config=replace(CONFIG, split=None, date="scanned")))
    assert dated["temporal"]
    crossed = replace(features_example().config, date="scanned")
    assert not d.variables(replace(features_example(), config=crossed))["temporal"]
    none = d.variables(example(parts=()))
    assert none["training"] is none["second"] is None
    assert not none["held_out"] and not none["cross_validated"]
    assert (split["negative"], split["positive"]) == ("metastasis", "ORN")
    assert split["from_images"] and not folds["from_images"]
    assert split["model"] is EXAMPLE.model
    assert d.variables(example_without("model"))["model"] is None


def test_the_range_of_thresholds_that_is_drawn():
    curve = VALIDATION.decision_curve
    assert d.variables(example())["decision_range"] == (0.0, 0.99)
    asked = replace(CONFIG, threshold_range=(0.2, 0.4))
    assert d.variables(example(config=asked))["decision_range"] == (0.2, 0.4)
    first = replace(TRAINING, decision_curve=replace(curve, threshold=(0.1, 0.2, 0.7)))
    both = d.variables(example(parts=(first, VALIDATION)))
    assert both["decision_range"] == (0.0, 0.99)
    alone = d.variables(example(parts=(first,)))
    assert alone["decision_range"] == (0.1, 0.7)
    assert d.variables(example(parts=()))["decision_range"] is None


def counted(n_lesions, n_patients, parts=()):
    cohort = replace(EXAMPLE.cohort, n_lesions=n_lesions, n_patients=n_patients)
    return d.variables(example(cohort=cohort, parts=parts))["clustered"]


def test_patients_with_several_lesions_are_clusters():
    assert counted(142, 71) and not counted(71, 71)
    same = replace(VALIDATION, n_lesions=25, n_patients=25)
    assert counted(71, 71, (same, VALIDATION)) and not counted(71, 71, (same,))


def test_who_left_the_flow_after_screening():
    def told(*stages):
        flow = Flow(stages, EXAMPLE.flow.parts)
        return d.variables(example(flow=flow))["left_out_in_flow"]

    lost = (Exclusion("blurred", 3, 2),)
    assert not told(FlowStage("Screened", None, 90, lost))
    assert told(FlowStage("Screened", None, 90, ()), FlowStage("Asked", 9, 9, lost))
    assert not told(FlowStage("Asked", 9, 9, ()))


def test_steps_candidates_and_headers_by_name():
    known = d.variables(example())
    assert known["left"] == {
        "extractor": 279,
        "icc_perturbed": None,
        "icc": 215,
        "fcm": 30,
        "nomogram": 3,
    }
    assert [row.n for row in known["riley"]] == [20942, 2252]
    turned = replace(EXAMPLE.sample_size, riley=EXAMPLE.sample_size.riley[::-1])
    assert [row.n for row in d.variables(example(sample_size=turned))["riley"]] == [
        *(20942, 2252)
    ]
    assert d.variables(example_without("sample_size"))["riley"] == []
    assert [item.name for item in d.variables(example(images=IMAGES))["protocol"]] == [
        *("TR_ms", "model")
    ]
    given = replace(example(images=IMAGES), source="features")
    assert d.variables(given)["protocol"] == []

"""Two sequences and two readers, from the table to the model file and the commands."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
    radiomics_pipeline,
)
from sklearn_orn._reader_names import ABSENT, read_blocks
from sklearn_orn.cli import main
from sklearn_orn.deploy import (
    ModelFile,
    calculator_page,
    predict_cohort,
    save_model,
)
from sklearn_orn.exceptions import CohortError, StudyWarning
from sklearn_orn.images import (
    Lesion,
    as_lesions,
    check_cohort,
    read_cohort,
    reader_overlap,
)
from sklearn_orn.model import PublishedSignature
from sklearn_orn.plotting import MontageDisplay, NomogramDisplay
from sklearn_orn.texture import _measure

from ._two_sequences import write_cohort
from .study._studies import quick_drawings

BLOCKS = ("T1|lesion|anna", "T1|lesion|ben", "T2|lesion|anna", "T2|lesion|ben")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_cohort(tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def table(path):
    return read_cohort(path)


def quick(**settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        pipeline = radiomics_pipeline(cv=3, k=3, random_state=0, **settings)
    pipeline.set_params(extractor__families=["histogram", "gradient"])
    return pipeline.set_params(nomogram__lambda_rule="min")


@pytest.fixture(scope="module")
def fitted(table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        return quick().fit(table, table["grade"])


def histograms(table, **settings):
    return TextureExtractor(families=["histogram"], **settings).fit_transform(table)


def test_names_of_columns(table):
    X = histograms(table)
    assert list(X)[:2] == ["T1|lesion|anna__Mean", "T1|lesion|anna__Variance"]
    assert {name.split("__")[0] for name in X} == set(BLOCKS)
    assert X.attrs["provenance"]["readers"] == list(BLOCKS)


def test_each_sequence_is_normalised_by_itself(table):
    (lesion,) = Normalizer().fit_transform(table.iloc[[3]])
    windows = {}
    for name, region in lesion.read().items():
        inside = region.image[region.mask].astype(float) + 1
        low, high = region.window
        assert low == int(inside.mean() - 3 * inside.std())
        assert high == int(inside.mean() + 3 * inside.std())
        windows.setdefault(name.split("|")[0], []).append(low)
    assert max(windows["T1"]) - min(windows["T1"]) < 30
    assert min(windows["T1"]) > max(windows["T2"])


def test_each_sequence_alone_gives_the_same_features(table):
    both = TextureExtractor(families=["gradient"]).fit_transform(table)
    for name in ("T1", "T2"):
        alone = table.rename(columns={f"image_{name}": "image"})
        alone = alone.drop(columns=[c for c in alone if c.startswith("image_")])
        own = TextureExtractor(families=["gradient"]).fit_transform(alone)
        for column in own:
            np.testing.assert_array_equal(own[column], both[f"{name}|lesion|{column}"])


def test_an_absent_block_is_missing(table):
    X = histograms(table.assign(image_T2=[None, *table["image_T2"][1:]]))
    assert X.iloc[0].filter(like="T2|").isna().all()
    assert X.iloc[0].filter(like="T1|").notna().all()
    assert X.iloc[1:].notna().all().all()


def test_the_agreement_is_within_each_sequence(table):
    X = histograms(table)
    icc = ICCFilter(-1).set_output(transform="pandas").fit(X)
    assert icc.readers_ == ("anna", "ben")
    for name in ("T1", "T2"):
        alone = X[[c for c in X if c.startswith(name)]]
        own = ICCFilter(-1).fit(alone)
        of_sequence = [f.startswith(name) for f in icc.features_]
        np.testing.assert_array_equal(own.icc_, icc.icc_[of_sequence])
        assert list(own.features_) == list(icc.features_[of_sequence])
    out = icc.transform(X)
    assert list(out)[:2] == ["T1|lesion__Mean", "T1|lesion__Variance"]
    mean = (X["T2|lesion|anna__Mean"] + X["T2|lesion|ben__Mean"]) / 2
    np.testing.assert_allclose(out["T2|lesion__Mean"], mean, rtol=1e-12)


def test_behind_a_feature_union(table):
    X = histograms(table)
    X = pd.concat([X.add_prefix("a__"), X.add_prefix("b__") ** 2], axis=1)
    icc = ICCFilter(-1).fit(X)
    assert len(icc.features_) == 36 and icc.features_[0] == "a__T1|lesion__Mean"
    assert list(ICCFilter(-1, readers=["anna", "ben"]).fit(X).features_) == list(
        icc.features_
    )
    with pytest.raises(ValueError, match="of the reader 'ben', who is none of"):
        ICCFilter(readers=["anna", "carl"]).fit(X)


def test_a_sequence_of_one_reader_is_kept_and_said_so(table):
    X = histograms(table.rename(columns={"mask_ben": "mask_T1_ben"}))
    icc = ICCFilter().set_output(transform="pandas")
    with pytest.warns(StudyWarning, match=r"'T2\|lesion' are of one reader.*ORN020"):
        icc.fit(X)
    of_t2 = np.array([name.startswith("T2") for name in icc.features_])
    assert icc.get_support()[of_t2].all() and np.isnan(icc.icc_[of_t2]).all()
    assert set(np.array(icc.reasons_)[of_t2]) == {"kept: one reader, no ICC"}
    assert np.isfinite(icc.icc_[~of_t2]).all()
    out = icc.transform(X)
    np.testing.assert_array_equal(out["T2|lesion__Mean"], X["T2|lesion|anna__Mean"])
    with pytest.warns(StudyWarning):
        every = ICCFilter(average=False).set_output(transform="pandas").fit(X)
    assert "T2|lesion|anna__Mean" in every.transform(X)


def test_one_reader_of_each_sequence_has_nothing_to_compare(table):
    X = histograms(table)
    one = X[[c for c in X if c.startswith(("T1|lesion|anna", "T2|lesion|ben"))]]
    with pytest.raises(ValueError, match="one reader only of each sequence and reg"):
        ICCFilter().fit(one)
    kept = ICCFilter(n_readers=1).fit(one)
    assert kept.get_support().all()


def test_uneven_blocks_are_refused(table):
    X = histograms(table)
    with pytest.raises(
        ValueError, match=r"'ben' lacks features of a seq.*T2\|lesion__M"
    ):
        ICCFilter().fit(X.drop(columns="T2|lesion|ben__Mean"))
    with pytest.raises(ValueError, match="is there twice"):
        read_blocks(["T1|lesion|a__Mean"] * 2)
    found = read_blocks(["T1|lesion|a__Mean", "T1|lesion|b__Mean", "T2|lesion|a__Mean"])
    assert found.positions.tolist() == [[0, 2], [1, ABSENT]]
    assert found.groups == ("T1|lesion", "T2|lesion")


def test_unnamed_and_named_masks_of_one_sequence_are_refused():
    image = np.arange(100).reshape(10, 10)
    mixed = [
        Lesion({"T1": image}, {"T1|lesion": image > 5}),
        Lesion({"T1": image}, {"T1|lesion|anna": image > 5}),
    ]
    with pytest.raises(CohortError, match="unnamed mask, others the readers T1|lesion"):
        TextureExtractor().fit(mixed)
    other = [Lesion({"T2": image}, {"T2|lesion": image > 5})]
    known = TextureExtractor(families=["histogram"]).fit(mixed[1:])
    with pytest.raises(CohortError, match="'T1|lesion|anna'"):
        known.transform(other)
    with pytest.raises(CohortError, match="without a name"):
        known.transform([(image, image > 5)])
    assert known.transform(mixed[:1])["T1|lesion|anna__Mean"].notna().all()


def test_mixed_spacings_are_of_one_sequence():
    image = np.arange(400).reshape(20, 20)

    def lesions(first, second):
        masks = {"T1|lesion": image > 99}
        one = Lesion({"T1": image}, masks, spacing=first)
        return [one, Lesion({"T1": image}, masks, spacing=second)]

    extractor = TextureExtractor(families=["histogram"])
    with pytest.warns(StudyWarning, match="images of sequence 'T1' have 2 pixel"):
        extractor.fit_transform(lesions((1, 1), (2, 2)))
    extractor.fit_transform(lesions((1, 1), (1, 1)))


def test_the_whole_chain(fitted, table, tmp_path):
    features = list(fitted[:-1].get_feature_names_out())
    assert all(name.startswith(("T1|lesion__", "T2|lesion__")) for name in features)
    used = [term.feature for term in fitted[-1].formula_.terms]
    assert any(name.startswith("T2|lesion__") for name in used)  # where the signal is
    assert used[0] in fitted[-1].formula_.text()
    assert r"\textbar{}lesion" in fitted[-1].formula_.latex()
    save_model(tmp_path / "model.json", fitted)
    model = ModelFile.read(tmp_path / "model.json")
    np.testing.assert_allclose(
        model.pipeline.predict_proba(table), fitted.predict_proba(table), rtol=1e-12
    )
    page = calculator_page(model)
    assert used[0] in page and "T2|lesion|ben" in page
    display = NomogramDisplay.from_estimator(fitted, table)
    texts = {text.get_text() for text in display.figure_.findobj(match=_is_text)}
    assert set(used) <= texts


def _is_text(artist):
    return type(artist).__name__ == "Text"


def test_a_search_measures_each_block_once(table, tmp_path, monkeypatch):
    calls = []
    real = _measure.measure

    def counted(*args):
        calls.append(args)
        return real(*args)

    monkeypatch.setattr(_measure, "measure", counted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        search = GridSearchCV(
            quick(memory=str(tmp_path / "cache")), {"fcm__k": [1, 2]}, cv=2
        ).fit(table, table["grade"])
    assert len(calls) == len(table) * len(BLOCKS)
    assert search.best_estimator_["icc"].readers_ == ("anna", "ben")


def test_predict_on_new_patients(fitted, table, tmp_path):
    save_model(tmp_path / "model.json", fitted)
    model = ModelFile.read(tmp_path / "model.json")
    unnamed = table.rename(columns={"mask_anna": "mask"}).drop(columns="mask_ben")
    alone = predict_cohort(model, table.assign(mask_ben=None)).table
    scores = predict_cohort(model, unnamed).table
    np.testing.assert_array_equal(scores["score"], alone["score"])
    assert scores["flags"].str.contains("1 of 2 readers").all()
    lacking = table.assign(image_T2=[None, *table["image_T2"][1:]])
    flags = predict_cohort(model, lacking).table["flags"]
    assert "no sequence 'T2': its features are filled in" in flags.iloc[0]
    assert not flags.iloc[1:].str.contains("no sequence").any()
    with pytest.raises(CohortError, match="no images of the sequence 'T2'.*image_T2"):
        predict_cohort(model, table.drop(columns="image_T2"))


def test_behind_a_column_transformer(table, tmp_path):
    images = [c for c in table if c.startswith(("image", "mask"))]
    table = table.assign(age=np.arange(len(table)) % 11)
    texture = make_pipeline(
        Normalizer(), TextureExtractor(["histogram"]), ICCFilter(), FCMSelector(2)
    ).set_output(transform="pandas")
    columns = ColumnTransformer(
        [("texture", texture, images), ("age", "passthrough", ["age"])],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    pipeline = Pipeline(
        [("columns", columns), ("nomogram", NomogramClassifier(lambda_rule=0.02))]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        pipeline.fit(table, table["grade"])
    save_model(tmp_path / "model.json", pipeline)
    model = ModelFile.read(tmp_path / "model.json")
    unnamed = table.rename(columns={"mask_anna": "mask"}).drop(columns="mask_ben")
    one = predict_cohort(model, unnamed).table
    other = predict_cohort(model, table.assign(mask_ben=None)).table
    np.testing.assert_array_equal(one["score"], other["score"])
    assert len(one) == len(table)


@pytest.mark.parametrize("reader", ["anna", "mean"])
def test_a_published_signature_of_a_sequence(table, reader):
    X = histograms(table)
    coefficients = {"T2|lesion__Mean": 0.01, "T1|lesion__Variance": 0.0}
    signature = PublishedSignature(
        coefficients, -5.0, reader=reader, normalization="none"
    )
    wanted = X["T2|lesion|anna__Mean"]
    if reader == "mean":
        wanted = (wanted + X["T2|lesion|ben__Mean"]) / 2
    np.testing.assert_allclose(signature.decision_function(X), 0.01 * wanted - 5)


def test_check_says_what_is_wrong_by_sequence(table):
    report = check_cohort(table.iloc[:4])
    assert not report.problems
    lacking = table.iloc[:4].assign(image_T2=[None, *table["image_T2"][1:4]])
    (problem,) = check_cohort(lacking).problems
    assert problem.severity == "warning" and "it has no sequence 'T2'" in problem.text
    image = np.arange(400).reshape(20, 20)
    apart = {"T1|lesion|a": image < 150, "T1|lesion|b": image > 250}
    fractions = [
        Lesion({"T1": image, "ADC": image / 7}, {**apart, "ADC|lesion|a": image < 150}),
        Lesion({"T1": image + 1, "ADC": image / 3}, {"ADC|lesion|a": image < 150}),
    ]
    texts = [problem.text for problem in check_cohort(fractions).problems]
    assert any("'a' and 'b' do not overlap in sequence 'T1'" in text for text in texts)
    assert not any("fractions" in text for text in texts)
    mixed = [Lesion({"ADC": image / s}, {"ADC|lesion": image < 150}) for s in (1, 7)]
    mixed = [mixed[1], Lesion({"ADC": image}, {"ADC|lesion": image < 150})]
    texts = [problem.text for problem in check_cohort(mixed).problems]
    assert any(text.startswith("Sequence 'ADC': 1 images hold") for text in texts)


def test_overlap_is_within_a_sequence(table):
    overlap = reader_overlap(table.iloc[:2])
    assert overlap["reader_1"].tolist() == ["T1|lesion|anna", "T2|lesion|anna"] * 2
    assert overlap["reader_2"].tolist() == ["T1|lesion|ben", "T2|lesion|ben"] * 2


def test_a_montage_has_a_panel_for_each_sequence(table):
    display = MontageDisplay.from_cohort(table.iloc[:2])
    titles = [panel.title for panel in display.panels]
    assert titles == [f"{s} · row {i} · L{i - 2}" for i in (2, 3) for s in ("T1", "T2")]
    assert [*display.panels[0].outlines] == ["anna", "ben"]


def test_commands(path, table, fitted, tmp_path, capsys):
    out = tmp_path / "features.csv"
    assert main(["extract", str(path), "--out", str(out)]) == 0
    columns = list(pd.read_csv(out, nrows=0))
    assert columns[:3] == ["lesion", "patient", "T1|lesion|anna__Mean"]
    assert main(["extract", str(path), "--out", str(out)]) == 0  # it knows its own
    assert main(["check", str(path), "--overlap", str(tmp_path / "o.csv")]) == 0
    assert main(["montage", str(path), "--out", str(tmp_path / "m.png")]) == 0
    assert "30 lesions, 0 of them unreadable" in capsys.readouterr().out
    save_model(tmp_path / "model.json", fitted)
    scores = tmp_path / "scores.csv"
    model = str(tmp_path / "model.json")
    assert main(["predict", model, str(path), "--out", str(scores)]) == 0
    np.testing.assert_allclose(
        pd.read_csv(scores)["score"], fitted.decision_function(table), rtol=1e-9
    )


def test_lesions_pickle_as_their_paths(table):
    import pickle

    lesion = as_lesions(table)[0]
    again = pickle.loads(pickle.dumps(lesion))
    assert again.fingerprint() == lesion.fingerprint()
    assert again.readers == BLOCKS
    assert clone(quick()).get_params()["extractor"].families == [
        "histogram",
        "gradient",
    ]


SETTINGS = """
outcome: grade
patient: patient
cv: 3
n_resamples: 2
n_permutations: 2
sensitivity: false
pipeline: {extractor__families: [histogram, gradient]}
"""


def test_a_study_of_fused_sequences(path, tmp_path, capsys, monkeypatch):
    quick_drawings(monkeypatch, figures=False)  # tests/study/test_blocks.py draws them
    (tmp_path / "study.yaml").write_text(SETTINGS)
    options = ["--config", str(tmp_path / "study.yaml")]
    assert main(["study", str(path), *options, "--dry-run"]) == 0
    plan = capsys.readouterr().out
    assert "Sequences: T1, T2" in plan and "Readers: anna, ben" in plan
    out = tmp_path / "report"
    assert main(["study", str(path), *options, "--out", str(out)]) == 0
    results = json.loads((out / "results.json").read_text())
    assert results["readers"] == ["anna", "ben"]
    measured = results["features"][0]
    assert measured["n_features"] == 2 * 14
    features = list(pd.read_csv(out / "features.csv", nrows=0))
    assert {name.split("__")[0] for name in features[2:]} == set(BLOCKS)
    swapped = [row["reader"] for row in results["reader_swap"]["rows"]]
    assert swapped == ["anna", "ben", "mean of all"]
    table = pd.read_csv(out / "features.csv")
    table["grade"] = pd.read_csv(path)["grade"]
    table.to_csv(tmp_path / "given.csv", index=False)
    given = ["--features", str(tmp_path / "given.csv"), "--id", "lesion"]
    settings = SETTINGS.split("sensitivity")[0]
    (tmp_path / "given.yaml").write_text(settings)
    options = ["--config", str(tmp_path / "given.yaml"), "--dry-run"]
    capsys.readouterr()
    assert main(["study", *given, *options]) == 0
    plan = capsys.readouterr().out
    assert "Readers: anna, ben" in plan and "  T1|lesion|anna: 14" in plan
    assert main(["study", *given, *options, "--readers", "anna"]) == 0
    plan = capsys.readouterr().out
    assert "T2|lesion|anna: 14" in plan and "T2|lesion|ben" not in plan

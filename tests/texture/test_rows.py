"""Each lesion once, in parallel, from a cache, with a bar; none lost to a bad one."""

import os
import signal
import threading
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector, NomogramClassifier, Normalizer, TextureExtractor
from sklearn_orn.exceptions import CohortError, LesionError, StudyWarning
from sklearn_orn.images import Lesion
from sklearn_orn.images import _opened as lesion_module
from sklearn_orn.texture import _measure, _quantize, feature_names
from sklearn_orn.texture.shared import surveyed
from tests.images._make import write_image, write_png


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    rows = []
    for i in range(12):
        image = rng.integers(0, 1000, size=(40, 40)).astype(np.uint16)
        if i % 2:
            image = np.sort(image, axis=0)
        mask = np.zeros((40, 40), dtype=bool)
        mask[5:30, 8 : 25 + i] = True
        rows.append(
            {
                "image": write_image(tmp_path / f"{i}.dcm", image),
                "mask": str(tmp_path / f"{i}.png"),
                "lesion": f"L{i}",
            }
        )
        write_png(rows[-1]["mask"], mask)
    return pd.DataFrame(rows)


@pytest.fixture
def counts(monkeypatch):
    """Count the images that are read and the regions that are measured."""
    found = {"read": 0, "measured": 0}

    def counted(name, function):
        def call(*args, **kwargs):
            found[name] += 1
            return function(*args, **kwargs)

        return call

    monkeypatch.setattr(
        lesion_module, "open_image", counted("read", lesion_module.open_image)
    )
    monkeypatch.setattr(_measure, "measure", counted("measured", _measure.measure))
    return found


def pipeline(memory):
    return make_pipeline(
        Normalizer(),
        TextureExtractor(families=["cooccurrence"], distances=[1], memory=memory),
        FCMSelector(k=3),
        NomogramClassifier(cv=2, random_state=0, lambda_rule=0.01),
    )


def test_a_search_reads_and_measures_each_lesion_once(table, counts, tmp_path):
    grid = {
        "fcmselector__k": [1, 2, 3],
        "fcmselector__combine": ["union", "refill"],
        "nomogramclassifier__lambda_rule": [0.01, 0.02],
    }
    cv = StratifiedKFold(5)
    search = GridSearchCV(pipeline(str(tmp_path / "cache")), grid, cv=cv)
    search.fit(table, np.arange(12) % 2)
    assert len(search.cv_results_["params"]) == 12
    assert counts == {"read": 12, "measured": 12}


def test_the_cache_gives_the_same_numbers_and_sees_a_changed_file(
    table, counts, tmp_path
):
    fresh = TextureExtractor().fit_transform(table)
    cached = TextureExtractor(memory=str(tmp_path / "cache"))
    pd.testing.assert_frame_equal(cached.fit_transform(table), fresh)
    before = dict(counts)
    pd.testing.assert_frame_equal(cached.transform(table), fresh)
    assert counts == before
    write_png(table["mask"][3], np.eye(40, dtype=bool))
    os.utime(table["mask"][3], ns=(1, 1))
    changed = cached.transform(table)
    assert counts["measured"] == before["measured"] + 1
    assert not changed.loc[3].equals(fresh.loc[3])
    pd.testing.assert_frame_equal(changed.drop(3), fresh.drop(3))


def test_a_hit_opens_no_file(table, tmp_path, monkeypatch):
    cached = TextureExtractor(memory=str(tmp_path / "cache"))
    first = cached.fit_transform(Normalizer().transform(table))

    def opened(*args):
        raise AssertionError("a file was opened")

    monkeypatch.setattr(lesion_module, "open_image", opened)
    monkeypatch.setattr(lesion_module, "open_rois", opened)
    again = cached.fit_transform(Normalizer().transform(table))
    pd.testing.assert_frame_equal(first, again)


def test_the_cache_knows_parameters_normalisation_and_roi(counts, tmp_path):
    rng = np.random.default_rng(0)
    image, mask = rng.integers(0, 99, size=(20, 20)), np.ones((20, 20), dtype=bool)
    memory = str(tmp_path / "cache")
    variants = [
        lambda X: TextureExtractor(memory=memory).fit_transform(X),
        lambda X: TextureExtractor(memory=memory, distances=[1]).fit_transform(X),
        lambda X: TextureExtractor(memory=memory, bits={"gradient": 5}).fit_transform(
            X
        ),
        lambda X: TextureExtractor(memory=memory).fit_transform(
            Normalizer().transform(X)
        ),
        lambda X: TextureExtractor(memory=memory).fit_transform(
            Normalizer("1-99").transform(X)
        ),
    ]
    for number, variant in enumerate(variants, start=1):
        for _ in range(2):
            variant([(image, mask)])
        assert counts["measured"] == number
    variants[0]([(image, np.tri(20, dtype=bool))])
    variants[0]([(image + 1, mask)])
    assert counts["measured"] == len(variants) + 2


def test_one_bad_lesion_does_not_lose_the_others(table):
    table.loc[4, "mask"] = "nowhere.png"
    extractor = TextureExtractor().fit(table)
    rows = list(extractor.transform_each(table))
    assert [isinstance(row, LesionError) for row in rows] == [i == 4 for i in range(12)]
    assert "'L4' (row 4)" in str(rows[4]) and "nowhere.png" in str(rows[4])
    good = pd.concat([row for i, row in enumerate(rows) if i != 4])
    pd.testing.assert_frame_equal(good, extractor.transform(table.drop(4)))
    with pytest.raises(LesionError, match="'L4'"):
        extractor.transform(table)


def test_a_missing_file_is_named_with_a_cache_too(table, tmp_path):
    table.loc[4, "image"] = "nowhere.dcm"
    with pytest.raises(LesionError, match="'L4' .row 4.*nowhere.dcm"):
        TextureExtractor(memory=str(tmp_path / "c")).fit_transform(table)


def test_the_bar_is_shown_when_asked_for(table, capsys):
    TextureExtractor(verbose=1).fit_transform(table)
    shown = capsys.readouterr()
    assert "measuring lesions" in shown.err and "12/12" in shown.err
    TextureExtractor().fit_transform(table)
    assert capsys.readouterr() == ("", "")


def test_the_bar_of_a_notebook_is_one_line_without_widgets(table, capsys, monkeypatch):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    TextureExtractor(verbose=1).fit_transform(table)
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1
    assert "12/12" in shown.err.split("\r")[-1]


def test_readers_that_do_not_go_together():
    image, mask = np.eye(5), np.ones((5, 5))
    with pytest.raises(CohortError, match="unnamed mask, others the readers a"):
        TextureExtractor().fit([(image, mask), (image, {"a": mask})])
    with pytest.raises(CohortError, match="Reader a__b: a name must not hold '__'"):
        TextureExtractor().fit([(image, {"a__b": mask})])
    with pytest.raises(CohortError, match="No lesion has a mask"):
        TextureExtractor().fit([Lesion(image, {"a": None})])


def test_the_range_of_an_image_is_read_once_for_all_who_drew_on_it(monkeypatch):
    read, original = [], _quantize.grey_scale
    monkeypatch.setattr(
        _quantize, "grey_scale", lambda image: read.append(1) or original(image)
    )
    rng = np.random.default_rng(0)
    images = {name: rng.integers(0, 99, (12, 12), np.uint16) for name in ("T1", "T2")}
    drawn = np.ones((12, 12), dtype=bool)
    masks = {f"{name}|lesion|{r}": drawn for name in images for r in ("anna", "ben")}
    lesions = Normalizer().fit_transform([Lesion(images, masks)])
    table = TextureExtractor(families=["histogram"]).fit_transform(lesions)
    assert len(read) == 2
    for name, image in images.items():
        assert table[f"{name}|lesion|ben__Mean"][0] == pytest.approx(image.mean() + 1)


def test_lesions_that_were_surveyed_are_not_read_again_in_fitting(monkeypatch):
    image, mask = np.arange(64.0).reshape(8, 8), np.ones((8, 8), bool)
    lesions = [Lesion(image, mask, spacing=(size, size)) for size in (1.0, 2.0)]
    asked = []
    own = Lesion.read_spacing
    monkeypatch.setattr(Lesion, "read_spacing", lambda x: asked.append(x) or own(x))
    with surveyed(), warnings.catch_warnings():
        warnings.simplefilter("error")
        TextureExtractor().fit(lesions)
    assert not asked
    with pytest.warns(StudyWarning, match="2 pixel spacings"):
        TextureExtractor().fit(lesions)
    assert len(asked) == 2


def test_an_absent_reader_leaves_nan_in_its_block():
    rng = np.random.default_rng(0)
    image, mask = rng.integers(0, 99, size=(20, 20)), np.ones((20, 20), dtype=bool)
    X = [(image, {"a": mask, "b": mask}), (image, {"b": mask})]
    table = TextureExtractor(families=["histogram"]).fit_transform(X)
    names = feature_names(["histogram"])
    assert list(table) == [f"{r}__{n}" for r in "ab" for n in names]
    assert table.iloc[1, :9].isna().all() and table.iloc[1, 9:].notna().all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_dask_cluster_gives_the_same_bits(table, capsys):
    distributed = pytest.importorskip("distributed")
    import joblib

    serial = TextureExtractor().fit_transform(Normalizer().transform(table))
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        extractor = TextureExtractor(verbose=1)
        remote = extractor.fit_transform(Normalizer().transform(table))
    pd.testing.assert_frame_equal(remote, serial, check_exact=True)
    assert "12/12" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # the cluster reports the death of its worker
def test_a_killed_worker_loses_no_lesion(table):
    distributed = pytest.importorskip("distributed")
    import joblib

    many = pd.concat([table] * 100, ignore_index=True)
    serial = TextureExtractor().fit_transform(many)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        victim = client.submit(os.getpid, pure=False).result()
        killer = threading.Timer(0.5, os.kill, (victim, signal.SIGKILL))
        killer.start()
        remote = TextureExtractor().fit_transform(many)
        killer.join()
    pd.testing.assert_frame_equal(remote, serial, check_exact=True)


@pytest.mark.long
def test_memory_does_not_grow_with_the_cohort(tmp_path):
    psutil = pytest.importorskip("psutil")
    rng = np.random.default_rng(0)
    mask = np.zeros((512, 512), dtype=bool)
    mask[200:240, 220:260] = True
    write_png(tmp_path / "mask.png", mask)
    rows = []
    for i in range(20):
        image = rng.integers(0, 4096, size=(512, 512)).astype(np.uint16)
        path = write_image(tmp_path / f"{i}.dcm", image)
        rows.append({"image": path, "mask": str(tmp_path / "mask.png")})
    extractor = TextureExtractor()
    extractor.fit_transform(pd.DataFrame(rows[:10]))
    process = psutil.Process()
    before = process.memory_info().rss
    extractor.fit_transform(pd.DataFrame(rows * 100))
    assert process.memory_info().rss - before < 150e6

"""The cache of measured rows: what changes is noticed, what breaks costs time alone."""

import shutil
import subprocess
import sys
import tempfile
import types
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest

from sklearn_orn import TextureExtractor
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import ImageStep, Lesion, Region, Regions, as_lesions
from sklearn_orn.images._function_key import function_key
from sklearn_orn.testing.image_checks import make_pairs
from sklearn_orn.texture import _measure


def extractor(memory, **settings):
    return TextureExtractor(families=["histogram"], memory=memory, **settings)


def entries(folder):
    return sorted(folder.rglob("row.npz"))


# A step of one's own ----------------------------------------------------------------

SOURCE = """
from dataclasses import replace
from functools import wraps
from sklearn_orn.images import ImageStep
import numpy as np

AMOUNT = 1
SETTINGS = {"bits": 8}

def helper(image):
    return image + AMOUNT

def decorated(function):
    @wraps(function)
    def run(region):
        return function(region)
    return run

@decorated
def change(region, by=1):
    '''Change it.'''
    values = [helper(row) for row in region.image]
    return replace(region, image=np.array(values) * by + SETTINGS["bits"])

class Step(ImageStep):
    factor = 2

    def __init__(self, width=1):
        self.width = width

    def _region_function(self):
        return self.work

    def work(self, region):
        return replace(region, image=region.image * self.factor + self.inner())

    def inner(self):
        return self.width if self.width in {"a", "b", 1} else 0
"""


def module_of(source, monkeypatch):
    module = types.ModuleType("steps_of_mine")
    monkeypatch.setitem(sys.modules, "steps_of_mine", module)
    exec(compile(source, "steps_of_mine.py", "exec"), module.__dict__)
    return module


def keys(source, monkeypatch):
    module = module_of(source, monkeypatch)
    return function_key(module.change), function_key(module.Step().work)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("", "", (False, False)),
        ("AMOUNT = 1", "# a comment\n\n\nAMOUNT = 1", (False, False)),
        ("AMOUNT = 1", "AMOUNT = 2", (True, False)),
        ('"bits": 8', '"bits": 6', (True, False)),
        ("image + AMOUNT", "image - AMOUNT", (True, False)),
        ("by=1", "by=2", (True, False)),
        ("* by", "/ by", (True, False)),
        ("return function(region)", "return function(function(region))", (True, False)),
        ("factor = 2", "factor = 3", (False, True)),
        ("* self.factor", "/ self.factor", (False, True)),
        ('{"a", "b", 1}', '{"a", "c", 1}', (False, True)),
        ("width=1", "width=2", (False, True)),
    ],
)
def test_a_step_is_another_one_when_its_code_is(old, new, changed, monkeypatch):
    assert old in SOURCE
    before = keys(SOURCE, monkeypatch)
    after = keys(SOURCE.replace(old, new), monkeypatch)
    assert tuple(a != b for a, b in zip(before, after, strict=True)) == changed


def test_the_key_is_the_same_in_another_process(tmp_path):
    (tmp_path / "steps_of_mine.py").write_text(SOURCE, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    code += "from steps_of_mine import change, Step\n"
    code += "from sklearn_orn.images._function_key import function_key as key\n"
    code += "print(key(change), key(Step().work))"
    run = [sys.executable, "-c", code]
    found = {  # compiled, then read from __pycache__, with another order of sets
        subprocess.run(
            run,
            capture_output=True,
            check=True,
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": ":".join(filter(None, sys.path)),
            },
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_the_cache_notices_a_changed_body(measured, tmp_path, monkeypatch):
    pairs, memory = make_pairs(2), str(tmp_path / "cache")
    for n, factor in ((2, "2"), (2, "2"), (4, "3")):
        source = SOURCE.replace("factor = 2", f"factor = {factor}")
        step = module_of(source, monkeypatch).Step()
        cached = extractor(memory).fit_transform(step.transform(pairs))
        assert len(measured) == n
    fresh = extractor(None).fit_transform(step.transform(pairs))
    pd.testing.assert_frame_equal(cached, fresh)


# Other lists of regions, sequences and readers -----------------------------------


def sequences_of(n, sequences=("T1", "T2"), readers=("anna", "ben")):
    pairs = make_pairs(n)
    return [
        Lesion(
            {name: image * (k + 1) for k, name in enumerate(sequences)},
            {
                f"{name}|lesion|{reader}": np.roll(mask, k, axis=0)
                for name in sequences
                for k, reader in enumerate(readers)
            },
            spacing=(1.0, 1.0),
        )
        for image, mask in pairs
    ]


def test_what_was_measured_is_not_measured_for_another_list(tmp_path, monkeypatch):
    counted = []
    original = _measure.measure
    monkeypatch.setattr(
        _measure, "measure", lambda *args: counted.append(1) or original(*args)
    )

    def measured_of(lesions, regions=("lesion",)):
        counted.clear()
        lesions = Regions(list(regions)).transform(lesions)
        table = extractor(str(tmp_path)).fit_transform(lesions)
        n = len(counted)
        pd.testing.assert_frame_equal(table, extractor(None).fit_transform(lesions))
        return n

    rim = "rim 1 mm inside"
    assert measured_of(sequences_of(2, ["T1"], ["anna"])) == 2
    assert measured_of(sequences_of(2, ["T1"])) == 2  # ben's alone
    assert measured_of(sequences_of(2)) == 4  # those on T2
    assert measured_of(sequences_of(2), ["lesion", rim]) == 8  # the rims
    assert measured_of(sequences_of(2), [rim]) == 0
    assert measured_of(sequences_of(3), [rim, "lesion"]) == 8  # one lesion more


# What breaks ------------------------------------------------------------------------


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 255
    path.write_bytes(content)


DAMAGES = [
    cut,
    flip,
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(b"not a row"),
    lambda path: np.savez(path, values=np.zeros((2, 2)), spacings=np.zeros((0, 2))),
    lambda path: np.savez(path, other=1),
]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_damaged_entries_are_measured_anew_and_said_once(damage, n_jobs, tmp_path):
    pairs = make_pairs(4)
    fresh = extractor(None).fit_transform(pairs)
    cached = extractor(str(tmp_path), n_jobs=n_jobs).fit(pairs)
    cached.transform(pairs)
    for path in entries(tmp_path)[:3]:
        damage(path)
    with pytest.warns(UserWarning, match="damaged entries") as caught:
        pd.testing.assert_frame_equal(cached.transform(pairs), fresh)
    assert len(caught) == 1
    pd.testing.assert_frame_equal(cached.transform(pairs), fresh)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_no_folder_can_be_made(n_jobs, tmp_path):
    (tmp_path / "taken").write_text("a file")
    pairs = make_pairs(4)
    cached = extractor(str(tmp_path / "taken" / "cache"), n_jobs=n_jobs)
    with pytest.warns(UserWarning, match="cannot be written to") as caught:
        table = cached.fit_transform(pairs)
    assert len(caught) == 1
    pd.testing.assert_frame_equal(table, extractor(None).fit_transform(pairs))


class Removes(ImageStep):
    """Somebody empties the disk while lesions are measured."""

    def __init__(self, folder=None):
        self.folder = folder

    def _region_function(self):
        return self.remove

    def remove(self, region):
        shutil.rmtree(self.folder, ignore_errors=True)
        return region


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_the_folder_is_removed_under_way(n_jobs, tmp_path):
    pairs = make_pairs(4)
    lesions = Removes(str(tmp_path / "cache")).transform(pairs)
    cached = extractor(str(tmp_path / "cache"), n_jobs=n_jobs)
    with pytest.warns(UserWarning, match="no such file or directory") as caught:
        table = cached.fit_transform(lesions)
    assert len(caught) == 1
    pd.testing.assert_frame_equal(table, extractor(None).fit_transform(pairs))


def test_a_folder_that_may_only_be_read_gives_what_it_has(
    measured, tmp_path, monkeypatch
):
    pairs = make_pairs(4)
    fresh = extractor(str(tmp_path)).fit_transform(pairs[:2])
    measured.clear()

    def refused(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.warns(UserWarning, match=r"written to \(permission denied") as caught:
        table = extractor(str(tmp_path)).fit_transform(pairs)
    assert len(caught) == 1 and measured == [2, 3]
    pd.testing.assert_frame_equal(table[:2], fresh)
    with warnings.catch_warnings():  # nothing is missing: nothing to say
        warnings.simplefilter("error")
        extractor(str(tmp_path)).fit_transform(pairs[:2])


def test_a_full_disk_leaves_no_half_of_an_entry(tmp_path, monkeypatch):
    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.warns(UserWarning, match="no space left on device"):
        extractor(str(tmp_path)).fit_transform(make_pairs(2))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_folder_is_removed_while_a_row_is_written(tmp_path, monkeypatch):
    cache = tmp_path / "cache"

    def removed(file, **arrays):
        shutil.rmtree(cache)

    monkeypatch.setattr(np, "savez", removed)
    with pytest.warns(UserWarning, match="no such file or directory"):
        extractor(str(cache)).fit_transform(make_pairs(1))


# What may be given as memory --------------------------------------------------------


def test_a_memory_of_joblib_clears_and_reduces_its_rows(measured, tmp_path):
    memory = joblib.Memory(str(tmp_path), verbose=0)
    pairs = make_pairs(3)
    for again in (memory.clear, lambda: memory.reduce_size(items_limit=0)):
        measured.clear()
        for _ in range(2):
            extractor(memory).fit_transform(pairs)
        assert measured == [0, 1, 2]
        assert len(entries(tmp_path)) == 3
        again()
        assert entries(tmp_path) == []
    extractor(str(tmp_path)).fit_transform(pairs)
    assert len(entries(tmp_path)) == 3  # the folder by its name is the same one


def test_a_memory_without_a_folder_keeps_nothing(measured):
    for _ in range(2):
        extractor(joblib.Memory(None)).fit_transform(make_pairs(2))
    assert measured == [0, 1, 0, 1]


class InADict:
    """A cache of another kind."""

    def __init__(self):
        self.rows = {}

    def cache(self, function, ignore=()):
        def call(key, *rest):
            if key not in self.rows:
                self.rows[key] = function(key, *rest)
            return self.rows[key]

        return call


def test_a_cache_of_another_kind_is_used(measured):
    memory = InADict()
    tables = [extractor(memory).fit_transform(make_pairs(2)) for _ in range(2)]
    assert measured == [0, 1] and len(memory.rows) == 2
    pd.testing.assert_frame_equal(*tables)


# Lesions of one's own kind ----------------------------------------------------------


class Generated:
    """What only has `read`, `readers` and `name` is a lesion."""

    readers, name, row = ("a",), "lesion 'G1'", None

    def __init__(self, **changes):
        image, mask = make_pairs(1)[0]
        self.region = Region(
            **{"image": image, "mask": mask, "spacing": None} | changes
        )

    def read(self):
        return {"a": self.region}

    def read_spacing(self):
        return None


def test_a_lesion_of_ones_own_kind_is_checked_when_it_is_measured():
    assert len(extractor(None).fit_transform([Generated()])) == 1
    bad = as_lesions([Generated(mask=np.zeros((28, 32), dtype=bool))])
    message = "lesion 'G1', reader 'a', made by Generated: the mask is empty"
    with pytest.raises(LesionError, match=message):
        extractor(None).fit_transform(bad)
    bad = as_lesions([Generated(image=[[1.0]])])
    with pytest.raises(TypeError, match="lesion 'G1', .* type list"):
        extractor(None).fit_transform(bad)

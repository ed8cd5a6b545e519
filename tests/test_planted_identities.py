"""Names planted in headers, paths, ROIs and tables, and searched for everywhere.

With --hash-ids no output, no message and no cache may hold one of them.
"""

import numpy as np
import pandas as pd
import pytest
from pydicom import dcmread

from sklearn_orn import cli
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import as_lesions, check_cohort, hash_ids, read_cohort
from sklearn_orn.model import PublishedSignature
from sklearn_orn.plotting import MontageDisplay
from sklearn_orn.texture import TextureExtractor
from tests._every_text import every_text
from tests.images._make import square, write_image, write_png, write_rtstruct
from tests.study._checks import files_of
from tests.study._cohort import lesion_image, outline
from tests.study._studies import make_drafts, quick_drawings, unsaved

PEOPLE = ("Zzyxdoe", "Qvistberg", "Xiomara", "O'Wrzesien", "Ypsilanti")
SERIES_UID, OTHER_UID = "1.2.826.0.1.99887766.5544", "1.2.826.0.1.99887766.6655"
PLANTED = (*PEOPLE, "Wrzesien", "XQ-4711", "JJ-0815", "19310717", "0.1.99887766")
HEADER = {
    "PatientName": "Zzyxdoe^Xiomara",
    "PatientID": "XQ-4711",
    "PatientBirthDate": "19310717",
    "PatientComments": "sister of Qvistberg",
    "StudyDescription": "MRI of Zzyxdoe",
    "SeriesDescription": "T2 Ypsilanti",
    "ProtocolName": "for Ypsilanti",
    "InstitutionName": "Qvistberg hospital",
    "ReferringPhysicianName": "Qvistberg",
    "AccessionNumber": "JJ-0815",
    "SeriesInstanceUID": SERIES_UID,
    "FrameOfReferenceUID": SERIES_UID,
}
N = 24
SETTINGS = """
outcome: grade
positive: high
patient: pid
cv: 2
k: 3
n_resamples: 2
n_permutations: 2
sensitivity: false
pipeline: {nomogram__lambda_rule: 0.05}
"""
# The faults that speak of a file, an ROI or a UID.
FAULTS = ("missing", "no such ROI", "several ROIs", "another frame", "truncated")
FAULTS += ("colour", "two series", "wrong mask", "no file", "flat path")


@pytest.fixture(autouse=True)
def drafts(monkeypatch):
    make_drafts(monkeypatch)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A folder with a table; its last lesions cannot be measured."""
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    rows = []
    for number in range(N + len(FAULTS)):
        person = PEOPLE[number % len(PEOPLE)]
        home = folder / f"{person} {number}" / "XQ-4711"
        home.mkdir(parents=True)
        high = number % 2
        image = lesion_image(rng, 0.8 + 0.8 * high)
        write_image(home / f"{person}.dcm", image, **HEADER)
        write_png(home / f"{person}.png", outline(11).astype(np.uint8) * 255)
        start = "" if number % 3 else "./"
        rows.append(
            {
                "lesion": f"{person}-{number}",
                "pid": f"XQ-4711-{number}",
                "patient": f"JJ-0815-{number}",
                "grade": "high" if high else "low",
                "age": 40 + number,
                "image": f"{start}{home.relative_to(folder)}/{person}.dcm",
                "mask": f"{start}{home.relative_to(folder)}/{person}.png",
            }
        )
        if number >= N:
            rows[-1] |= spoilt(FAULTS[number - N], folder, rows[-1])
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)
    (folder / "study.yaml").write_text(SETTINGS, encoding="utf-8")
    return folder


def spoilt(fault, folder, row):
    """Make one lesion unreadable; return the cells that change."""
    image = folder / row["image"]
    rois = {name: [contour(square(5, 20))] for name in ("Zzyxdoe^X", "O'Wrzesien y")}
    rs = image.parent / "rs.dcm"
    named = {"mask": row["mask"].rsplit("/", 1)[0] + "/rs.dcm"}
    if fault == "missing":
        return {"image": "./Ypsilanti/../Ypsilanti/O'Wrzesien scan.dcm"}
    if fault == "no such ROI":
        write_rtstruct(rs, rois, frame=SERIES_UID)
        return {"mask": f"{named['mask']}#GTV of Ypsilanti's"}
    if fault == "several ROIs":
        write_rtstruct(rs, rois, frame=SERIES_UID)
        return named
    if fault == "another frame":
        write_rtstruct(rs, {"Qvistberg": rois["Zzyxdoe^X"]}, frame=OTHER_UID)
        return named
    if fault == "truncated":
        image.write_bytes(image.read_bytes()[:-500])
        return {}
    if fault == "colour":
        dataset = dcmread(image)
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "RGB"
        dataset.save_as(image)
        return {}
    if fault == "two series":
        other = HEADER | {"SeriesInstanceUID": OTHER_UID}
        pixels = np.zeros((40, 40), np.uint16)
        write_image(image.parent / "O'Wrzesien.dcm", pixels, **other)
        return {"image": row["image"].rsplit("/", 1)[0]}
    if fault == "wrong mask":
        write_png(folder / row["mask"], np.zeros((7, 7), np.uint8))
        return {}
    if fault == "no file":
        return {"mask": named["mask"] + "/O'Wrzesien's/mask.png"}
    return {"image": "Ypsilanti.dcm", "mask": "Xiomara.png"}


def contour(points):
    """A square of pixels as a contour in mm, in the plane of the images."""
    rows, columns = points.T
    place = [-20 + 0.25 * columns, 30 + 0.5 * rows, np.full(len(points), 100.0)]
    return np.column_stack(place)


def held(content):
    """Planted words that bytes hold, even where a file compresses or draws them."""
    content = every_text(content)
    return [word for word in PLANTED if word.lower().encode() in content]


def run(capfd, *arguments):
    """Run a command with --hash-ids; return its code and what it printed."""
    code = cli.main([str(argument) for argument in arguments])
    captured = capfd.readouterr()
    assert held((captured.out + captured.err).encode()) == [], captured.err
    return code, captured.err


def assert_clean(folder):
    found = files_of(folder)
    assert found
    for path in found:
        assert held(path.read_bytes()) == [], path


def test_the_search_finds_what_is_planted(planted, tmp_path, capfd):
    """Without --hash-ids names stand in messages and tables, as they should."""
    out = tmp_path / "features.csv"
    cli.main(["extract", str(planted / "cohort.csv"), "--out", str(out)])
    shown = capfd.readouterr().err.encode()
    assert {"Wrzesien", "Zzyxdoe", "0.1.99887766"} <= set(held(shown))
    assert "Zzyxdoe" in held(out.read_bytes())


@pytest.fixture
def forgetful(monkeypatch):
    """Tables that lose in every step of pandas that their ids are hashed."""
    finalize = pd.DataFrame.__finalize__

    def forget(table, *args, **kwargs):
        found = finalize(table, *args, **kwargs)
        found.attrs.pop("hide_paths", None)
        return found

    monkeypatch.setattr(pd.DataFrame, "__finalize__", forget)


@pytest.mark.parametrize("at_home", [True, False])
def test_commands_of_images(planted, tmp_path, capfd, monkeypatch, forgetful, at_home):
    out, table = tmp_path / "out", planted / "cohort.csv"
    if at_home:  # paths of the table are relative then; figures show no path
        quick_drawings(monkeypatch)
        monkeypatch.chdir(planted)
        table = table.name
    hashed = ["--hash-ids", tmp_path / "salt.txt"]
    code, _ = run(capfd, "extract", table, "--out", out / "features.csv", *hashed)
    assert code == 1
    tables = ["--protocol", out / "protocol.csv", "--overlap", out / "overlap.csv"]
    code, _ = run(capfd, "check", table, *tables, *hashed)
    assert code == 1
    pages = ["--out", out / "montage.png", "--html", out / "montage.html"]
    code, _ = run(capfd, "montage", table, *pages, *hashed)
    assert code == 1
    code, err = run(
        capfd, "study", table, "--config", planted / "study.yaml",
        "--out", out / "report", *hashed,
    )  # fmt: skip
    assert code == 1
    assert f"{len(FAULTS)} of {N + len(FAULTS)} lesions left out" in err
    assert err.count("L-") >= len(FAULTS)
    dry = ["--config", planted / "study.yaml", "--dry-run"]
    assert run(capfd, "study", table, *dry, *hashed)[0] == 1
    assert_clean(out)
    model = out / "report" / "model.json"
    code, _ = run(capfd, "predict", model, table, "--out", out / "p.csv", *hashed)
    assert code == 1
    assert_clean(out)
    code, err = run(
        capfd, "validate", signature(tmp_path, "Mean"), table, "--out", out / "v.json",
        "--outcome", "grade", "--positive", "high", "--patient", "pid", *hashed,
    )  # fmt: skip
    assert code == 1
    assert err.count("L-") >= len(FAULTS)
    assert_clean(out)


def signature(folder, feature):
    """A signature of one feature, in a file."""
    path = folder / "signature.json"
    found = PublishedSignature({feature: 0.01}, -1.0, bits=6, normalization="3sigma")
    found.to_json(path)
    return path


def test_commands_of_features(planted, tmp_path, capfd, monkeypatch, forgetful):
    unsaved(monkeypatch)  # the page has the same figures, as text
    table = pd.read_csv(planted / "cohort.csv")[["lesion", "pid", "grade", "age"]]
    rng = np.random.default_rng(1)
    high = table["grade"] == "high"
    for i in range(4):
        table[f"f{i}"] = rng.normal(size=len(table)) + high
    table["comment"] = [PEOPLE[i % len(PEOPLE)] for i in range(len(table))]
    table.loc[3, ["f0", "f1", "f2", "f3"]] = np.nan
    path, out = tmp_path / "table.csv", tmp_path / "out"
    table.to_csv(path, index=False)
    arguments = ["study", "--features", path, "--config", planted / "study.yaml"]
    arguments += ["--id", "lesion", "--hash-ids", tmp_path / "salt.txt"]
    assert run(capfd, *arguments, "--dry-run")[0] == 0
    assert run(capfd, *arguments, "--out", out)[0] == 1
    assert_clean(out)
    scores = pd.read_csv(out / "scores.csv")
    assert scores["lesion"].str.fullmatch(r"L-[0-9a-f]{12}").all()
    assert scores["patient"].str.fullmatch(r"P-[0-9a-f]{12}").all()
    model = ["predict", out / "model.json", path, "--out", out / "p.csv"]
    run(capfd, *model, "--hash-ids", tmp_path / "salt.txt")
    assert_clean(out)
    judge = ["validate", signature(tmp_path, "f0"), path, "--out", out / "v.json"]
    judge += ["--outcome", "grade", "--positive", "high", "--patient", "pid"]
    code, err = run(capfd, *judge, "--hash-ids", tmp_path / "salt.txt")
    assert code == 1
    assert "no value for f0" in err
    assert_clean(out)


@pytest.mark.parametrize("option", ["--outcome", "--split", "--date", "--patient"])
def test_a_column_of_names_in_the_wrong_place(planted, tmp_path, capfd, option):
    table = pd.read_csv(planted / "cohort.csv")
    table["person"] = [PEOPLE[i % len(PEOPLE)] for i in range(len(table))]
    table.loc[2, "person"] = None if option == "--patient" else PEOPLE[2]
    path = tmp_path / "table.csv"
    table.to_csv(path, index=False)
    arguments = ["study", path, "--config", planted / "study.yaml", option, "person"]
    arguments += ["--cut", "2020"] if option == "--date" else []
    arguments += ["--hash-ids", tmp_path / "salt.txt", "--dry-run"]
    code, err = run(capfd, *arguments)
    assert code == 2
    assert "'person'" in err


def test_a_table_without_a_header(planted, tmp_path, capfd):
    path = tmp_path / "table.csv"
    rows = [f"{name},1,2,{name}.dcm,{name}.png" for name in PEOPLE]
    path.write_text("\n".join(rows), encoding="utf-8")
    code, err = run(capfd, "check", path, "--hash-ids", tmp_path / "salt.txt")
    assert code == 2
    assert "(5 columns)" in err


def clinical(table):
    """Another table of the same lesions."""
    return pd.DataFrame({"lesion": table["lesion"], "dose": np.arange(len(table))})


MADE_OF = {
    "merge": lambda t: t.merge(clinical(t), on="lesion"),
    "concat": lambda t: pd.concat([t.iloc[:5], t.iloc[5:]], ignore_index=True),
    "slice": lambda t: t.iloc[3:][["image", "mask", "grade"]],
    "index of ids": lambda t: t.set_index("lesion", drop=False),
    "ids as index alone": lambda t: t.set_index("pid"),
    "no ids": lambda t: t[["image", "mask"]].merge(t[["image", "grade"]], on="image"),
    "new order": lambda t: t.sort_values("age", ascending=False).reset_index(drop=True),
    "records": lambda t: pd.DataFrame(t.to_dict("records")),
    "texts": lambda t: t.astype(str).merge(clinical(t), on="lesion"),
    "numpy": lambda t: pd.DataFrame(t.to_numpy(), columns=t.columns),
}


@pytest.mark.parametrize("how", MADE_OF)
def test_whatever_is_made_of_a_hashed_table_leaks_nothing(planted, how):
    table = read_cohort(planted / "cohort.csv").iloc[N - 3 :]
    hashed = hash_ids(table, "0123456789abcdef", columns=["lesion", "patient", "pid"])
    made = MADE_OF[how](hashed)
    made.attrs.clear()
    cohort = Cohort.of(made)
    assert cohort.ids_hidden
    texts = [str(name) for name in cohort.take(np.arange(3)).names]
    for lesions in (as_lesions(made), cohort.lesions(), cohort.take([4, 8]).lesions()):
        found = check_cohort(lesions)
        assert found.errors
        texts += [str(found), *(repr(lesion) for lesion in lesions)]
    display = MontageDisplay.from_cohort(made.iloc[:6])
    texts += [panel.error for panel in display.panels]
    texts += [panel.title for panel in display.panels]
    assert held("\n".join(texts).encode()) == []


def test_an_index_of_names_is_not_shown(planted):
    table = read_cohort(planted / "cohort.csv").iloc[N:].set_index("lesion")
    number = table.reset_index(drop=True).set_index(pd.Index(range(19310717, 19310727)))
    number.index.name = "number"
    for one in (table, number):
        hashed = hash_ids(one, "0123456789abcdef", columns=["pid", "patient"])
        texts = str(check_cohort(hashed)) + "".join(Cohort.of(hashed).names)
        assert held(texts.encode()) == []


def test_hidden_is_a_view_of_every_error(planted):
    """The parts of an error say the same as its text, and the hidden ones nothing."""
    lesions = as_lesions(read_cohort(planted / "cohort.csv").iloc[N:])
    for lesion, fault in zip(lesions, FAULTS, strict=True):
        with pytest.raises(ValueError) as caught:
            lesion.read()
        error = caught.value
        assert error.what in str(error)
        assert error.row == lesion.row
        assert held(str(error).encode()) or fault in ("wrong mask", "colour")
        assert held(error.hidden.encode()) == []
        assert error.file is None or error.file in str(error)


def test_an_error_of_a_table_has_a_hidden_view():
    table = pd.DataFrame({"y": list("abc"), "patient": ["Zzyxdoe", "", "Xiomara"]})
    with pytest.raises(CohortError) as caught:
        Cohort.of(table, Columns(outcome="y", patient="patient"))
    assert "'a' (1)" in str(caught.value)
    assert "(hidden) (1)" in caught.value.hidden


def test_messages_about_a_table(planted, tmp_path, capfd):
    table = pd.read_csv(planted / "cohort.csv")
    table.loc[1, "lesion"] = table.loc[0, "lesion"]
    path = planted / "twice.csv"
    table.to_csv(path, index=False)
    hashed = ["--hash-ids", tmp_path / "salt.txt"]
    code, err = run(capfd, "check", path, *hashed)
    assert code == 2
    assert "holds one id in rows 2, 3" in err
    odd = planted / "odd.csv"
    odd.write_text(f"lesion,pid,grade,f0\n{PEOPLE[0]},1,2\n{PEOPLE[1]},1,2,3,4,5\n")
    arguments = ["study", "--features", odd, "--config", planted / "study.yaml"]
    assert run(capfd, *arguments, "--id", "lesion", *hashed, "--dry-run")[0] == 2


def test_a_cache_holds_no_name(planted, tmp_path):
    cohort = hash_ids(read_cohort(planted / "cohort.csv")[:2], "0123456789abcdef")
    extractor = TextureExtractor(memory=str(tmp_path / "cache"))
    extractor.fit_transform(as_lesions(cohort))
    assert_clean(tmp_path / "cache")
    for path in (tmp_path / "cache").rglob("*"):
        assert held(str(path.relative_to(tmp_path)).encode()) == []

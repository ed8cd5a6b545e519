"""Names planted in headers, paths, ROIs and tables, and searched for everywhere.

With --hash-ids no output, no message and no cache may hold one of them.
"""

import re
import zlib

import numpy as np
import pandas as pd
import pytest
from pydicom import dcmread

from sklearn_orn import cli
from sklearn_orn.images import as_lesions, hash_ids, read_cohort
from sklearn_orn.texture import TextureExtractor
from tests.images._make import square, write_image, write_png, write_rtstruct
from tests.study._checks import files_of
from tests.study._cohort import lesion_image, outline
from tests.study.conftest import make_drafts

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
    """Planted words that bytes hold, with what a PDF or PNG compresses."""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            content += zlib.decompress(stream)
        except zlib.error:
            continue  # it is not compressed and stands there as it is
    content = content.lower()
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


@pytest.mark.parametrize("at_home", [True, False])
def test_commands_of_images(planted, tmp_path, capfd, monkeypatch, at_home):
    out, table = tmp_path / "out", planted / "cohort.csv"
    if at_home:  # paths of the table are relative then
        monkeypatch.chdir(planted)
        table = table.name
    hashed = ["--hash-ids", tmp_path / "salt.txt"]
    code, _ = run(capfd, "extract", table, "--out", out / "features.csv", *hashed)
    assert code == 1
    tables = ["--protocol", out / "protocol.csv", "--overlap", out / "overlap.csv"]
    code, _ = run(capfd, "check", table, *tables, *hashed)
    assert code == 1
    code, _ = run(capfd, "montage", table, "--out", out / "montage.png", *hashed)
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


def test_commands_of_features(planted, tmp_path, capfd):
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


def test_messages_about_a_table(planted, tmp_path, capfd):
    table = pd.read_csv(planted / "cohort.csv")
    table.loc[1, "lesion"] = table.loc[0, "lesion"]
    path = planted / "twice.csv"
    table.to_csv(path, index=False)
    hashed = ["--hash-ids", tmp_path / "salt.txt"]
    code, err = run(capfd, "check", path, *hashed)
    assert code == 2
    assert "holds one id in rows 0, 1" in err
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

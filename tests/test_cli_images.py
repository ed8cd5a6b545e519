"""The commands check and montage, and the options of a table."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from sklearn_orn.cli import main

from .images._make import BIRTH_DATE, NAME, PATIENT_ID, write_image, write_png

SECRETS = (NAME, "Planted", PATIENT_ID, BIRTH_DATE, "Doe")


def write_cohort(tmp_path, n=6):
    folder = tmp_path / "Doe_Planted"
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = []
    for number in range(n):
        pixels = rng.integers(0, 900, (40, 40)).astype(np.uint16)
        mask = np.zeros(pixels.shape, dtype=bool)
        mask[8:28, 10:30] = True
        image = write_image(
            folder / f"{number}.dcm",
            pixels,
            InstitutionName="Planted Hospital",
            Manufacturer="ACME",
            SeriesDescription="Planted description",
        )
        rows.append(
            {
                "lesion": f"Doe-{number}",
                "patient": f"{PATIENT_ID}-{number}",
                "image": image,
                "mask_A": write_png(folder / f"{number}a.png", mask),
                "mask_B": write_png(folder / f"{number}b.png", np.roll(mask, 1)),
            }
        )
    pd.DataFrame(rows).to_csv(tmp_path / "cohort.csv", index=False)
    return str(tmp_path / "cohort.csv"), folder


def test_check_of_a_good_table(tmp_path, capsys):
    cohort, _ = write_cohort(tmp_path)
    assert main(["check", cohort]) == 0
    expected = "6 of 6 lesions can be measured; 0 errors, 0 warnings.\n"
    assert capsys.readouterr().out == expected


def test_check_writes_protocol_and_overlap(tmp_path, capsys):
    cohort, _ = write_cohort(tmp_path)
    protocol, overlap = tmp_path / "t" / "s1.csv", tmp_path / "t" / "o.csv"
    options = ["--protocol", str(protocol), "--overlap", str(overlap)]
    assert main(["check", cohort, *options]) == 0
    table = pd.read_csv(protocol)
    assert table["vendor"].tolist() == ["ACME"] * 6
    assert table["lesion"][0] == "Doe-0"
    assert pd.read_csv(overlap)["dice"].round(2).tolist() == [0.95] * 6


def test_check_names_every_problem_once(tmp_path, capsys):
    cohort, folder = write_cohort(tmp_path)
    (folder / "1.dcm").unlink()
    (folder / "3a.png").write_bytes(b"")
    assert main(["check", cohort]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("error: lesion 'Doe-1' (row 3), image of reader 'A'")
    assert lines[1].startswith("error: lesion 'Doe-3' (row 5), mask of reader 'A'")
    assert lines[2].startswith("4 of 6 lesions can be measured; 2 errors")


def test_montage(tmp_path, capsys):
    cohort, folder = write_cohort(tmp_path)
    out = tmp_path / "pictures" / "montage.png"
    assert main(["montage", cohort, "--out", str(out), "--columns", "3"]) == 0
    assert capsys.readouterr().out.startswith("6 lesions, 0 of them unreadable")
    with Image.open(out) as picture:
        assert picture.width > 500
    (folder / "1.dcm").unlink()
    assert main(["montage", cohort, "--out", str(out)]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--columns", "0"], "--columns is 0: expected 1 or more"),
        (["--html", "."], "--html . is a folder: name a file"),
        (["--root", "elsewhere"], "leads outside of the folder 'elsewhere'"),
        (["--section", "middle"], "none of largest, all, or a number"),
        (["--section", "-2"], "expected 'largest', 'all' or a whole number"),
    ],
)
def test_wrong_options(tmp_path, capsys, arguments, message):
    cohort, _ = write_cohort(tmp_path, n=1)
    out = ["--out", str(tmp_path / "m.png")]
    try:
        code = main(["montage", cohort, *out, *arguments])
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert message in capsys.readouterr().err


def test_the_page_of_a_montage(tmp_path, capsys):
    cohort, folder = write_cohort(tmp_path)
    out = tmp_path / "pages" / "montage.html"
    assert main(["montage", cohort]) == 2
    assert "nothing is to be written: pass --out or --html" in capsys.readouterr().err
    assert main(["montage", cohort, "--html", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("6 lesions, 0 of them unreadable") and "kB each" in said
    assert out.read_text().count('<script type="application/json" id="pixels') == 6
    (folder / "1.dcm").unlink()
    assert main(["montage", cohort, "--html", str(out)]) == 1


def test_sections_of_the_command_line(tmp_path, capsys):
    cohort, _ = write_cohort(tmp_path)
    assert main(["check", cohort, "--section", "all"]) == 0
    assert main(["check", cohort, "--section", "0"]) == 0
    assert main(["check", cohort, "--section", "4"]) == 1
    assert "section 4 was asked for" in capsys.readouterr().out


def everything_written(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_hashed_ids_leave_no_name_in_any_output(tmp_path, capsys):
    cohort, folder = write_cohort(tmp_path)
    (folder / "1.dcm").write_bytes((folder / "1.dcm").read_bytes()[:900])
    (folder / "2a.png").unlink()
    out, salt = tmp_path / "out", tmp_path / "salt"
    hashed = ["--hash-ids", str(salt)]
    for arguments in (
        ["check", cohort, "--protocol", str(out / "s1.csv")],
        ["montage", cohort, "--out", str(out / "m.png")],
        ["extract", cohort, "--out", str(out / "features.csv")],
    ):
        assert main([*arguments, *hashed]) == 1
    shown = capsys.readouterr()
    content = everything_written(out) + (shown.out + shown.err).encode()
    for secret in SECRETS:
        assert secret.encode() not in content.replace(str(out).encode(), b"")
    ids = pd.read_csv(out / "features.csv")["lesion"]
    assert ids.str.fullmatch("L-[0-9a-f]{12}").all() and ids.is_unique
    again = tmp_path / "again.csv"
    main(["extract", cohort, "--out", str(again), *hashed])
    assert pd.read_csv(again)["lesion"].tolist() == ids.tolist()


def test_headers_never_reach_an_output(tmp_path, capsys):
    cohort, folder = write_cohort(tmp_path)
    (folder / "1.dcm").write_bytes((folder / "1.dcm").read_bytes()[:900])
    out = tmp_path / "out"
    main(["check", cohort, "--protocol", str(out / "s1.csv")])
    main(["montage", cohort, "--out", str(out / "m.png")])
    main(["extract", cohort, "--out", str(out / "features.csv")])
    shown = capsys.readouterr()
    content = everything_written(out) + (shown.out + shown.err).encode()
    for secret in (NAME, BIRTH_DATE, "Planted Hospital", "Planted description"):
        assert secret.encode() not in content

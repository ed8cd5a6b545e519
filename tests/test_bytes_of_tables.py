"""Files of tables: how large, in which encoding, and of which other program."""

import gzip

import pytest

from sklearn_orn._io import table_bytes
from sklearn_orn._io.table_bytes import decoded, read_bytes
from sklearn_orn.exceptions import CohortError

TEXT = "Größe;a\n1,5;x\n"


@pytest.mark.parametrize("ending", ["", ".gz", ".GZ"])
def test_a_file_may_be_as_large_as_the_limit(tmp_path, monkeypatch, ending):
    content = b"a,b\n1,2\n"
    path = tmp_path / f"t.csv{ending}"
    path.write_bytes(gzip.compress(content) if ending else content)
    monkeypatch.setattr(table_bytes, "_CHUNK", 3)
    monkeypatch.setattr(table_bytes, "MAX_BYTES", 8)
    assert read_bytes(path) == content
    monkeypatch.setattr(table_bytes, "MAX_BYTES", 7)
    with pytest.raises(CohortError, match="holds more than"):
        read_bytes(path)


def test_the_limit():
    assert table_bytes.MAX_BYTES == 256 * 1024 * 1024


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"),
        *("utf-16-le", "utf-16-be"),
    ],
)
def test_encodings_of_spreadsheets(encoding):
    assert decoded(TEXT.encode(encoding), "t.csv") == TEXT


@pytest.mark.parametrize("text", ["a\n1\0,2\n", "a\n11\0,2\n", "\0a,b\n", "a\0,b\n"])
def test_a_stray_zero_makes_no_text_of_two_bytes_a_letter(text):
    assert decoded(text.encode(), "t.csv") == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a,b\r1,2\r", "a,b\n1,2\n"),
        (b"a,b\r\n1,2\r\n", "a,b\r\n1,2\r\n"),
        (b"a", "a"),
    ],
)
def test_ends_of_lines(raw, text):
    assert decoded(raw, "t.csv") == text


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\0" * 12 + b"\xc2\xea\x81 and more", "a data file of SAS"),
        (b"SQLite format 3\0", "a database"),
        (b"{\\rtf1", "a text document"),
        (b"$FL3", "a data file of SPSS"),
        (b"X\n\0\0", "a data file of R"),
        (b"<!doctype HTML>", "a web page"),
        (b"<Html>", "a web page"),
    ],
)
def test_files_of_other_programs(content, what):
    with pytest.raises(CohortError, match=f"'t.csv' is {what}; expected CSV"):
        decoded(content, "t.csv")


@pytest.mark.parametrize("name", ["t.rds", "t.RData", "t.rda"])
def test_what_r_has_packed_is_of_r_by_its_name(name):
    with pytest.raises(CohortError, match=f"'{name}' is a data file of R"):
        decoded(gzip.compress(b"RDX3\n"), name)


@pytest.mark.parametrize(
    "content",
    [
        "Müller,x".encode("cp850"),
        "Größe\n".encode("mac-roman"),
        "Größe\n".encode("cp850"),
        b"\xe4\x01\x02,1\n",
        b"\xff\x03",
    ],
)
def test_letters_of_dos_and_bytes_of_no_text_are_refused(content):
    with pytest.raises(CohortError, match="is not a text file in UTF-8; expected CSV"):
        decoded(content, "t.csv")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x1f\x8b\x09\xe4", "it is packed by gzip"),
        (b"BZh9\xe4", "it is packed by bzip2"),
        (b"PK\x03\x04\xe4", "it is a ZIP file or an Excel workbook"),
    ],
)
def test_packed_files_are_called_so(content, what):
    with pytest.raises(CohortError, match=f"in UTF-8; {what}"):
        decoded(content, "t.csv")

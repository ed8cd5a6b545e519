"""``sklearn-orn audit``: what it prints and writes."""

import json

import pandas as pd

from sklearn_orn.audit import audit_reported_numbers, example_report
from sklearn_orn.cli import main


def test_the_command(tmp_path, capsys):
    paper = tmp_path / "paper.json"
    paper.write_text(json.dumps(example_report()))
    audit = audit_reported_numbers(paper)
    for _ in range(2):  # what it wrote it may replace
        for name in ("audit.csv", "audit.json"):
            assert main(["audit", str(paper), "--out", str(tmp_path / name)]) == 0
            assert capsys.readouterr().out == f"{audit}\n"
    written = json.loads((tmp_path / "audit.json").read_text())
    assert written["format"] == "sklearn-orn-audit"
    assert written["claims"] == audit.as_dict()["claims"]
    table = pd.read_csv(tmp_path / "audit.csv", keep_default_na=False)
    assert list(table.columns) == list(audit.table().columns)
    assert (table["verdict"] == audit.table()["verdict"]).all()
    assert main(["audit", str(paper)]) == 0


def test_what_is_refused(tmp_path, capsys):
    paper = tmp_path / "paper.json"
    paper.write_text(json.dumps(example_report() | {"claims": [{"check": "sum"}]}))
    assert main(["audit", str(paper)]) == 2
    assert "claims[0] lacks ['parts', 'total', 'where']" in capsys.readouterr().err
    assert main(["audit", str(paper), "--out", str(tmp_path / "a.txt")]) == 2
    assert "is neither FILE.csv nor FILE.json" in capsys.readouterr().err
    assert main(["audit", str(paper), "--out", str(paper)]) == 2
    assert "would be overwritten" in capsys.readouterr().err

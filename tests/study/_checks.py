"""What must hold of every folder that a study leaves."""

import json
import re
from html.parser import HTMLParser

import pandas as pd

from sklearn_orn.cohort import Cohort

# A sentence may begin with "None of"; a number that is missing may not.
PLACEHOLDER = re.compile(r"\b(None(?! of )|nan|NaN|NaT|undefined|inf)\b|<NA>|\{\}|\[\]")


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.uses, self.texts = [], [], set(), []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("style", "script")
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            self.uses.update(re.findall(r"url\(#([^)]*)\)", value or ""))
            if name in ("href", "xlink:href") and value.startswith("#"):
                self.uses.add(value[1:])

    def handle_endtag(self, tag):
        self._hidden -= tag in ("style", "script")

    def handle_data(self, data):
        if not self._hidden:
            self.texts.append(data)

    @property
    def text(self):
        """What a reader sees, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page_of(result):
    return Page(result.report.read_text(encoding="utf-8"))


def strict(path):
    """Read JSON that knows no NaN."""

    def refuse(token):
        raise AssertionError(f"{token} is not JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def check_whole(folder):
    """Check that nothing in a folder is half-written or left behind."""
    for path in files_of(folder):
        assert not path.name.startswith("."), path
        assert path.stat().st_size > 0, path
        if path.suffix == ".json":
            strict(path)
        if path.suffix == ".csv":
            pd.read_csv(path)
    assert not (folder / ".steps").exists()


def check_report(result):
    """Check the folder of a study and what its report shows; return the text."""
    folder = result.report.parent
    check_whole(folder)
    assert strict(folder / "results.json") == result.results
    page = page_of(result)
    assert not PLACEHOLDER.search(page.text), _around(page.text)
    for figure in page.all("svg"):
        assert not PLACEHOLDER.search(figure["aria-label"])
    for path in (folder / "tables").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        assert not PLACEHOLDER.search(text), (path.name, _around(text))
    return page.text


def _around(text):
    found = PLACEHOLDER.search(text)
    return text[max(found.start() - 100, 0) : found.end() + 100]


def titles(result):
    return [guard["title"] for guard in result.results["warnings"]]


def make_design(table, config):
    """Outcome, patients and parts of a table, as the settings name its columns."""
    return Cohort.of(table, config.columns).design

"""What a page shows of results; in place of each figure stands its key."""

import re

from sklearn_orn.study.report._blocks import Files
from sklearn_orn.study.report._made import _wanted, make_figures, make_tables
from sklearn_orn.study.report._page import render_report
from tests.study._checks import Page

FILES = Files(None, "calculator.html")


def page_of(results):
    """Return the page as HTML."""
    return render_report(
        results,
        figures=make_figures(results, iter(_wanted(results))),
        tables=make_tables(results),
        checklists={},
        seconds={},
        files=FILES,
    )


def figures_of(page):
    """Return the keys of the figures, in the order of the page."""
    return re.findall(r"Not drawn: ([a-z-]+)", page)


def headings(page):
    """Return the headings below those of the chapters."""
    return [Page(text).text for text in re.findall(r"<h3[^>]*>(.*?)</h3>", page)]


def text_of(page):
    """Return what a reader sees."""
    return Page(page).text.replace("\N{NO-BREAK SPACE}", " ")

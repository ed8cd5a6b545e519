"""A page in headless Chromium, driven by a script that stands at its end."""

import atexit
import json
import re
import shutil
import subprocess
import tempfile
from functools import cache

import pytest

CHROMIUM = next(
    (
        p
        for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
        if p
    ),
    None,
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=5000",
]


def dump_dom(path, profile, *, width=1280):
    """Return the page's HTML after its scripts have run."""
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}"]
    command += [f"--window-size={width},900", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return done.stdout.decode("utf-8")


def drive(page, script, folder, *, frame=None):
    """Run a script at the end of a copy of the page; return what `report` was given.

    The copy lacks the page's policy, which would refuse the script.

    Parameters
    ----------
    page : str
        HTML.
    script : str
        May call ``report(data)`` once, ``set(i, value)`` to type a value, and
        ``by(id)``.
    folder : Path
        To work in.
    frame : int, default=None
        Width of a window in the page that shows it, narrower than Chromium's own
        windows can be.
    """
    tools = """
    const by = (id) => document.getElementById(id);
    const set = (i, value) => {
      by(`p${i}`).value = value;
      by(`p${i}`).dispatchEvent(new Event("input"));
    };
    const report = (data) => window.top.postMessage(JSON.stringify(data), "*");
    """
    listen = """<script>window.addEventListener("message", (event) => {
      const out = document.createElement("pre");
      out.id = "report";
      out.textContent = event.data;
      document.body.appendChild(out);
    });</script>"""
    bare = re.sub(r"<meta http-equiv[^>]*>", "", page)
    driven = f"<script>(() => {{{tools}{script}}})();</script></body>"
    top = listen if frame is None else ""
    copy = folder / "driven.html"
    copy.write_text(bare.replace("</body>", top + driven), encoding="utf-8")
    if frame is not None:
        copy = folder / "frame.html"
        inner = f'<iframe src="driven.html" width="{frame}" height="700"></iframe>'
        copy.write_text(f"<body>{listen}{inner}</body>", encoding="utf-8")
    browser = _browser()
    with browser.fresh():
        browser.open(copy)
        browser.until("document.getElementById('report') !== null")
        text = browser.run("document.getElementById('report').textContent")
    return json.loads(text)


@cache
def _browser():
    """One browser for all pages of a process; each page knows nothing of the others."""
    from tests.deploy._browser import Browser

    folder = tempfile.mkdtemp()
    browser = Browser(folder)
    atexit.register(browser.close)
    return browser

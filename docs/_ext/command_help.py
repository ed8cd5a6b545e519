"""Writes the help of every command, as the program itself prints it."""

import io
import os
import re
from contextlib import redirect_stdout
from pathlib import Path

from fragments import write_fragment

from sklearn_orn.cli import main

TARGET = Path(__file__).parent.parent / "generated" / "command-line.md"


def help_of(*words):
    """Return what ``sklearn-orn ... --help`` prints, 80 columns wide."""
    before = os.environ.get("COLUMNS"), os.environ.get("NO_COLOR")
    os.environ.update(COLUMNS="80", NO_COLOR="1")
    text = io.StringIO()
    try:
        with redirect_stdout(text):
            main([*words, "--help"])
    except SystemExit:
        pass
    finally:
        for name, value in zip(("COLUMNS", "NO_COLOR"), before, strict=True):
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return text.getvalue().rstrip()


def commands():
    """Return the names of the commands, in the order of the help."""
    return re.findall(r"^    (\w[\w-]*)\s", help_of(), re.M)


def write(app):
    """Write the fragment."""
    parts = [f"```text\n{help_of()}\n```"]
    for name in commands():
        parts.append(f"## {name}\n\n```text\n{help_of(name)}\n```")
    text = "\n\n".join(parts) + "\n"
    write_fragment(TARGET, text)


def setup(app):
    """Write before Sphinx reads."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

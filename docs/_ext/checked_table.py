"""Writes the table of the page `checked` from what the tests have measured."""

import json
from pathlib import Path

from fragments import write_fragment

HERE = Path(__file__).parent
SOURCE = HERE.parent / "checked.json"
TARGET = HERE.parent / "generated" / "checked.md"


def _number(value):
    if value == 0 or value >= 0.01:
        return f"{value:.3g}"
    return f"{value:.1e}".replace("e-0", "e-").replace(".0e", "e")


def table(rows):
    """Return the rows as one Markdown table for each program."""
    parts = []
    for program in dict.fromkeys(row["program"] for row in rows):
        parts.append(
            f"\n## {program}\n\n"
            "| quantity | computed by | values | largest difference | held to |\n"
            "| --- | --- | ---: | ---: | ---: |"
        )
        for row in rows:
            if row["program"] == program:
                parts.append(
                    f"| {row['quantity']} | `{row['name']}` | {row['n_values']} "
                    f"| {_number(row['worst'])} {row['measure']} "
                    f"| {_number(row['bound'])} |"
                )
    return "\n".join(parts) + "\n"


def write(app):
    """Write the fragment."""
    text = table(json.loads(SOURCE.read_text(encoding="utf-8")))
    write_fragment(TARGET, text)


def setup(app):
    """Write before Sphinx reads."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The example of the documentation runs."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reading-images.md"


def test_the_first_example(capsys):
    text = PAGE.read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.S)[0]
    exec(compile(code, "reading-images.md", "exec"), {})
    assert capsys.readouterr().out == "920\n"
    assert (PAGE.parent / "images" / "montage.png").exists()

"""Writes what the pages include."""


def write_fragment(target, text):
    """Write a fragment if it is not what it was, so that its page stays as it is."""
    target.parent.mkdir(exist_ok=True)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")

"""The head of every JSON file of ours: its format, and the version of that."""

from sklearn_orn._io.codec import JsonObject, Plain


def head(name: str, version: int) -> JsonObject:
    """Return the first two keys of a file."""
    return {"format": name, "schema_version": version}


def version_of(data: Plain, name: str) -> Plain:
    """Return the version of a file's content; None where it is of another format.

    Results, manifests and formulas had ``version`` for a key first, and a space in the
    name.

    Examples
    --------
    >>> version_of({"format": "sklearn-orn-results", "schema_version": 4},
    ...            "sklearn-orn-results")
    4
    >>> version_of({"format": "sklearn-orn results", "version": 3},
    ...            "sklearn-orn-results")
    3
    """
    if not isinstance(data, dict):
        return None
    if data.get("format") == name:
        return data.get("schema_version")
    old = data.get("format") == name.replace("sklearn-orn-", "sklearn-orn ")
    return data.get("version") if old else None

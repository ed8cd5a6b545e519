"""The head of every JSON file of ours: its format, and the version of that."""

from typing import Any

from sklearn_orn._io.codec import decode
from sklearn_orn._io.kinds import whole
from sklearn_orn.exceptions import ModelFileError


def head(name: str, version: int) -> dict[str, Any]:
    """Return the first two keys of a file."""
    return {"format": name, "schema_version": version}


def version_of(data: object, name: str) -> Any:
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


def body_of(
    data: dict[str, Any],
    name: str,
    newest: int,
    advice: str,
    program: str = "this sklearn_orn",
) -> tuple[dict[str, Any], int]:
    """Return what stands below the head of a file, and its version.

    ModelFileError if it is of another format, or of a version after the newest.
    """
    if data.get("format") != name:
        raise ModelFileError(f"it says nothing of the format {name!r}. {advice}")
    version: int = decode(whole(1), data.get("schema_version"), "schema_version")
    if version > newest:
        raise ModelFileError(
            f"it has schema version {version}; {program} reads up to {newest}. Update "
            "sklearn_orn."
        )
    return {k: data[k] for k in data if k not in ("format", "schema_version")}, version

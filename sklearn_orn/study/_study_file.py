"""The settings of a study, read from a file."""

import dataclasses
import os
from collections import Counter
from difflib import get_close_matches

from sklearn_orn._io.codec import JsonObject
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._config import StudyConfig

FIELDS = [field.name for field in dataclasses.fields(StudyConfig)]
MOST_BYTES = 2**20  # settings are some KB; it bounds what the parser may unfold
PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "seq", "map")
)


def _loader() -> type[object]:
    """Return YAML's safe loader, but that yes, no and dates stay text."""
    import yaml

    class TextLoader(yaml.SafeLoader):
        """A label may be called yes, and a date is a column's own format."""

        def compose_node(self, parent: object, index: object) -> yaml.Node:
            """Refuse what repeats another part: nine of them can fill a memory."""
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias ('*name'): write the value out.")
            node = super().compose_node(parent, index)
            if node.tag not in PLAIN_TAGS:
                raise yaml.YAMLError(f"the tag {node.tag!r}: write a plain value.")
            return node

        def construct_mapping(self, node: yaml.Node, deep: bool = False) -> object:
            """Refuse a key that stands twice; YAML would keep the last."""
            keys = Counter(str(key.value) for key, _ in node.value)
            key, times = keys.most_common(1)[0] if keys else ("", 0)
            if times > 1:
                raise yaml.YAMLError(f"the key {key!r} stands twice.")
            return super().construct_mapping(node, deep=deep)

    TextLoader.yaml_implicit_resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in pairs
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    import re

    TextLoader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
    )
    return TextLoader


def parsed_yaml(path: str | os.PathLike[str], name: str) -> object:
    """Return what a file of settings holds, unchecked."""
    import yaml

    try:
        with open(path, "rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise CohortError(f"{name}: there is no such file.") from None
    if len(raw) > MOST_BYTES:
        raise CohortError(
            f"{name}: larger than {MOST_BYTES} bytes, as no settings are."
        )
    try:
        # The loader is a SafeLoader with fewer types.
        return yaml.load(raw.decode("utf-8"), Loader=_loader())  # noqa: S506
    except RecursionError:
        raise CohortError(f"{name}: no YAML: it is nested too deeply.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        text = " ".join(str(error).split())
        raise CohortError(f"{name}: no YAML: {text}") from error
    except Exception as error:  # PyYAML's own, at '!!int' and a number of 5,000 digits
        text = " ".join(str(error).split())
        raise CohortError(f"{name}: no YAML: a value cannot be read: {text}") from error


def read_study_file(path: str | os.PathLike[str]) -> JsonObject:
    """Read the settings of a study.

    Parameters
    ----------
    path : path
        YAML; its keys are the parameters of `StudyConfig`. Only ``true`` and
        ``false`` are truth values, so that a label may be ``yes`` or ``no``.

    Returns
    -------
    dict
        Parameters of `StudyConfig`.

    Raises
    ------
    CohortError
        Naming the file, and the line or the key.
    """
    name = os.fspath(path)
    content = parsed_yaml(path, name)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise CohortError(f"{name}: expected lines of the form 'key: value'.")
    for key in content:
        if key not in FIELDS:
            near = get_close_matches(str(key), FIELDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise CohortError(
                f"{name}: unknown key {key!r}.{hint} Known are {', '.join(FIELDS)}."
            )
    if isinstance(content.get("exclusions"), str):
        path = os.path.join(os.path.dirname(name), content["exclusions"])
        content["exclusions"] = path
    return content


def make_config(
    settings: JsonObject, *, source: str | os.PathLike[str] | None = None
) -> StudyConfig:
    """Return the settings, checked; CohortError names the file (`source`) and key."""
    where = f"{os.fspath(source)}: " if source is not None else ""
    if settings.get("outcome") is None:
        raise CohortError(
            f"{where}nothing says which column is the outcome: pass --outcome COLUMN, "
            "or write 'outcome: COLUMN' into the study file."
        )
    try:
        return StudyConfig(**settings)
    except (TypeError, ValueError) as error:
        raise CohortError(f"{where}{error}") from error

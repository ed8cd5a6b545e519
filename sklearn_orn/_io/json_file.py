"""A format of JSON files that we write and read back: its versions and its content."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from sklearn_orn._io.codec import JsonObject, Kind, Plain, decode, encode
from sklearn_orn._io.json_head import head
from sklearn_orn._io.kinds import whole
from sklearn_orn._io.strict_json import (
    json_text,
    named_file,
    parse_strict_json,
    read_strict_json,
)
from sklearn_orn._io.text_files import write_text
from sklearn_orn.exceptions import ModelFileError


@dataclass(frozen=True)
class JsonFormat:
    """What a file holds below its head, by name.

    `earlier` has by version what its files lack, and what that meant.
    """

    name: str
    version: int
    content: Mapping[str, Kind]
    what: str
    writer: str
    advice: str = ""
    program: str = "this sklearn_orn"
    earlier: Mapping[int, Mapping[str, object]] = field(default_factory=dict)

    def text(self, content: Mapping[str, Plain]) -> str:
        """Return what a file of this content holds."""
        data = head(self.name, self.version) | encode(self.content, content)
        return json_text(data) + "\n"

    def write(self, path: str | os.PathLike[str], content: Mapping[str, Plain]) -> None:
        """Write a file; what cannot be read is not written."""
        written = self.text(content)
        self.parse(written)
        write_text(path, written)

    def read(self, path: str | os.PathLike[str]) -> JsonObject:
        """Return the content of a file; ModelFileError names it."""
        data = read_strict_json(path, self.what, self.writer)
        with named_file(self.what, path):
            return self._content_of(data)

    def parse(self, text: str) -> JsonObject:
        """Return the content of what `text` returned."""
        return self._content_of(parse_strict_json(text.encode("utf-8")))

    def _content_of(self, data: JsonObject) -> JsonObject:
        if data.get("format") != self.name:
            raise ModelFileError(
                f"it says nothing of the format {self.name!r}. {self.advice}"
            )
        version: int = decode(whole(1), data.get("schema_version"), "schema_version")
        if version > self.version:
            raise ModelFileError(
                f"it has schema version {version}; {self.program} reads up to "
                f"{self.version}. Update sklearn_orn."
            )
        lacking = self.earlier.get(version, {})
        kinds = {k: x for k, x in self.content.items() if k not in lacking}
        body = {k: data[k] for k in data if k not in head(self.name, version)}
        content: JsonObject = decode(kinds, body)
        return content | dict(lacking)

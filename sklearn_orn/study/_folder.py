"""The folder of a study: nothing in it is replaced but what its manifest lists."""

import os
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path

from sklearn_orn._io.json_head import head, version_of
from sklearn_orn._io.outputs import Named, refuse_inputs
from sklearn_orn._io.text_files import part_of, remove_parts
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._json_csv import make_folder, read_json, write_json
from sklearn_orn.study._resumed_steps import FOLDER, is_step_folder
from sklearn_orn.study.report._names import is_plain_name, is_study_file

FORMAT, VERSION, MANIFEST = "sklearn-orn-manifest", 2, "manifest.json"
OUTPUTS, STARTS = "outputs", ("", "figures/", "tables/")
# What file browsers leave without being asked.
LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


class StudyFolder:
    """What this program wrote into a folder, and what it may replace there.

    The manifest lists the files of the study. It is written before them, with those to
    come, so that a run that was killed leaves no file without an owner.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._manifest = _own_manifest(self.path / MANIFEST)
        manifest = {} if self._manifest is None else self._manifest
        names = manifest.get(OUTPUTS)
        names = names if isinstance(names, list) else []
        # A list that was changed by hand leads to no other file.
        self.listed = {n for n in names if isinstance(n, str) and is_plain_name(n)}
        self._planned: set[str] = set()

    def check(
        self, inputs: Iterable[Named] = (), *, beside: Collection[str] = ()
    ) -> None:
        """Refuse a folder that holds anything of the user's that would be lost.

        `inputs` are the files that the study reads, each behind what messages call it;
        `beside` entries that another part of this program looks after.
        """
        if self._manifest is None:
            foreign = [name for name in self._entries() if name not in beside]
            if foreign:
                raise CohortError(
                    f"the folder '{self.path}' holds files that are not of a study: "
                    f"{name_list(repr(name) for name in foreign)}. Name a new or an "
                    "empty folder."
                )
        self.check_files(inputs)

    def check_files(
        self, inputs: Iterable[Named] = (), *, kept: Collection[str] = ()
    ) -> None:
        """Refuse where a file of a study's name, not in `kept`, is foreign or read."""
        there = [
            start + name
            for start in STARTS
            for name in _listdir(self.path / start)
            if is_plain_name(start + name) or start + name == MANIFEST
        ]
        self._refuse(n for n in there if is_study_file(n) and n not in kept)
        if self._manifest is None and MANIFEST in there:
            self._refuse([MANIFEST])
        outputs = [self.path / name for name in sorted(self.listed & set(there))]
        refuse_inputs([("out", path) for path in outputs], inputs)

    def open(self) -> None:
        """Make the folder, and say in it that it belongs to a study."""
        make_folder(self.path)
        remove_parts(self.path, lambda name: name == MANIFEST)
        if self._manifest is None:
            self._save(head(FORMAT, VERSION), set())
        for start in STARTS:
            remove_parts(self.path / start, partial(_is_plain_in, start))

    def plan(
        self, names: Iterable[str], manifest: dict[str, object] | None = None
    ) -> None:
        """Say which files will be written; with None the manifest there stays."""
        self._planned = set(names)
        odd = [name for name in sorted(self._planned) if not is_plain_name(name)]
        if odd:
            raise CohortError(f"{name_list(map(repr, odd))}: no names of files.")
        self._refuse(n for n in self._planned if os.path.lexists(self.path / n))
        self._save(manifest or self._manifest or {}, self.listed | self._planned)
        for folder in {(self.path / name).parent for name in self._planned}:
            make_folder(folder)

    def plan_more(self, names: Iterable[str]) -> None:
        """Say which files will be written besides."""
        self.plan(self._planned.union(names))

    def finish(self, *, kept: Collection[str] = ()) -> None:
        """Remove files of an earlier run that this one lacks, but for `kept`."""
        rest = self._planned | set(kept)
        for name in self.listed - rest:
            (self.path / name).unlink(missing_ok=True)
        rest &= self.listed | self._planned
        self._save(self._manifest or {}, rest)

    def remove(self, name: str) -> None:
        """Remove a file of an earlier run, where there is one."""
        if name in self.listed:
            (self.path / name).unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """Take back that a file is going to be written."""
        self._planned.discard(name)

    def _refuse(self, names: Iterable[str]) -> None:
        foreign = sorted(set(names) - self.listed)
        if foreign:
            raise CohortError(
                f"the folder '{self.path}' holds {name_list(map(repr, foreign))}, "
                "which its manifest does not list as written by a study, and which a "
                "study would replace. Move them away, or name a new folder."
            )

    def _entries(self) -> list[str]:
        """Return what is in the folder and not left by a run that was killed."""
        return [
            name
            for name in sorted(_listdir(self.path))
            if name not in LITTER
            and not is_plain_name(part_of(name) or "")
            and part_of(name) != MANIFEST
            and not (name == FOLDER and is_step_folder(self.path / name))
        ]

    def _save(self, manifest: dict[str, object], outputs: Iterable[str]) -> None:
        names = sorted(outputs)
        if not manifest:
            manifest = head(FORMAT, VERSION)
        self._manifest = manifest | {OUTPUTS: names}
        write_json(self.path / MANIFEST, self._manifest)
        self.listed = set(names)


def _is_plain_in(start: str, name: str) -> bool:
    return is_plain_name(start + name)


def _own_manifest(path: Path) -> dict[str, object] | None:
    if not path.is_file():
        return None
    try:
        manifest = read_json(path)
    except (CohortError, OSError):
        return None
    return None if version_of(manifest, FORMAT) is None else manifest


def _listdir(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []

"""Lines of a command that fit a screen: long ones cut, alike ones told once."""

import re
from collections.abc import Iterable

LONGEST = 500  # letters of a line
FEW = 3  # alike lines that are all shown
_VARIES = re.compile(r"'[^']*'|\"[^\"]*\"|\brow \d+")  # other numbers are findings
_ROW = re.compile(r"\(row (\d+)\)|^\W*(?:\w+: )?(?:lesion )?row (\d+)")


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a line with its middle left out, where it is long.

    What to do stands at the end of a message, so that the end stays.

    Examples
    --------
    >>> shortened("columns are " + "x, " * 300 + "end. Rename one.", 40)
    'columns are x, x, x, x, x, x,  [888 letters] ename one.'
    """
    if len(text) <= longest:
        return text
    end = longest // 4
    start = longest - end
    return f"{text[:start]} [{len(text) - longest} letters] {text[-end:]}"


def told_once(lines: Iterable[str]) -> list[str]:
    """Return lines where more than a few that differ by names and rows alone are one.

    The rows of the others follow it.

    Examples
    --------
    >>> rows = [f"lesion (row {n}): file '{n}.dcm' is empty." for n in range(2, 9)]
    >>> for line in told_once([*rows, "lesion (row 9): it is constant."]):
    ...     print(line)
    lesion (row 2): file '2.dcm' is empty.
      ... and the same of 6 more, in rows 3-8
    lesion (row 9): it is constant.
    """
    groups: dict[str, list[str]] = {}
    for line in lines:
        key = _VARIES.sub("", line) if _ROW.search(line) else line
        groups.setdefault(key, []).append(line)
    told: list[str] = []
    for alike in groups.values():
        if len(alike) <= FEW:
            told += map(shortened, alike)
            continue
        found = [match for line in alike[1:] if (match := _ROW.search(line))]
        rows = [int(match[1] or match[2]) for match in found]
        told.append(shortened(alike[0]))
        more = f"  ... and the same of {len(rows)} more, in rows {_ranges(rows)}"
        told.append(shortened(more))
    return told


def _ranges(rows: list[int]) -> str:
    pieces: list[list[int]] = []
    for row in sorted(set(rows)):
        if pieces and row == pieces[-1][-1] + 1:
            pieces[-1].append(row)
        else:
            pieces.append([row])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in pieces)

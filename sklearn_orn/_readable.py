"""Results as help() and a notebook show them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, ForwardRef, TypeVar

import numpy as np
import pandas as pd

Class = TypeVar("Class", bound=type)
MAX_ROWS, MAX_COLUMNS, MAX_ENTRIES = 12, 12, 8


def readable(cls: Class) -> Class:
    """Give a class of results its representation in HTML, and types in plain words."""
    changed: Any = cls
    if issubclass(cls, tuple):
        # A named tuple wraps the text of lazy annotations: ForwardRef('float').
        signature = inspect.signature(cls)
        changed.__signature__ = signature.replace(
            parameters=[
                parameter.replace(annotation=_name_of(parameter.annotation))
                for parameter in signature.parameters.values()
            ]
        )
    changed._repr_html_ = result_html
    return cls


def _name_of(annotation: object) -> object:
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    return annotation


def result_html(result: object) -> str:
    """Return a result as tables: its own text, or first its numbers, then the rest."""
    title = f"<p><b>{type(result).__name__}</b></p>"
    if type(result).__str__ is not object.__str__:
        return framed(title, f"<pre>{escape(str(result))}</pre>")
    fields = dict(_fields(result))
    lines, tables = [], []
    for name, value in fields.items():
        if isinstance(value, pd.DataFrame):
            tables.append(f"<p>{name}</p>{table_html(value)}")
        elif not _is_limit(name, fields):
            lines.append((name, _text(value) + _limits(name, fields)))
    return framed(title, rows_html(lines) if lines else "", *tables)


def framed(*parts: str) -> str:
    """Return pieces of HTML, whose texts are escaped, as one."""
    # A name such as $\href{javascript:...}{x}$ is no formula for MathJax.
    return f'<div class="tex2jax_ignore mathjax_ignore">{"".join(parts)}</div>'


def rows_html(rows: Iterable[tuple[str, ...]]) -> str:
    """Return texts as a table, the first of each row as its head."""
    lines = [
        f"<tr><th>{escape(head)}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for head, *cells in rows
    ]
    return f"<table>{''.join(lines)}</table>"


def table_html(table: pd.DataFrame) -> str:
    """Return the first and last rows of a table, escaped."""
    html = table.to_html(
        max_rows=MAX_ROWS,
        max_cols=MAX_COLUMNS,
        float_format=lambda number: f"{number:.4g}",
        border=0,
    )
    if len(table) > MAX_ROWS:
        html += f"<p>{len(table)} rows</p>"
    return html


def _fields(result: object) -> Iterator[tuple[str, object]]:
    if isinstance(result, tuple):
        return iter(result._asdict().items())  # type: ignore[attr-defined]
    names = [field.name for field in dataclasses.fields(result)]  # type: ignore[arg-type]
    return ((name, getattr(result, name)) for name in names if name[0] != "_")


def _is_limit(name: str, fields: Mapping[str, object]) -> bool:
    return name.removesuffix("_lower").removesuffix("_upper") in set(fields) - {name}


def _limits(name: str, fields: Mapping[str, object]) -> str:
    if f"{name}_lower" not in fields or f"{name}_upper" not in fields:
        return ""
    return f" ({_text(fields[f'{name}_lower'])} to {_text(fields[f'{name}_upper'])})"


def _text(value: object) -> str:
    """Return a value in a line."""
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray | pd.Series):
        return f"array of shape {value.shape}"
    if isinstance(value, Mapping):
        if not value:
            return "none"
        entries = [f"{key}: {_text(entry)}" for key, entry in value.items()]
    elif hasattr(value, "_asdict"):
        return _text(value._asdict())
    elif dataclasses.is_dataclass(value):
        return type(value).__name__
    elif isinstance(value, tuple | list):
        entries = [_text(entry) for entry in value]
    else:
        return str(value)
    more = f", ... ({len(entries)})" if len(entries) > MAX_ENTRIES else ""
    return ", ".join(entries[:MAX_ENTRIES]) + more

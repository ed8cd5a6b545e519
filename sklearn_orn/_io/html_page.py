"""Pages of one file that load nothing, send nothing and run no script but their own."""

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


def embedded_json(data: object) -> str:
    """Write JSON that no text in it can break out of a script element."""
    text = json.dumps(data, allow_nan=False, ensure_ascii=True)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def html_page(
    package: str, name: str, *, scripts: tuple[str, ...], **values: object
) -> str:
    """Fill the template ``<name>.html.j2`` of a package, with ``<name>.css``.

    Its policy allows one script, that of the files `scripts`, by its hash.
    """
    folder = files(package) / "templates"
    style, *parts = (
        (folder / file).read_text(encoding="utf-8")
        for file in (f"{name}.css", *scripts)
    )
    code = "".join(parts)
    return filled_page(package, f"templates/{name}.html.j2", style, code, **values)


def filled_page(
    package: str, template: str, style: str, code: str, **values: object
) -> str:
    """Fill a template of a package with its style and its one script."""
    digest = base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest())
    return page_template(package, template).render(
        style=style, script=code, script_hash=digest.decode("ascii"), **values
    )


@cache
def page_template(
    package: str, path: str, **filters: Callable[..., object]
) -> "Template":
    """Return a template of a package; texts are escaped, nothing may be missing."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    folder, _, name = path.rpartition("/")
    environment = Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= filters
    return environment.get_template(name)

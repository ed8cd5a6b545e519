"""``sklearn-orn calculator``: a stored model as one page."""

import argparse

from sklearn_orn.cli._common import MODEL, OK, make_room
from sklearn_orn.cli._own_files import is_calculator
from sklearn_orn.cli._paths import OutputFile, input_path

HELP = "write the calculator of a stored model: one page, no server"


def add(calculator: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    calculator.add_argument("model", type=input_path, help=MODEL)
    calculator.add_argument(
        "--out", type=OutputFile(is_calculator), required=True, metavar="FILE.html"
    )
    calculator.add_argument(
        "--measure",
        action="store_true",
        help="a page that opens images and measures inside an outline, for a model of "
        "images",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the calculator of a stored model."""
    from sklearn_orn._io.text_files import write_text
    from sklearn_orn.deploy import ModelFile, calculator_page

    page = calculator_page(ModelFile.read(arguments.model), measure=arguments.measure)
    make_room(arguments.out, "FILE.html")
    write_text(arguments.out, page)
    print(f"Calculator: {arguments.out}")
    return OK

"""The versions that a report of a fault needs."""

import os
import platform
from importlib import metadata

DEPENDENCIES = tuple(
    (
        "numpy scipy pandas narwhals scikit-learn scikit-image pydicom pillow "
        "highdicom numba joblib threadpoolctl matplotlib fonttools jinja2 mlxtend "
        "rich pyyaml nibabel pynrrd python-calamine"
    ).split()
)
EXTRAS = ("dask", "distributed", "python-gdcm", "pyarrow")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _threads() -> list[tuple[str, str]]:
    from threadpoolctl import threadpool_info

    pools = {
        (
            pool["internal_api"],
            f"{pool['version'] or ''} {pool['num_threads']} threads".strip(),
        )
        for pool in threadpool_info()
    }
    return sorted(pools)


def show_versions() -> None:
    """Print the versions of the program, of Python and of what both build on.

    Paste it into the report of a fault. It holds no path, and no name of a user or a
    machine.

    Notes
    -----
    The last lines are the pools of threads that are loaded; NumPy, SciPy and
    scikit-learn may each bring one.

    Examples
    --------
    >>> from sklearn_orn import show_versions
    >>> show_versions()
    sklearn-orn    ...
    Python         ...
    numpy          ...
    """
    from sklearn_orn import __version__

    lines = [
        ("sklearn-orn", __version__),
        ("Python", f"{platform.python_version()} {platform.python_implementation()}"),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("processors", str(os.cpu_count())),
        *((package, _version(package)) for package in DEPENDENCIES + EXTRAS),
        *_threads(),
    ]
    for name, text in lines:
        print(f"{name:14} {text}")

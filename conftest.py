"""Leave out the doctests of a package that this Python does not have."""

from importlib.util import find_spec

collect_ignore = []
if find_spec("highdicom") is None:
    collect_ignore.append("sklearn_orn/deploy/_dicom_results.py")

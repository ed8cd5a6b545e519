"""Settings of every worker; no doctests of a package that this Python has not."""

import gc
import os
import sys
from importlib.util import find_spec

from hypothesis import __version_info__

# Before NumPy is imported: threads on matrices as small as those of the tests cost
# twice the time and give nothing, least of all beside other workers.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# What one process compiled, workers and commands that tests start read, in this run and
# the next: without it each compiles all of the package and its tests anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Imported packages and collected tests are a million objects, which stay: to look
# through them again and again for what is not needed takes a tenth of all the time.
gc.set_threshold(50_000, 10, 10)


def pytest_collection_finish():
    """Let no collector look through them any more."""
    if __version_info__ >= (6, 150):  # 6.120 asks it for what is hidden from it then
        gc.freeze()


collect_ignore = []
if find_spec("highdicom") is None:
    collect_ignore.append("sklearn_orn/deploy/_dicom_results.py")

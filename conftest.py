"""Settings of every worker, of Hypothesis and of doctests.

Hypothesis profiles: few examples for each commit, thousands by hand.
"""

import gc
import os
import sys
from importlib.util import find_spec

import pytest
from _pytest.doctest import DoctestItem
from hypothesis import HealthCheck, __version_info__, settings

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

# On a continuous integration server hypothesis draws the same examples each time; both
# profiles start from what it chose.
settings.register_profile(
    "commit",
    settings(),
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    settings.get_profile("commit"),
    max_examples=2000,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("commit")


def pytest_collection_finish():
    """Let no collector look through them any more."""
    if __version_info__ >= (6, 150):  # 6.120 asks it for what is hidden from it then
        gc.freeze()


collect_ignore = []
if find_spec("highdicom") is None:
    collect_ignore.append("sklearn_orn/deploy/_dicom_results.py")

# Examples that write a cohort to show what becomes of it, however many they are.
SMALL = ("make_hospital", "collect")
# One that shows the table alone; tests read the images of the same cohort.
NO_IMAGES = "make_cohort"


@pytest.fixture(autouse=True)
def few_patients(request):
    """Draw four patients where an example shows no more than names, or no images."""
    node = request.node
    if not (isinstance(node, DoctestItem) and node.name.endswith((*SMALL, NO_IMAGES))):
        yield
        return
    from sklearn_orn.datasets import _drawn_patients as drawn
    from sklearn_orn.datasets import _synthetic_cohort

    few = (
        drawn.Group("training", drawn.ORN, 2, 3),
        drawn.Group("validation", drawn.METASTASIS, 2, 3),
    )
    with pytest.MonkeyPatch.context() as patch:
        if node.name.endswith(NO_IMAGES):
            patch.setattr(_synthetic_cohort, "_write_patient", lambda *_: None)
        else:
            patch.setattr(drawn, "DESIGN", few)
        yield

"""What the workers of tests are forked from: it has imported all that they need."""

from sklearn_orn.cli import _imports_of_workers
from tests.study import _killed  # noqa: F401

_imports_of_workers.prepare()

"""What workers of a study need; a process imports it once and is forked then."""

import gc
import signal
from importlib import import_module

from sklearn_orn.cli._workers_ahead import RARELY

MODULES = (
    "sklearn_orn.study",
    "sklearn_orn.datasets",
    "sklearn_orn.plotting.shared",
    "pydicom",
    "PIL.PngImagePlugin",
    "scipy.ndimage",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
)

# Ctrl-C is for the command, which ends this process with it.
_before = signal.signal(signal.SIGINT, signal.SIG_IGN)
gc.set_threshold(RARELY)
for _name in MODULES:
    import_module(_name)
# Never looked at again, so that workers share its memory too.
gc.freeze()
signal.signal(signal.SIGINT, _before)

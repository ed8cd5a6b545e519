"""A lesion that kills the process that measures it, and its siblings."""

import os
import signal

import numpy as np

from sklearn_orn.images import Lesion


class Deadly(Lesion):
    """Kill the worker that reads it; the test's own process lives."""

    def __init__(self, name):
        image = np.arange(400).reshape(20, 20)
        super().__init__(image, image % 7 < 5, lesion=name)
        self.parent = os.getpid()

    def read(self):
        if os.getpid() != self.parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read()


def lesions(n, deadly):
    """Make `n` lesions, of which those at `deadly` kill."""
    image = np.random.default_rng(0).integers(0, 4000, (20, 20))
    mask = np.ones((20, 20), dtype=bool)
    return [
        Deadly(f"L{i}") if i in deadly else Lesion(image + i, mask, lesion=f"L{i}")
        for i in range(n)
    ]

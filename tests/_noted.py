"""A call that is noted in a file; one of them kills its process.

It stands alone, so that the processes that call it import nothing else.
"""

import os
import time
from pathlib import Path


def note(folder, number):
    """Return `number`, noted in the file of that name; 7 kills."""
    with open(Path(folder, str(number)), "a") as file:
        file.write("x")
    if number == 7:  # the first result is out by then, whatever process was the faster
        end = time.monotonic() + 60
        while not Path(folder, "first is taken").exists() and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(os.getpid(), 9)
    return number

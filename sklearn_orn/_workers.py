"""Work in several processes, of which one may be killed."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import joblib

R = TypeVar("R")

KILLED = (
    "the process that measured it was killed, most often for want of memory. Measure "
    "it on a machine with more, or crop the image."
)
MOST_WORKERS = 1024  # more than any machine starts; a slip of the finger, rather


def in_workers(n_jobs: int | None) -> "joblib.Parallel":
    """Return what hands on results as they come, in order.

    The backend "multiprocessing" cannot: it gives them when all are there.
    """
    import joblib

    try:
        return joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    except ValueError:  # what else is wrong is wrong again
        return joblib.Parallel(n_jobs=n_jobs)


def run_each(
    task: Callable[..., R],
    calls: Sequence[tuple[object, ...]],
    n_jobs: int | None,
    killed: Callable[[int], R],
) -> Iterator[R]:
    """Call a function many times in processes, and lose no call but a deadly one.

    Results come in the order of the calls; `killed` makes that of a deadly one, by its
    position.

    The system kills a process that wants more memory than there is. Which call it was
    at is not known, so those that were under way are done again, each alone; what
    came before them is kept, and the others go on together.
    """
    from concurrent.futures.process import BrokenProcessPool

    import joblib

    under_way = 2 * joblib.effective_n_jobs(n_jobs)  # as many as joblib hands out
    run, done = joblib.delayed(task), 0
    while done < len(calls):
        together = in_workers(n_jobs)
        try:
            for result in together(run(*call) for call in calls[done:]):
                yield result
                done += 1
            return
        except BrokenProcessPool:
            pass
        for position in range(done, min(done + under_way, len(calls))):
            try:
                result = joblib.Parallel(n_jobs=2)([run(*calls[position])])[0]
            except BrokenProcessPool:
                result = killed(position)
            yield result
            done += 1

"""Whether the solver was compiled on this machine, and how it is ahead of its use."""

from pathlib import Path


def solver_is_compiled() -> bool:
    """Say whether there is nothing to gain from compiling the solver ahead.

    That is so too where numba compiles nothing or keeps nothing.
    """
    from sklearn_orn.model._lasso_kernel import solve_path

    folder = getattr(getattr(solve_path, "stats", None), "cache_path", None)
    if folder is None:
        return True
    return any(Path(folder).glob(f"_lasso_kernel.{solve_path.__name__}-*.nbi"))


def compile_solver() -> None:
    """Deal out and solve the smallest problem: the kernels are compiled and kept."""
    from sklearn_orn._grouped_folds import GroupedFolds
    from sklearn_orn.model._lasso import logistic_lasso_path

    next(GroupedFolds(2).split([0, 0], [0, 1], [0, 1]))
    logistic_lasso_path([[0.0], [1.0], [3.0]], [0, 1, 0], n_lambdas=1)

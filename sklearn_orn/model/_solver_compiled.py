"""The solver, compiled ahead of its use."""


def solver_is_compiled() -> bool:
    """Say whether there is nothing to gain from compiling the solver ahead."""
    from sklearn_orn._numba import is_kept
    from sklearn_orn.model._lasso_kernel import solve_path

    return is_kept(solve_path)


def compile_solver() -> None:
    """Deal out and solve the smallest problem: the kernels are compiled and kept."""
    from sklearn_orn._grouped_folds import GroupedFolds
    from sklearn_orn.model._lasso import logistic_lasso_path

    next(GroupedFolds(2).split([0] * 4, [0, 1, 0, 1], [0, 1, 2, 3]))
    logistic_lasso_path([[0.0], [1.0], [3.0]], [0, 1, 0], n_lambdas=1)

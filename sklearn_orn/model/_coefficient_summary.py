"""The table of coefficients of a classifier that was fitted without LASSO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._messages import shown
from sklearn_orn._validation import check_share, feature_names, name_list
from sklearn_orn.model._by_patient import Covariances
from sklearn_orn.model._inference import LikelihoodFit, LikelihoodRatio

IntervalKind: TypeAlias = Literal["wald", "profile"]


def coefficient_table(
    fit: LikelihoodFit,
    names: list[str],
    *,
    interval: IntervalKind,
    by_patient: bool,
    level: float,
    cross_fitted: list[str],
) -> pd.DataFrame:
    """Return coefficients, standard errors, tests and odds ratios as a table."""
    covariances = fit.covariances(by_patient=by_patient)
    wider = np.sqrt(1.0 + np.isin(["", *names], cross_fitted))
    errors = covariances.standard_errors() * wider
    beta = np.where(fit.determined, fit.beta, np.nan)
    apart = fit.infinite != 0
    errors[apart], beta[apart] = np.inf, np.inf * fit.infinite[apart]
    if interval == "profile":
        lower, upper, root = fit.profile(norm.ppf(0.5 + level / 2) * wider)
        z = root / wider
    else:
        half = covariances.half_width(level) * errors
        middle = np.where(apart, 0.0, beta)
        lower, upper = middle - half, middle + half
        z = np.where(apart, np.nan, middle / errors)
    with np.errstate(over="ignore"):  # of a separated level: infinity is right
        ratios = np.exp([beta, lower, upper])
    columns = {
        "coefficient": fit.beta,
        "standard_error": errors,
        "z": z,
        "odds_ratio": ratios[0],
        "lower": ratios[1],
        "upper": ratios[2],
        "p_value": covariances.z_p(z),
    }
    return pd.DataFrame(columns, index=pd.Index(["Intercept", *names], name="term"))


class CoefficientInference:
    """Standard errors and tests of a classifier that keeps a `LikelihoodFit`."""

    penalty: str
    intercept_: np.ndarray
    coef_: np.ndarray
    _likelihood_fit: LikelihoodFit | None

    def _keep_fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray,
        patient: np.ndarray | None,
        factors: np.ndarray | None,
    ) -> None:
        used = weight > 0
        beta = np.concatenate([self.intercept_, self.coef_[0]])
        inside = np.isfinite(np.ones(X.shape[1]) if factors is None else factors)
        codes = None
        if patient is not None:
            codes = np.unique(patient[used], return_inverse=True)[1]
        self._likelihood_fit = LikelihoodFit(
            X[used], y[used], weight[used], codes, beta, inside, self.penalty == "firth"
        )

    def _kept_fit(self, what: str) -> LikelihoodFit:
        check_is_fitted(self)
        fit = getattr(self, "_likelihood_fit", None)
        if fit is None:
            reason = (
                "a LASSO has none: fit its features with penalty='none' or 'firth', on "
                "data that did not choose them"
                if self.penalty == "lasso"
                else "this one was read from a file, which does not hold the table "
                "that it was fitted to"
            )
            raise AttributeError(f"{type(self).__name__} has no {what}: {reason}.")
        return fit

    @property
    def covariance_(self) -> np.ndarray:
        """Covariance of intercept and coefficients: the inverse information."""
        return self._kept_fit("covariance_").covariance()

    @property
    def standard_errors_(self) -> np.ndarray:
        """Standard errors of intercept and coefficients, the roots of `covariance_`."""
        return np.sqrt(np.diag(self._kept_fit("standard_errors_").covariance()))

    @property
    def robust_covariance_(self) -> np.ndarray:
        """Huber's sandwich by patient, or by sample where `fit` got no groups."""
        return self._kept_fit("robust_covariance_").robust_covariance()

    def _covariances_of(self, places: np.ndarray) -> Covariances:
        """Return what `summary` takes for these coefficients, the intercept first."""
        fit = self._kept_fit("covariance_")
        return fit.covariances(by_patient=fit.repeated).of(places)

    @property
    def likelihood_ratio_(self) -> LikelihoodRatio:
        """Likelihood ratio test of the model."""
        return self._kept_fit("likelihood_ratio_").likelihood_ratio()

    def summary(
        self,
        *,
        interval: IntervalKind = "wald",
        by_patient: bool | None = None,
        level: float = 0.95,
        cross_fitted: Sequence[str] = (),
    ) -> pd.DataFrame:
        r"""Return coefficients, standard errors, odds ratios, intervals and p values.

        For ``penalty="none"`` and ``"firth"``.

        Parameters
        ----------
        interval : {"wald", "profile"}, default="wald"
            ``"wald"`` is coefficient plus and minus a multiple of its standard error.
            ``"profile"`` holds the values that a likelihood ratio test (with Firth's
            penalty, the penalised one, as logistf) does not reject: for few patients or
            large coefficients. It counts samples, not patients.
        by_patient : bool, default=None
            Whether standard errors, z, Wald intervals and p values count patients, see
            the Notes. None means where `fit` got groups, one of them with several
            samples, and the interval is Wald's.
        level : float, default=0.95
            Level of the intervals.
        cross_fitted : sequence of str, default=()
            Features that are a `CrossFittedScore`: their variance is doubled, see
            there.

        Returns
        -------
        DataFrame
            One row for the intercept and each feature, with the columns
            ``coefficient, standard_error, z, odds_ratio, lower, upper, p_value``;
            `lower` and `upper` are limits of the odds ratio. With profile intervals z
            is the signed root of the likelihood ratio statistic. NaN for what the data
            do not determine: constant columns, and those that are combinations of
            others. A column that separates the classes has, without penalty, an
            infinite standard error, an odds ratio of 0 or infinity and no Wald test;
            its coefficient is where the solver stopped.

        Raises
        ------
        AttributeError
            If the model is a LASSO.
        ValueError
            If `by_patient` is asked for and `fit` got no groups, or with profile
            intervals; if `cross_fitted` names no feature.

        Notes
        -----
        The odds ratio is that of one unit of the feature. `sample_weight` and
        `class_weight` count samples: a weight of 2 is the sample twice, in the naive
        standard errors too. Where classes are separated one profile limit is infinite;
        ``penalty="firth"`` has an estimate.

        By patient, a variance is the larger of two. The first is that of Huber's
        sandwich :math:`I^{-1} (\sum_c u_c u_c^T) I^{-1}`, as rms's ``robcov``, with the
        score :math:`u_c` of patient c (with Firth's penalty the modified one). It is
        next to nothing where few patients determine a coefficient, as a level that two
        of them have: what is left of them tells nothing. The second is the model's own,
        :math:`I^{-1} ((1 - \rho) I + \rho \sum_c s_c s_c^T) I^{-1}` with
        :math:`s_c = \sum_{i \in c} \sqrt{p_i (1 - p_i)} x_i`, in which the
        standardised residuals of all patients have one correlation, :math:`\rho`.
        Intervals and p values are Student's t with patients less coefficients degrees
        of freedom. `robust_covariance_` is the sandwich alone.

        References
        ----------
        Huber, Proc 5th Berkeley Symp 1967;1:221-233. One correlation: Liang, Zeger,
        Biometrika 1986;73:13-22. Harrell, Regression Modeling Strategies, 2nd ed.,
        2015, section 9.5. Heinze, Schemper, Stat Med 2002;21:2409-2419.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn_orn import NomogramClassifier
        >>> X = pd.DataFrame({"nodes": [0] * 40 + [1] * 40})
        >>> y = [0] * 30 + [1] * 10 + [0] * 15 + [1] * 25
        >>> model = NomogramClassifier(penalty="none").fit(X, y)
        >>> model.summary().loc["nodes", ["odds_ratio", "lower", "upper"]].round(2)
        odds_ratio     5.00
        lower          1.91
        upper         13.06
        Name: nodes, dtype: float64
        """
        fit = self._kept_fit("summary")
        if interval not in ("wald", "profile"):
            raise ValueError(
                f"interval must be 'wald' or 'profile', got {shown(interval)}."
            )
        check_share(level, "level")
        if by_patient is None:
            by_patient = fit.repeated and interval == "wald"
        if by_patient and fit.patient is None:
            raise ValueError(
                "by_patient=True needs the patients: pass them as groups to fit."
            )
        if by_patient and interval == "profile":
            raise ValueError(
                "A profile likelihood takes samples as independent: use "
                "interval='wald' by patient, or by_patient=False."
            )
        names = [str(name) for name in feature_names(self)]
        doubled = [cross_fitted] if isinstance(cross_fitted, str) else [*cross_fitted]
        unknown = [name for name in doubled if name not in names]
        if unknown:
            raise ValueError(
                f"cross_fitted names {name_list(unknown)}, which the model does not "
                f"have. Its features are {name_list(names)}."
            )
        return coefficient_table(
            fit,
            names,
            interval=interval,
            by_patient=by_patient,
            level=level,
            cross_fitted=doubled,
        )

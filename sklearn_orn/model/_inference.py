"""What a fit without LASSO says of its coefficients: standard errors, limits, tests."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import chi2 as chi_squared
from scipy.stats import norm
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._messages import shown
from sklearn_orn._validation import feature_names
from sklearn_orn.model._likelihood import PenalisedLikelihood
from sklearn_orn.model._separation import (
    SUSPICIOUS_SCORE,
    find_separation,
    independent_columns,
)

RELATED = 1e-7  # share of a column that another one has in it, beyond rounding


class LikelihoodRatio(NamedTuple):
    """Likelihood ratio test of all coefficients against the intercept alone.

    Attributes
    ----------
    chi2 : float
        Twice the gain in (penalised) log-likelihood.
    df : int
        Number of coefficients that the data determine.
    p_value : float
        Of the chi-squared distribution.
    """

    chi2: float
    df: int
    p_value: float


@dataclass(frozen=True, eq=False)
class LikelihoodFit:
    """A fit, and the table that it was made of.

    `beta` has the intercept first; columns not in `inside` were left out of the fit;
    `patient` numbers the patients, None where there are none.
    """

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    patient: np.ndarray | None
    beta: np.ndarray
    inside: np.ndarray
    firth: bool

    @cached_property
    def _kept(self) -> np.ndarray:
        """Columns that are no combination of those before."""
        inside = np.flatnonzero(self.inside)
        return np.asarray(inside[independent_columns(self.X[:, inside])[0]])

    @cached_property
    def _scale(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and largest deviation of the kept columns."""
        columns = self.X[:, self._kept]
        mean = columns.mean(axis=0)
        return mean, np.abs(columns - mean).max(axis=0, initial=0.0)

    def _likelihood(self, *, centred: bool) -> PenalisedLikelihood:
        mean, largest = self._scale
        columns = self.X[:, self._kept]
        scaled = (columns - mean if centred else columns) / largest
        design = np.column_stack([np.ones(len(self.X)), scaled])
        return PenalisedLikelihood(design, self.y, self.weight, firth=self.firth)

    @cached_property
    def _theta(self) -> np.ndarray:
        """The fit in the centred and scaled columns."""
        score = self.beta[0] + self.X @ self.beta[1:]
        design = self._likelihood(centred=True).design
        return np.asarray(np.linalg.lstsq(design, score, rcond=None)[0])

    @cached_property
    def _back(self) -> np.ndarray:
        """From the scaled coefficients to those of the table, intercept first."""
        mean, largest = self._scale
        back = np.diag(np.concatenate([[1.0], 1 / largest]))
        back[0, 1:] = -mean / largest
        return back

    @cached_property
    def determined(self) -> np.ndarray:
        """Whether the data determine each of intercept and coefficients."""
        result = np.zeros(len(self.beta), dtype=bool)
        result[0], result[1 + self._kept] = True, True
        others = np.setdiff1d(np.flatnonzero(self.inside), self._kept)
        varying = others[np.ptp(self.X[:, others], axis=0) > 0]
        design = self._likelihood(centred=False).design
        for j in varying:
            column = self.X[:, j] / np.abs(self.X[:, j]).max()
            share = np.linalg.lstsq(design, column, rcond=None)[0]
            related = np.abs(share) > RELATED
            result[np.concatenate([[0], 1 + self._kept])[related]] = False
        return result

    @cached_property
    def infinite(self) -> np.ndarray:
        """1 or -1 where the estimate is infinite, because classes are separated."""
        result = np.zeros(len(self.beta))
        score = self.beta[0] + self.X @ self.beta[1:]
        if self.firth or np.abs(score).max() <= SUSPICIOUS_SCORE:
            return result
        used = np.flatnonzero(self.beta[1:])
        separation = find_separation(self.X[:, used], self.y)
        if separation is not None:
            result[1 + used] = separation.direction
        return result

    def _on_the_table(self, covariance: np.ndarray) -> np.ndarray:
        places = np.concatenate([[0], 1 + self._kept])
        full = np.full((len(self.beta), len(self.beta)), np.nan)
        full[np.ix_(places, places)] = self._back @ covariance @ self._back.T
        full[~self.determined], full[:, ~self.determined] = np.nan, np.nan
        return full

    @cached_property
    def _inverse(self) -> np.ndarray:
        information = self._likelihood(centred=True).information(self._theta)
        return np.linalg.pinv(information, hermitian=True)

    def covariance(self) -> np.ndarray:
        """Inverse of the information; NaN for what the data do not determine."""
        return self._on_the_table(self._inverse)

    def robust_covariance(self) -> np.ndarray:
        """Huber's sandwich, by patient where there are any, else by sample."""
        scores = self._likelihood(centred=True).scores(self._theta)
        if self.patient is not None:
            sums = np.zeros((self.patient.max() + 1, scores.shape[1]))
            np.add.at(sums, self.patient, scores)
            scores = sums
        half = scores @ self._inverse
        covariance = self._on_the_table(half.T @ half)
        apart = self.infinite != 0  # their scores are 0: a certainty that is none
        covariance[apart], covariance[:, apart] = np.nan, np.nan
        return covariance

    def likelihood_ratio(self) -> LikelihoodRatio:
        """Test all coefficients; Firth's penalty is that of all columns on both."""
        likelihood = self._likelihood(centred=True)
        null = np.zeros(len(self._theta))
        free = np.arange(len(null)) == 0
        gain = likelihood.climb(self._theta)[1] - likelihood.climb(null, free)[1]
        statistic, df = max(2 * gain, 0.0), len(null) - 1
        return LikelihoodRatio(
            statistic, df, float(chi_squared.sf(statistic, df)) if df else np.nan
        )

    def profile(self, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return lower and upper profile likelihood limits, and the signed root.

        The root of the likelihood ratio statistic of a coefficient of 0 has its sign;
        a limit that the likelihood does not have is infinite.
        """
        lower, upper, root = (np.full(len(self.beta), np.nan) for _ in range(3))
        z = float(norm.ppf(0.5 + level / 2))
        errors = np.sqrt(np.diag(self.covariance()))
        _, largest = self._scale
        for place, j in enumerate(np.concatenate([[0], 1 + self._kept])):
            if not self.determined[j]:
                continue
            # The intercept is a coordinate only where columns are not centred.
            likelihood = self._likelihood(centred=j > 0)
            start = self._theta.copy()
            start[0] = start[0] if j > 0 else self._back[0] @ self._theta
            unit = 1.0 if j == 0 else 1 / largest[place - 1]
            found = likelihood.limits(start, place, z, errors[j] / unit)
            lower[j], upper[j] = found[0] * unit, found[1] * unit
            root[j] = likelihood.signed_root(start, place)
        return lower, upper, root


def coefficient_table(
    fit: LikelihoodFit,
    names: list[str],
    *,
    interval: str,
    by_patient: bool,
    level: float,
) -> pd.DataFrame:
    """Return coefficients, standard errors, tests and odds ratios as a table."""
    covariance = fit.robust_covariance() if by_patient else fit.covariance()
    errors = np.sqrt(np.diag(covariance))
    beta = np.where(fit.determined, fit.beta, np.nan)
    apart = fit.infinite != 0
    errors[apart], beta[apart] = np.inf, np.inf * fit.infinite[apart]
    if interval == "profile":
        lower, upper, z = fit.profile(level)
    else:
        half = norm.ppf(0.5 + level / 2) * errors
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
        "p_value": 2 * norm.sf(np.abs(z)),
    }
    return pd.DataFrame(columns, index=pd.Index(["Intercept", *names], name="term"))


class CoefficientInference:
    """Standard errors and tests of a classifier that keeps a `LikelihoodFit`."""

    penalty: str
    _likelihood_fit: LikelihoodFit | None

    def _keep_fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray,
        patient: np.ndarray | None,
        beta: np.ndarray,
        inside: np.ndarray,
    ) -> None:
        used = weight > 0
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
                else "this one was read from a file, which does not hold the table that "
                "it was fitted to"
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

    @property
    def likelihood_ratio_(self) -> LikelihoodRatio:
        """Likelihood ratio test of the model."""
        return self._kept_fit("likelihood_ratio_").likelihood_ratio()

    def summary(
        self,
        *,
        interval: str = "wald",
        by_patient: bool | None = None,
        level: float = 0.95,
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
            Whether standard errors, z, Wald intervals and p values are those of Huber's
            sandwich over patients, as rms's ``robcov``. None means where `fit` got
            groups and the interval is Wald's.
        level : float, default=0.95
            Level of the intervals.

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
            intervals.

        Notes
        -----
        The odds ratio is that of one unit of the feature. `sample_weight` and
        `class_weight` count samples: a weight of 2 is the sample twice, in the naive
        standard errors too. Where classes are separated one profile limit is infinite;
        ``penalty="firth"`` has an estimate.

        The sandwich is :math:`I^{-1} (\sum_c u_c u_c^T) I^{-1}` with the score
        :math:`u_c` of patient c (with Firth's penalty the modified one), without a
        correction for few patients.

        References
        ----------
        Huber, Proc 5th Berkeley Symp 1967;1:221-233. Harrell, Regression Modeling
        Strategies, 2nd ed., 2015, section 9.5. Heinze, Schemper, Stat Med
        2002;21:2409-2419.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn_orn import NomogramClassifier
        >>> X = pd.DataFrame({"nodes": [0] * 40 + [1] * 40})
        >>> y = [0] * 30 + [1] * 10 + [0] * 15 + [1] * 25
        >>> model = NomogramClassifier(penalty="none").fit(X, y)
        >>> model.summary().loc["nodes", ["odds_ratio", "lower", "upper"]].round(2)
        odds_ratio     5.00
        lower          1.92
        upper         13.00
        Name: nodes, dtype: float64
        """
        fit = self._kept_fit("summary")
        if interval not in ("wald", "profile"):
            raise ValueError(
                f"interval must be 'wald' or 'profile', got {shown(interval)}."
            )
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, got {shown(level)}.")
        if by_patient is None:
            by_patient = fit.patient is not None and interval == "wald"
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
        return coefficient_table(
            fit, names, interval=interval, by_patient=by_patient, level=level
        )

"""How far predictions move when other patients train the model."""

from typing import TYPE_CHECKING, Literal, Self, TypeAlias, get_args

import numpy as np

from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import BLACK, BLUE, GREY, PALE, VERMILION, diagonal
from sklearn_orn.plotting._types import MaybeAxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.lines import Line2D

    from sklearn_orn.resampling.shared import Instability, Optimism

Kind: TypeAlias = Literal[
    "prediction", "error", "classification", "calibration", "decision"
]
KINDS = get_args(Kind)


class InstabilityDisplay(Display):
    """Predictions, classes, calibration or net benefit of a model and of its refits.

    Parameters
    ----------
    instability : Instability
        What `sklearn_orn.resampling.instability` returned.
    kind : {"prediction", "error", "classification", "calibration", "decision"}, \
default="prediction"
        - ``"prediction"``: the probability of each sample by the model, and the range
          that holds 95 % of those by the refits.
        - ``"error"``: the mean absolute prediction error of each sample.
        - ``"classification"``: the share of the refits that put a sample into the
          other class.
        - ``"calibration"``, ``"decision"``: the curve of the model, and a pale one for
          each refit, all on the original samples.

    Attributes
    ----------
    lines_ : list of matplotlib artists
        What shows the refits.
    line_ : matplotlib artist
        What shows the model.
    [[ax_, figure_]]

    References
    ----------
    Riley, Collins, Biom J 2023;65:2200302.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.plotting import InstabilityDisplay
    >>> from sklearn_orn.resampling import instability
    >>> proba = np.linspace(0.1, 0.9, 30)
    >>> refits = np.linspace(0.9, 1.1, 20)[:, None] * proba
    >>> result = instability(np.arange(30) % 2, proba, refits)
    >>> display = InstabilityDisplay(instability=result).plot()
    >>> display.ax_.get_ylabel()
    'Probability by refits'
    """

    instability: "Instability"
    kind: Kind = "prediction"

    _texts = """
kind : {"prediction", "error", "classification", "calibration", "decision"}, \
default="prediction"
    What to draw, see the class.
"""

    @classmethod
    def from_optimism(
        cls, result: "Optimism", *, kind: Kind = "prediction", ax: MaybeAxes = None
    ) -> Self:
        """Draw the instability that `optimism` found.

        Parameters
        ----------
        result : Optimism
            What `sklearn_orn.resampling.optimism` returned.
        """
        return cls(instability=result.instability, kind=kind).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw.

        Raises
        ------
        ValueError
            If the kind is none of those known.
        """
        if self.kind not in KINDS:
            raise ValueError(
                f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}."
            )
        ax = self._begin(ax)
        self.lines_: Sequence[Artist]
        self.line_: Line2D
        ax.set_xlim(0, 1)
        if self.kind == "prediction":
            return self._plot_predictions()
        if self.kind in ("error", "classification"):
            return self._plot_samples()
        return self._plot_curves()

    def _plot_predictions(self) -> Self:
        ax, samples = self.ax_, self.instability.samples
        x = samples["probability"]
        diagonal(ax, "chance")
        self.lines_ = [
            ax.vlines(
                x,
                samples["lower"],
                samples["upper"],
                color=BLUE,
                linewidth=0.8,
                alpha=0.5,
                label="95 % of the refits",
            )
        ]
        (self.line_,) = ax.plot(x, x, ".", color=BLACK, markersize=3, label="Model")
        ax.set_ylim(0, 1)
        return self._end("Probability by the model", "Probability by refits")

    def _plot_samples(self) -> Self:
        ax, samples = self.ax_, self.instability.samples
        error = self.kind == "error"
        y = samples["mape" if error else "changed"]
        mean = self.instability.mape if error else self.instability.changed
        (points,) = ax.plot(
            samples["probability"], y, ".", color=BLUE, markersize=4, alpha=0.7
        )
        self.lines_ = [points]
        self.line_ = ax.axhline(
            mean,
            color=BLACK,
            linewidth=0.8,
            linestyle="--",
            label=f"Mean {mean:.3f}" if error else f"Mean {100 * mean:.0f} %",
        )
        if not error:
            threshold = self.instability.threshold
            ax.axvline(
                threshold,
                color=VERMILION,
                linewidth=0.8,
                linestyle=":",
                label=f"Threshold {threshold:.2f}",
            )
        ax.set_ylim(0, max(1.05 * float(y.max()), 0.05))
        words = "Mean absolute error" if error else "Share of refits that change class"
        return self._end("Probability by the model", words)

    def _plot_curves(self) -> Self:
        decision = self.kind == "decision"
        table = (
            self.instability.net_benefit if decision else self.instability.calibration
        )
        x = table["threshold" if decision else "predicted"].to_numpy()
        own = table["model" if decision else "observed"].to_numpy()
        first_refit = 3 if decision else 2
        ax = self.ax_
        self.lines_ = ax.plot(
            x,
            table.iloc[:, first_refit:].to_numpy(),
            color=PALE,
            linewidth=0.5,
            alpha=0.6,
        )
        if self.lines_:
            self.lines_[0].set_label("Refits")
        (self.line_,) = ax.plot(x, own, color=BLUE, linewidth=1.6, label="Model")
        if decision:
            ax.plot(x, table["treat_all"], color=GREY, linewidth=1, label="Treat all")
            ax.axhline(0, color=BLACK, linewidth=0.8, label="Treat none")
            top = np.nanmax([own.max(), table["treat_all"].max()])
            ax.set_ylim(-0.25 * top, 1.15 * top)
            labels = "Threshold probability", "Net benefit"
        else:
            diagonal(ax)
            ax.set_ylim(-0.05, 1.05)
            labels = "Predicted probability", "Observed share"
        return self._end(*labels)

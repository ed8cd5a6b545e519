"""Odds ratios as a forest plot."""

from typing import TYPE_CHECKING, NamedTuple, Self, TypeAlias

import numpy as np
import pandas as pd

from sklearn_orn._validation import name_list
from sklearn_orn.plotting import _rows
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import BLUE, PAGE_WIDTH, TEXT, VERMILION, p_text
from sklearn_orn.plotting._types import Look, MaybeAxes

if TYPE_CHECKING:
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

NEEDED = ("predictor", "level", "odds_ratio", "lower", "upper", "p_value")
ROW = 0.24  # inches
BEYOND = 30.0  # times the outermost odds ratio: limits further out become arrows
STYLES = ((BLUE, "s"), (VERMILION, "o"))
Level: TypeAlias = str | float | None


class _Row(NamedTuple):
    kind: str
    row: str
    odds_ratio: float
    lower: float
    upper: float
    p_value: float


def _ratio_text(ratio: float) -> str:
    if not np.isfinite(ratio):
        return "\N{INFINITY}"
    if 0 < ratio < 0.01:
        return "<0.01"
    return f"{ratio:.2f}" if ratio < 1000 else ">999"


def _row_text(row: _Row) -> str:
    limits = f"{_ratio_text(row.lower)} to {_ratio_text(row.upper)}"
    return f"{_ratio_text(row.odds_ratio)} ({limits}), {p_text(row.p_value)}"


def _drawn_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with an interval, each with its name and its kind."""
    missing = [name for name in NEEDED if name not in table]
    if missing:
        raise ValueError(
            f"table has no column {name_list(missing)}: pass the table of odds_ratios."
        )
    table = table.assign(kind=table["kind"] if "kind" in table else "")
    blank = table["lower"].isna() | table["upper"].isna()
    reference = table[blank & (table["odds_ratio"] == 1)]
    of_predictor = dict(zip(reference["predictor"], reference["level"], strict=True))
    rows = table[~blank].copy()
    if not len(rows):
        raise ValueError("table has no row with an interval: there is nothing to draw.")
    rows["row"] = [
        _row_name(predictor, level, of_predictor)
        for predictor, level in zip(rows["predictor"], rows["level"], strict=True)
    ]
    twins = rows[rows.duplicated(["kind", "row"])]
    if len(twins):
        raise ValueError(
            f"table has {twins['row'].iloc[0]!r} more than once in one kind: give the "
            "tables another `kind` each."
        )
    return rows


def _row_name(predictor: str, level: Level, of_predictor: dict[str, Level]) -> str:
    if level is None or pd.isna(level):
        return str(predictor)
    against = of_predictor.get(predictor)
    return f"{predictor}: {level}" + ("" if against is None else f" / {against}")


def _reach(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis."""
    ratios = rows["odds_ratio"].to_numpy()
    ratios = np.append(ratios[np.isfinite(ratios) & (ratios > 0)], 1.0)
    floor, ceiling = ratios.min() / BEYOND, ratios.max() * BEYOND
    low = max(floor, min(rows["lower"].min(), ratios.min()))
    high = min(ceiling, max(rows["upper"].max(), ratios.max()))
    return float(low / 1.15), float(high * 1.15)


def _ticks(low: float, high: float) -> list[float]:
    """Return round odds ratios on the axis: the first series that has three."""
    powers = 10.0 ** np.arange(-12, 13)
    series = [powers, np.outer(powers, [1, 2, 5]).ravel(), 2.0 ** np.arange(-9, 10)]
    if high / low < 100:
        series = series[1:]
    steps = (0.25, 0.1, 0.05, 0.02, 0.01)
    series += [np.arange(1, 10 / step) * step for step in steps]
    inside = [values[(values >= low) & (values <= high)] for values in series]
    enough = [values for values in inside if len(values) >= 3]
    return np.round((enough or inside)[0], 12).tolist()


class OddsRatioDisplay(Display, kw_only=False):
    """Odds ratios with their intervals, on a logarithmic axis.

    Parameters
    ----------
    table : DataFrame
        Of `odds_ratios`, or several of them below each other (``pd.concat``): those of
        two kinds stand in one row for each predictor or level, in the order of the
        first. Rows without an interval, the reference levels, are not drawn; they are
        named beside the others.

    Attributes
    ----------
    points_ : dict of (str, str) to matplotlib Line2D
        The odds ratio of each kind and row.
    intervals_ : dict of (str, str) to matplotlib Line2D
        Their intervals, as far as the axis goes.
    texts_ : dict of (str, str) to matplotlib Text
        Odds ratio, interval and p as text.
    reference_line_ : matplotlib Line2D
        An odds ratio of 1.
    [[ax_, figure_]]

    Notes
    -----
    An interval that goes beyond the axis ends in an arrow head. The axis reaches 30
    times further than the outermost odds ratio at most.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.model import odds_ratios
    >>> from sklearn_orn.plotting import OddsRatioDisplay
    >>> X = pd.DataFrame({"stage": ["I"] * 40 + ["II"] * 40})
    >>> y = [0] * 30 + [1] * 10 + [0] * 15 + [1] * 25
    >>> display = OddsRatioDisplay(odds_ratios(X, y)).plot()
    >>> [text.get_text() for text in display.texts_.values()]
    ['5.00 (1.91 to 13.06), p = 0.001']
    """

    table: pd.DataFrame

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure of 7 in width.
        """
        rows = _drawn_rows(self.table)
        names = list(dict.fromkeys(rows["row"]))
        kinds = list(dict.fromkeys(rows["kind"]))
        height = ROW * len(names) * max(1.0, 0.75 * len(kinds)) + 0.9
        ax = self._begin(ax, (PAGE_WIDTH, height))
        ax.set_xscale("log")
        reach = _reach(rows)
        self.reference_line_ = _rows.begin(ax, len(names), reach, 1)
        self.points_: dict[tuple[str, str], Line2D] = {}
        self.intervals_: dict[tuple[str, str], Line2D] = {}
        self.texts_: dict[tuple[str, str], Text] = {}
        for row in map(_Row._make, rows[[*_Row._fields]].itertuples(index=False)):
            place = kinds.index(row.kind)
            y = names.index(row.row) + 0.42 * (place - (len(kinds) - 1) / 2)
            key = (str(row.kind), str(row.row))
            self._draw(key, y, row, *STYLES[place % len(STYLES)])
        ticks = _ticks(*reach)
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.xaxis.set_minor_formatter(lambda value, _: "")
        _rows.end(ax, names, "Odds ratio", pad=9)
        if len(kinds) > 1:
            first = {kind: line for (kind, _), line in reversed(self.points_.items())}
            ax.legend(
                [first[str(kind)] for kind in kinds],
                kinds,
                fontsize=TEXT,
                frameon=False,
                ncols=len(kinds),
                loc="lower left",
                bbox_to_anchor=(0, 1.0),
                borderaxespad=0,
            )
        return self

    def _draw(
        self, key: tuple[str, str], y: float, row: _Row, colour: str, marker: str
    ) -> None:
        ax, limits = self.ax_, (row.lower, row.upper)
        self.intervals_[key] = _rows.interval(ax, y, limits, colour)
        look: Look = {"color": colour, "zorder": 3, "markersize": 4.5}
        x = [row.odds_ratio]
        (self.points_[key],) = ax.plot(x, [y], marker, clip_on=False, **look)
        self.texts_[key] = _rows.beside(ax, y, _row_text(row), colour)

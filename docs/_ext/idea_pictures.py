"""Pictures of the ideas behind the six families, drawn at build."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

BLUE, RED, GREY = "#0072B2", "#D55E00", "#767676"
LABEL = {"size": 8, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.5}}

# Levels 1 to 4; the region is all of it.
EXAMPLE = np.array(
    [
        [1, 1, 2, 2, 3],
        [1, 1, 2, 3, 3],
        [2, 2, 2, 3, 4],
        [1, 3, 3, 3, 4],
        [4, 4, 4, 4, 4],
    ]
)


def _figure(width, height, columns=1, **settings):
    figure = Figure(figsize=(width, height), layout="constrained", dpi=110)
    axes = figure.subplots(1, columns, squeeze=False, **settings)[0]
    return figure, axes


def _bare(ax, title=""):
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.set_title(title, fontsize=10)


def _numbers(ax, values, title, shade="Greys", format="{:.0f}"):
    """Draw a matrix as shaded cells with a number in each."""
    top = values.max()
    ax.imshow(values, cmap=shade, vmin=0, vmax=top * 1.7)
    for (row, column), value in np.ndenumerate(values):
        if value:
            ax.text(column, row, format.format(value), ha="center", va="center")
    for edge in range(values.shape[0] + 1):
        ax.axhline(edge - 0.5, color="white", linewidth=2)
    for edge in range(values.shape[1] + 1):
        ax.axvline(edge - 0.5, color="white", linewidth=2)
    _bare(ax, title)


def _by_level(ax, counts, title):
    """Show counts of level i and of j, both from 1."""
    _numbers(ax, counts, title, shade="Blues")
    rows, columns = counts.shape
    ax.set_xticks(range(columns), range(1, columns + 1))
    ax.set_yticks(range(rows), range(1, rows + 1))
    ax.tick_params(length=0)
    ax.set(xlabel="j", ylabel="i")


def window():
    """Draw grey levels of a region, the window and its steps."""
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(520, 60, 4000), rng.normal(700, 30, 250)])
    mean, sd = values.mean(), values.std()
    low, high = np.trunc(mean - 3 * sd), np.trunc(mean + 3 * sd)
    figure, (ax,) = _figure(6.2, 2.3)
    ax.hist(values, bins=90, color=BLUE, alpha=0.45)
    for edge in np.linspace(low, high, 17):
        ax.axvline(edge, color=GREY, linewidth=0.5)
    for edge, name in ((low, "$\\mu-3\\sigma$"), (high, "$\\mu+3\\sigma$")):
        ax.axvline(edge, color=RED)
        ax.text(edge, ax.get_ylim()[1], name, color=RED, ha="center", va="bottom")
    ax.set(xlabel="Pixel value", ylabel="Pixels", xlim=(low - 90, high + 90))
    ax.set_yticks([])
    ax.spines[["top", "right", "left"]].set_visible(False)
    return figure


def histogram():
    """Draw the grey levels of a region with the five percentiles."""
    rng = np.random.default_rng(1)
    values = np.round(rng.gamma(6, 40, 3000)).astype(int) + 1
    figure, (ax,) = _figure(6.2, 2.3)
    ax.hist(values, bins=70, color=BLUE, alpha=0.45)
    ordered = np.sort(values)
    for percent in (1, 10, 50, 90, 99):
        level = ordered[-(-percent * len(values) // 100) - 1]
        ax.axvline(level, color=RED, linewidth=1)
        ax.text(level, ax.get_ylim()[1], f"{percent} %", color=RED, ha="center")
    ax.set(xlabel="Grey level $v$", ylabel="Pixels")
    ax.set_yticks([])
    ax.spines[["top", "right", "left"]].set_visible(False)
    return figure


def cooccurrence():
    """Draw the pairs of the example to the right, and their matrix."""
    figure, (left, right) = _figure(6.2, 3.1, 2)
    _numbers(left, EXAMPLE, "Levels, and the 20 pairs S(1,0)")
    for row in range(5):
        for column in range(4):
            ends = (column + 0.2, row + 0.27), (column + 0.8, row + 0.27)
            arrow = FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=9)
            arrow.set_color(RED)
            left.add_patch(arrow)
    counts = np.zeros((4, 4))
    for first, second in zip(EXAMPLE[:, :-1].flat, EXAMPLE[:, 1:].flat, strict=True):
        counts[first - 1, second - 1] += 1
        counts[second - 1, first - 1] += 1
    _by_level(right, counts, "How often level i meets level j")
    return figure


def directions():
    """Draw where the partner of a pixel lies, for all 20 displacements."""
    figure, (ax,) = _figure(4.6, 3.7)
    steps = {"S(d,0)": (1, 0), "S(0,d)": (0, 1), "S(d,d)": (1, 1), "S(d,-d)": (1, -1)}
    for x in range(-1, 7):
        for y in range(-6, 7):
            ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, ec="#dddddd"))
    ax.add_patch(Rectangle((-0.5, -0.5), 1, 1, color="black"))
    for name, (dx, dy) in steps.items():
        for d in range(1, 6):
            place = (d * dx - 0.5, d * dy - 0.5)
            ax.add_patch(Rectangle(place, 1, 1, color=BLUE, alpha=1.1 - 0.18 * d))
            colour = "white" if d < 4 else "black"
            ax.text(
                d * dx, d * dy, str(d), color=colour, ha="center", va="center", size=8
            )
        ax.text(5.8 * dx + (dx > 0) * 0.2, 5.8 * dy + (dx == 0) * 0.4, name)
    ax.set(xlim=(-1.6, 8.6), ylim=(-6.6, 7), aspect="equal")
    _bare(ax)
    return figure


def run_length():
    """Draw the horizontal runs of the example, and their matrix."""
    figure, (left, right) = _figure(6.2, 3.1, 2)
    _numbers(left, EXAMPLE, "Levels, and the runs Horzl_")
    counts = np.zeros((4, 5))
    for row, levels in enumerate(EXAMPLE):
        start = 0
        for column in range(1, 6):
            if column == 5 or levels[column] != levels[start]:
                length = column - start
                counts[levels[start] - 1, length - 1] += 1
                box = FancyBboxPatch(
                    (start - 0.25, row - 0.3),
                    length - 0.5,
                    0.6,
                    boxstyle="round,pad=0.08",
                    fill=False,
                    edgecolor=RED,
                    linewidth=1.3,
                    zorder=3,
                )
                left.add_patch(box)
                start = column
    _by_level(right, counts, "Runs of level i and length j")
    return figure


def gradient():
    """Draw the four neighbours of one pixel, and the gradient of the example."""
    figure, (left, right) = _figure(6.2, 3.1, 2)
    _numbers(left, EXAMPLE, "One pixel and its four neighbours")
    left.add_patch(Rectangle((1.5, 2.5), 1, 1, fill=False, ec=RED, lw=3, zorder=3))
    for column, row in ((2, 2), (2, 4), (1, 3), (3, 3)):
        corner = (column - 0.45, row - 0.45)
        box = Rectangle(corner, 0.9, 0.9, fill=False, ec=BLUE, lw=2, zorder=3)
        left.add_patch(box)
    up, down = EXAMPLE[:-2, 1:-1], EXAMPLE[2:, 1:-1]
    before, after = EXAMPLE[1:-1, :-2], EXAMPLE[1:-1, 2:]
    values = np.zeros((5, 5))
    values[1:-1, 1:-1] = np.hypot(up - down, after - before)
    _numbers(right, values, "Gradient of the 9 inner pixels", "Blues", "{:.1f}")
    return figure


def autoregressive():
    """Draw the neighbours that a pixel is predicted from."""
    figure, (ax,) = _figure(3.4, 2.3)
    cells = {
        (0, 1): "$\\theta_1$",
        (0, 0): "$\\theta_2$",
        (1, 0): "$\\theta_3$",
        (2, 0): "$\\theta_4$",
        (1, 1): "$z$",
    }
    for (column, row), text in cells.items():
        colour = RED if text == "$z$" else BLUE
        corner = (column - 0.45, row - 0.45)
        ax.add_patch(Rectangle(corner, 0.9, 0.9, facecolor=colour, alpha=0.3))
        ax.text(column, row, text, ha="center", va="center", size=15)
        if text != "$z$":
            towards = (1 + 0.42 * np.sign(column - 1), 1 - 0.42 * (row == 0))
            ends = {"posA": (column, row), "posB": towards, "shrinkA": 13}
            ax.add_patch(FancyArrowPatch(**ends, arrowstyle="->", color=GREY))
    ax.set(xlim=(-0.6, 2.6), ylim=(1.6, -0.6), aspect="equal")
    _bare(ax)
    return figure


def _haar(values):
    a, b = values[::2, ::2], values[::2, 1::2]
    c, d = values[1::2, ::2], values[1::2, 1::2]
    parts = (a + b + c + d, a + b - c - d, a - b + c - d, a - b - c + d)
    return [part / 4 for part in parts]


def wavelet(picture):
    """Draw a picture and its subbands at two scales."""
    figure, (left, right) = _figure(6.2, 3.3, 2)
    left.imshow(picture, cmap="gray")
    _bare(left, "Picture")
    size = picture.shape[0]
    mosaic = np.full((size, size), np.nan)
    low, edge = picture.astype(float), size
    for scale in (1, 2):
        low, lh, hl, hh = _haar(low)
        half = edge // 2
        for part, row, column in ((lh, half, 0), (hl, 0, half), (hh, half, half)):
            limit = np.percentile(np.abs(part), 99) or 1.0
            shaded = np.clip(0.5 + part / (2 * limit), 0, 1)
            mosaic[row : row + half, column : column + half] = shaded
            name = {(half, 0): "LH", (0, half): "HL", (half, half): "HH"}[row, column]
            right.text(column + 3, row + 10, f"{name} {scale}", **LABEL)
        edge = half
    low = (low - low.min()) / np.ptp(low)
    mosaic[:edge, :edge] = low
    right.text(3, 10, "LL 2", **LABEL)
    right.imshow(mosaic, cmap="gray", vmin=0, vmax=1)
    for position in (size // 2, size // 4):
        end = position * 2
        right.plot([position - 0.5] * 2, [-0.5, end - 0.5], color="white", lw=1)
        right.plot([-0.5, end - 0.5], [position - 0.5] * 2, color="white", lw=1)
    _bare(right, "Subbands of scales 1 and 2")
    return figure


def extremes(patches, values, title):
    """Draw the two of many patches in which a feature is smallest and largest."""
    figure, axes = _figure(3.1, 1.85, 2)
    ends = ("smallest", np.nanargmin(values)), ("largest", np.nanargmax(values))
    for ax, (name, which) in zip(axes, ends, strict=True):
        ax.imshow(patches[which], cmap="gray", vmin=0, vmax=1023)
        _bare(ax, f"{name}: {values[which]:.3g}")
    figure.suptitle(title, fontsize=9, color=GREY)
    return figure

"""Draws the rooms of the package and who imports whom, from the imports themselves.

A room is a folder, or the modules beside the folders: those of the command line, and
those that all rooms share, private folders among them. Each room stands above all that
it imports from.
"""

from collections import Counter
from itertools import permutations, product
from pathlib import Path

import grimp
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

PACKAGE = "sklearn_orn"
PICTURE = Path(__file__).parents[1] / "generated" / "house.svg"
COMMANDS, SHARED = "cli", "shared"
WIDTH, HEIGHT, COLUMN, ROW = 1.5, 0.56, 2.5, 1.45
BLUE, GREY = "#0072B2", "#767676"
THROUGH_A_BOX = 40  # as bad as a detour of that many columns


def rooms(graph):
    """Return module -> room; the package itself is in none.

    A module beside the folders that only the command line imports belongs to it.
    """
    found, beside = {}, set()
    for module in graph.modules - {PACKAGE}:
        folder = ".".join(module.split(".")[:2])
        if module != folder or graph.find_children(module):
            name = folder.rpartition(".")[2]
            found[module] = SHARED if name.startswith("_") else name
        else:
            beside.add(module)
    commands = {m for m in beside if m.split(".")[1].strip("_").startswith(COMMANDS)}
    commands |= {module for module, room in found.items() if room == COMMANDS}
    while True:
        more = {
            module
            for module in beside - commands
            if graph.find_modules_that_directly_import(module)
            and graph.find_modules_that_directly_import(module) <= commands
        }
        if not more:
            break
        commands |= more
    found |= dict.fromkeys(beside - commands, SHARED)
    return found | dict.fromkeys(commands, COMMANDS)


def imports_between_rooms():
    """Return (importing room, imported room) -> number of imports, and rooms' sizes.

    Imports inside functions count: a reader has to know the other room all the same.
    """
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    room = rooms(graph)
    counts = Counter()
    for module in room:
        for imported in graph.find_modules_directly_imported_by(module):
            if imported in room and room[imported] != room[module]:
                counts[room[module], room[imported]] += 1
    return counts, dict(sorted(Counter(room.values()).items()))


def reaches(start, end, ends):
    """Say whether arrows lead from one room to another."""
    found, new = set(), {start}
    while new:
        new = {b for a, b in ends if a in new} - found
        found |= new
    return end in found


def needed(ends):
    """Return the arrows without those that a longer way along the others replaces.

    Examples
    --------
    >>> needed([("a", "b"), ("b", "c"), ("a", "c")])
    [('a', 'b'), ('b', 'c')]
    """
    middles = {b for _, b in ends}
    return [
        (a, b)
        for a, b in ends
        if not any((a, m) in ends and reaches(m, b, ends) for m in middles)
    ]


def storeys(names, ends):
    """Return the rooms from the lowest storey up, each above all that it imports.

    One that is imported stands as high as its importers let it.

    Examples
    --------
    >>> storeys(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("a", "d")])
    [['c'], ['b', 'd'], ['a']]
    """
    circle = sorted(name for name in names if reaches(name, name, ends))
    if circle:
        raise ValueError(
            f"These rooms import each other in a circle: {', '.join(circle)}. Move "
            "what both need into the lower one."
        )

    def height(name):
        return max((height(b) + 1 for a, b in ends if a == name), default=0)

    def ceiling(name):
        above = [ceiling(a) - 1 for a, b in ends if b == name]
        return min(above, default=height(name))

    level = {name: ceiling(name) for name in names}
    rows = range(max(level.values(), default=-1) + 1)
    return [[name for name in names if level[name] == row] for row in rows]


def places(rows, ends):
    """Return room -> (x, y), in the order of each row that keeps arrows short."""

    def put(orders):
        return {
            name: (column - (len(order) - 1) / 2, row)
            for row, order in enumerate(orders)
            for column, name in enumerate(order)
        }

    def cost(orders):
        place = put(orders)
        total = 0.0
        for a, b in ends:
            (xa, ya), (xb, yb) = place[a], place[b]
            total += abs(xa - xb)
            for row in range(yb + 1, ya):
                x = xb + (xa - xb) * (row - yb) / (ya - yb)
                near = min(abs(x - place[name][0]) for name in orders[row])
                total += THROUGH_A_BOX * max(0.0, 0.4 - near)
        return total

    return put(min(product(*map(permutations, rows)), key=cost))


def _box(ax, name, words, place, width=WIDTH):
    x, y = place
    corner = x - width / 2, y - HEIGHT / 2
    box = FancyBboxPatch(corner, width, HEIGHT, boxstyle="round,pad=0.04", zorder=3)
    box.set(facecolor="white", edgecolor=BLUE)
    ax.add_patch(box)
    ax.text(x, y + 0.1, name, ha="center", va="center", zorder=4, weight="bold")
    ax.text(x, y - 0.15, words, ha="center", va="center", zorder=4, size=8)


def _arrow(ax, start, end):
    lean = 0.15 * (end[0] - start[0])
    tail = start[0] + lean, start[1] - HEIGHT / 2 - 0.04
    tip = end[0] - lean, end[1] + HEIGHT / 2 + 0.05
    shape = {"arrowstyle": "-|>", "mutation_scale": 10, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(tail, tip, color=GREY, **shape))


def draw(counts, sizes):
    """Return the figure: an arrow from each room to the next that it imports from.

    Parameters
    ----------
    counts : Counter
        (importing room, imported room) -> number of imports.
    sizes : dict of str to int
        Room -> number of its modules.
    """
    names = [name for name in sizes if name != SHARED]
    ends = [pair for pair in counts if SHARED not in pair]
    place = places(storeys(names, ends), needed(ends))
    place = {name: (x * COLUMN, (y + 1) * ROW) for name, (x, y) in place.items()}
    left, right = (f(x for x, _ in place.values()) for f in (min, max))
    top = max(y for _, y in place.values())
    figure = Figure(figsize=((right - left + 2.4) * 0.85, (top + 1) * 0.85), dpi=110)
    ax = figure.add_axes((0, 0, 1, 1))
    for a, b in needed(ends):
        _arrow(ax, place[a], place[b])
    for name in names:
        _box(ax, name, f"{sizes[name]} modules", place[name])
    if SHARED in sizes:
        words = f"{sizes[SHARED]} modules, which every room may import"
        middle = (left + right) / 2, 0.25
        _box(ax, "beside the rooms", words, middle, right - left + WIDTH)
    ax.set(xlim=(left - 1.2, right + 1.2), ylim=(-0.3, top + 0.6))
    ax.set_axis_off()
    return figure


def _write(app):
    PICTURE.parent.mkdir(exist_ok=True)
    draw(*imports_between_rooms()).savefig(PICTURE, metadata={"Date": None})


def setup(app):
    """Draw before the pages are read."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}

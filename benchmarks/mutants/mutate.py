"""Small errors put into a Python file, one at a time.

An error is a change of one node of the syntax tree: a comparison loses or gains its
border, a sum becomes a difference, a number another one, a statement goes. Texts for
people (docstrings, errors, warnings) and annotations stay as they are.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

OPERATORS = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult},
    **{ast.FloorDiv: ast.Div, ast.Mod: ast.Div, ast.Pow: ast.Mult},
    **{ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd},
    **{ast.LShift: ast.RShift, ast.RShift: ast.LShift},
}
PAIRS = [
    *("min max", "minimum maximum", "argmin argmax", "nanmin nanmax", "floor ceil"),
    *("any all", "zeros ones", "zeros_like ones_like", "sum mean", "expm1 exp"),
    *("ppf cdf", "sf cdf", "fdtri fdtrc"),
]
NAMES = {a: b for pair in PAIRS for a, b in (pair.split(), pair.split()[::-1])}
TEXTS = {"left": "right", "right": "left"}
TINY, HUGE = 1e-3, 1e3  # a number beyond is a tolerance: its size is in question
FACTOR = 1000


class Mutant(NamedTuple):
    """An error.

    Attributes
    ----------
    name : str
        Function and change, the same as long as neither changes.
    function : str
        Where it is, with its class.
    lines : range
        Of the statement.
    place : tuple
        Steps from the root of the tree.
    node : ast.AST
        What stands there instead.
    """

    name: str
    function: str
    lines: range
    place: tuple[tuple[str, int | None], ...]
    node: ast.AST


def mutants(source: str) -> list[Mutant]:
    """Return the errors that a file could hold, in the order of its lines."""
    tree = ast.parse(source)
    found, seen = [], Counter()
    for place, owner, function, statement in _nodes(tree):
        node = _at(tree, place)
        for other in _alternatives(node):
            change = f"{function}: {_change(statement, owner, place[-1], node, other)}"
            seen[change] += 1
            name = change if seen[change] == 1 else f"{change} #{seen[change]}"
            found.append(Mutant(name, function, _lines(statement), place, other))
    return sorted(found, key=lambda mutant: mutant.lines.start)


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Return the tree of a file with one error."""
    tree = ast.parse(source)
    node, owner = _at(tree, mutant.place), _at(tree, mutant.place[:-1])
    for new in ast.walk(mutant.node):
        if not hasattr(new, "lineno"):
            ast.copy_location(new, node)
    _put(owner, mutant.place[-1], mutant.node)
    return ast.fix_missing_locations(tree)


def _nodes(tree: ast.Module) -> Iterator[tuple]:
    """Yield place, owner, function and statement of all nodes that may change."""
    todo = [((), tree, "module", tree)]
    while todo:
        place, node, function, statement = todo.pop()
        children = []
        for step, child in _children(node):
            inner, own = function, statement
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = child.name
                if function != "module":
                    inner = f"{function}.{child.name}"
            if isinstance(child, ast.stmt):
                own = child
            children.append(((*place, step), child, inner, own))
            if place or isinstance(child, ast.stmt):
                yield (*place, step), node, inner, own
        todo.extend(reversed(children))


def _children(node: ast.AST) -> Iterator[tuple[tuple[str, int | None], ast.AST]]:
    if _is_text(node):
        return
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases", "ctx"):
            continue
        if isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield (field, i), item
        elif isinstance(value, ast.AST):
            yield (field, None), value


def _is_text(node: ast.AST) -> bool:
    """Tell what only people read, or what only names things."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.keyword):
        return node.arg == "stacklevel"
    if isinstance(node, ast.Expr):
        value = node.value
        return isinstance(value, ast.Constant) or (
            isinstance(value, ast.Call)
            and ast.unparse(value.func) in ("warnings.warn", "super().__init__")
        )
    return False


def _alternatives(node: ast.AST) -> list[ast.AST]:
    kind = OPERATORS.get(type(node))
    if kind:
        return [kind()]
    if isinstance(node, ast.Constant):
        return [ast.Constant(value) for value in _other_values(node.value)]
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        plain = isinstance(node.operand, ast.Constant)
        return [] if plain else [node.operand]
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        return [ast.Attribute(node.value, NAMES[node.attr], node.ctx)]
    if isinstance(node, ast.Name) and node.id in NAMES:
        return [ast.Name(NAMES[node.id], node.ctx)]
    if isinstance(node, ast.Continue):
        return [ast.Break()]
    if isinstance(node, ast.Break):
        return [ast.Continue()]
    return _without(node)


def _without(node: ast.AST) -> list[ast.AST]:
    """Leave out a call or a change in place; turn a plain condition round."""
    if isinstance(node, ast.Expr) and not _is_text(node):
        return [ast.Pass()]
    if isinstance(node, ast.AugAssign):
        return [ast.Pass()]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return [ast.Pass()]
    if isinstance(node, ast.If | ast.IfExp) and isinstance(
        node.test, ast.Name | ast.Call | ast.Attribute
    ):
        other = type(node)(
            **{**dict(ast.iter_fields(node)), "test": ast.UnaryOp(ast.Not(), node.test)}
        )
        return [ast.copy_location(other, node)]
    return []


def _other_values(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, float):
        if value and not TINY < abs(value) < HUGE:
            return [float(f"{v:.9g}") for v in (value * FACTOR, value / FACTOR)]
        return [value + 1.0]
    return [TEXTS[value]] if isinstance(value, str) and value in TEXTS else []


def _at(tree: ast.AST, place: tuple) -> ast.AST:
    for field, i in place:
        tree = getattr(tree, field) if i is None else getattr(tree, field)[i]
    return tree


def _put(owner: ast.AST, step: tuple, node: ast.AST) -> None:
    field, i = step
    if i is None:
        setattr(owner, field, node)
    else:
        getattr(owner, field)[i] = node


def _lines(statement: ast.stmt) -> range:
    """Return the lines of a statement, without those of the statements inside."""
    last = statement.end_lineno
    body = getattr(statement, "body", None)
    if isinstance(body, list) and not isinstance(statement, ast.ClassDef):
        last = max(statement.lineno, body[0].lineno - 1)
    return range(statement.lineno, last + 1)


def _head(statement: ast.stmt) -> str:
    """Return a statement as text, without the statements inside."""
    text = ast.unparse(statement)
    if isinstance(getattr(statement, "body", None), list):
        text = text.split(":\n", 1)[0]
    return " ".join(text.split())


def _change(statement, owner, step, node, other) -> str:
    """Return what changes, with a few characters on either side."""
    before = _head(statement)
    if isinstance(other, ast.Pass):
        return f"{before[:60]} {{removed}}"
    if isinstance(node, ast.If):
        return f"{before[:60]} {{negated}}"
    _put(owner, step, other)
    after = _head(statement)
    _put(owner, step, node)
    start = 0
    while before[: start + 1] == after[: start + 1] and start < len(after):
        start += 1
    while start and before[start - 1].isalnum():
        start -= 1
    end = 0
    most = min(len(before), len(after)) - start
    while end < most and before[-1 - end] == after[-1 - end]:
        end += 1
    while end and before[-end].isalnum():
        end -= 1
    left, right = before[:start][-24:], before[len(before) - end :][:24]
    middle = f"{before[start : len(before) - end]} -> {after[start : len(after) - end]}"
    return f"{left}{{{middle}}}{right}"

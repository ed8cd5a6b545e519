"""Mutants of text files that people edit: YAML settings and JSON."""

import copy
import json

from tests.images.fuzz import mutate

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
)
YAML = [
    *("&a [*a]", "*a", "!!python/object/apply:os.getcwd []", "!!set {a, b}", "!x y"),
    *("2001-01-01", "!!timestamp 2001-99-99", "!!binary '%%'", "!!int ''", "!!bool no"),
    *("!!float x", "!!omap [a: 1]", "0x", "1e999", ".inf", "-.inf", ".nan", "1:30"),
    *("9" * 5000, "-1", "0", "1_000", "0o17", "=", "~", "null", "true", "No", "''"),
    *('"\\ud800"', '"\\0"', '"\\x85"', "[" * 3000, "{a: " * 3000, "- - - a", "[a"),
    *("[a, a]", "[1, 2]", "[null]", "{1: 2}", "{null: a}", "{[a]: b}", "? [a]\n: b"),
    *("|\n  text", ">-\n  text", "'a\n\n\n b'", "\t", "@x", "`x`", "%", "a: b", "#"),
    *("lesion", "patient", "grade", "f0", "no such column", "x" * 10_000),
    *("{screened: {patients: 1e9}}", "{excluded: [{reason: 5}]}", "{excluded: {}}"),
    *("{screened: {lesions: -1}, excluded: [{reason: a, patients: .nan}]}", "{}", "[]"),
    *("{nomogram__cv: [1]}", "{fcm__k: x}", "{fcm: null}", "{extractor__bits: 0}"),
    *("{nomogram__lambda_rule: 1se}", "{memory: /dev/null}", "{steps: []}"),
    *("{icc__threshold: .nan}", "{nomogram__n_jobs: 99999}", "{imputer: passthrough}"),
]
PLAUSIBLE = {  # of the right type, so that the study has to make something of it
    "outcome": ["part", "place", "size", "patient", "f0"],
    "positive": ["low", "null", "'high '", "1", "''"],
    "patient": ["lesion", "part", "place", "f1", "size"],
    "split": ["null", "place", "grade", "lesion"],
    "clinical": ["[]", "[size]", "[size, place]", "[f0]", "[lesion]", "[patient]"],
    "location": ["size", "f0", "lesion", "null"],
    "size": ["place", "f0", "null", "lesion"],
    "screening": [
        *("{}", "{screened: {}}", "{screened: {patients: 15}}", "{excluded: []}"),
        *("{screened: {lesions: 20}}", "{excluded: [{reason: '', patients: 0}]}"),
        '{screened: {patients: 18}, excluded: [{reason: "\\ud800 $x$", patients: 3}]}',
    ],
    "cv": ["2", "4", "50", "4294967295", "9223372036854775808"],
    "random_state": ["4294967295", "1"],
    "normalization": ["none", "1-99"],
    "icc_threshold": ["0", "1", "0.0", "1e-300"],
    "k": ["1", "6", "99", "9223372036854775808"],
    "n_resamples": ["3"],
    "pooled_decision_curve": ["true"],
    "  nomogram__lambda_rule": ["min", "0.1", "0", "-1", "1e9", ".inf", ".nan", "x"],
    "  nomogram__cv": ["2", "99", "[]", "x", "-1"],
    "  nomogram__threshold": ["0.5", "youden", "2", "x", ".nan"],
    "  nomogram__class_weight": ["balanced", "{high: 2}", "{}", "x", "[1]"],
    "  nomogram__max_iter": ["1", "0", "-1"],
    "  nomogram__n_lambdas": ["1", "2", "0"],
    "  nomogram__tol": ["1", "0", ".nan"],
    "  imputer__strategy": ["mean", "constant", "x"],
    "  fcm__k": ["0", "1", "99"],
    "  fcm__criteria": ["[fisher]", "[]", "x"],
}
LINES = [
    *("<<: {cv: 3}", "<<: *x", "1: 2", "null: x", "true: x", "? {a: b}\n: c", "cv 3"),
    *(
        "cv: 3\ncv: 4",
        "%YAML 9.9",
        "---",
        "...",
        "--- a\n--- b",
        "\ufeff",
        "\x00",
        "\r",
    ),
    *("- a", "{cv: 3}", "!!str cv: 3", "? cv\n: 3", "cv: !!int 3", BOMB, " cv: 3"),
    *("2001-01-01: x", "outcome: grade # \u2028 x", "cv: 3 # \x85", "\x1b[31m: x"),
]
JSON = [
    *(None, True, False, 0, -1, 1, 2**63, 10**25, 1e308, -0.0, 0.5, float("nan")),
    *(float("inf"), "", "x", "\ud800", "\0", "<script>alert(1)</script>", "$x^2$"),
    *("a" * 5000, "../../x", [], {}, [[]], [None], {"": None}, {"a": {"b": [1]}}),
    *([0] * 500, "absent", {"absent": "no"}, {"absent": 5}, "nan", "\u202e", ["x", 1]),
]


def yaml_mutant(text, rng):
    """Change a file of settings as people, editors and ill will do; return bytes."""
    kind = rng.integers(0, 4)
    lines = text.split("\n")
    if kind == 0:
        return mutate(text.encode(), rng)
    if kind == 1:
        return "\n".join(_plausible(lines, rng)).encode()
    for _ in range(rng.integers(1, 3)):
        at = int(rng.integers(0, len(lines)))
        if kind == 2:
            lines.insert(at, LINES[rng.integers(0, len(LINES))])
        else:
            key = lines[at].partition(":")[0]
            lines[at] = f"{key}: {YAML[rng.integers(0, len(YAML))]}"
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _plausible(lines, rng):
    """Give one or two settings another value of the right type."""
    keys = list(PLAUSIBLE)
    for _ in range(rng.integers(1, 3)):
        key = keys[rng.integers(0, len(keys))]
        values = PLAUSIBLE[key]
        lines = [line for line in lines if line and not line.startswith(f"{key}:")]
        line = f"{key}: {values[rng.integers(0, len(values))]}"
        # The steps' parameters stand at the end.
        lines = [*lines, line] if key.startswith(" ") else [line, *lines]
    return lines


def json_mutant(data, rng):
    """Change a JSON file at some place; return bytes."""
    kind = rng.integers(0, 6)
    if kind == 0:
        return mutate(json.dumps(data, indent=1).encode(), rng)
    data = copy.deepcopy(data)
    for _ in range(rng.integers(1, 4)):
        parent, key = _place(data, rng)
        if parent is None:
            break
        if kind == 1:
            del parent[key]
        elif kind == 2 and isinstance(parent, dict):
            parent[f"{key}s"] = parent.pop(key)
        elif kind == 3 and isinstance(parent[key], int | float):
            parent[key] = parent[key] * -1e6 + 0.5
        elif kind == 4 and isinstance(parent[key], list | str):
            parent[key] = parent[key] * int(rng.integers(0, 4))
        else:
            parent[key] = copy.deepcopy(JSON[rng.integers(0, len(JSON))])
    if kind == 5 and rng.random() < 0.1:
        return b"[" * 100_000
    return json.dumps(data, ensure_ascii=bool(rng.integers(0, 2))).encode(
        "utf-8", "surrogatepass"
    )


def _place(data, rng):
    """Walk down from the top, and stop somewhere."""
    parent, key = None, None
    while isinstance(data, dict | list) and data:
        keys = list(data) if isinstance(data, dict) else range(len(data))
        parent, key = data, keys[int(rng.integers(0, len(keys)))]
        data = data[key]
        if rng.random() < 0.25:
            break
    return parent, key

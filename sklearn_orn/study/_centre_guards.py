"""Warnings of a study of several centres: whether centre and class mix."""

from collections.abc import Iterator

from sklearn_orn._validation import name_list
from sklearn_orn.study.results import Absent, Guard, Recognised, Results

CHANCE = 0.05  # the usual level; it needs 19 shuffles or more


def confounded(results: Results) -> Iterator[Guard]:
    """Tell where centre or protocol tell the class, or the features the centre."""
    if isinstance(results.centres, Absent):
        return
    found = results.centres.confounding
    for code, what, told in (
        ("ORN030", "centre", found.class_from_centre),
        ("ORN031", "protocol", found.class_from_protocol),
    ):
        if not isinstance(told, Absent) and told.p_value <= CHANCE:
            yield Guard(
                code,
                f"The {what} tells the class.",
                f"A model that knows the {what} alone has an AUC of {told.auc:.2f} in "
                f"cross-validation by patient ({_chance(told)}). Whatever tells the "
                f"{what} then tells the class, and the score may have learnt nothing "
                "else. Harmonising cannot part the two.",
            )
    told = found.centre_from_features
    if not isinstance(told, Absent) and told.p_value <= CHANCE:
        of = name_list(f"{name} {auc:.2f}" for name, auc in told.of.items())
        after = (
            "ComBat takes away shift and scale of each feature"
            if results.config.harmonise == "combat"
            else "They were not harmonised (harmonise: combat)"
        )
        yield Guard(
            "ORN032",
            "The features tell the centre.",
            f"One centre is told from the others with a mean AUC of {told.auc:.2f} "
            f"({of}; {_chance(told)}): scanners, protocols or patients differ. "
            f"{after}.",
        )


def _chance(told: Recognised) -> str:
    return f"p = {told.p_value:.3f}, {told.n_permutations} permutations"

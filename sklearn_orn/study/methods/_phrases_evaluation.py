"""Sentences on how a study judged its model: measures, tests and resampling.

Each is empty where the results do not have the section, so nothing is told that was
not done.
"""

from collections.abc import Mapping
from typing import Any

from sklearn_orn.study._numbers import decimal
from sklearn_orn.study.methods._facts import Facts, count, join_words, sentences
from sklearn_orn.study.methods._phrases_model import clinical_missing_sentence
from sklearn_orn.study.methods._references import cite, plain

PROGRAMS = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy"}


def interval_sentence(facts: Facts) -> str:
    """Say how the confidence intervals were made."""
    if not facts.parts:
        return ""
    scale = (
        "on the logit scale with Student's t distribution and half a pair of lesions "
        f"in either order added{cite('perme')}"
    )
    if not facts.clustered:
        return (
            "Discrimination was measured by the area under the ROC curve (AUC), with a "
            f"95 % confidence interval from DeLong's variance{cite('delong')} {scale}; "
            "the intervals of sensitivity, specificity, accuracy and predictive values "
            f"are Wilson's{cite('wilson')}."
        )
    return (
        "Discrimination was measured by the area under the ROC curve (AUC). Since "
        "some patients have several lesions, all 95 % confidence intervals count "
        "patients: that of the AUC takes Obuchowski's extension of DeLong's variance"
        f"{cite('delong', 'obuchowski')} {scale}, those of sensitivity, specificity, "
        f"accuracy and predictive values are Wilson's{cite('wilson')} with the "
        f"effective number of lesions{cite('rao')}."
    )


def calibration_sentence(facts: Facts) -> str:
    """Say how calibration was judged."""
    found = [p.get("hosmer_lemeshow") for p in facts.parts]
    tests = [
        test
        for test in found
        if isinstance(test, Mapping) and test.get("statistic") is not None
    ]
    words = []
    if any(isinstance(p.get("calibration"), Mapping) for p in facts.parts):
        words.append(
            "by calibration in the large (the intercept at a slope of 1) and the slope "
            f"of logistic recalibration{cite('cox')}, observed over expected and the "
            "Brier score, with intervals by patient, and a lowess curve"
            f"{cite('cleveland')}"
        )
    if tests:
        groups = max(len(test.get("groups") or ()) for test in tests)
        of = f" over {groups} groups of risk" if groups else ""
        words.append(f"by the Hosmer-Lemeshow test{cite('hosmer')}{of}")
    return f"Calibration was judged {join_words(words)}." if words else ""


def decision_sentence(facts: Facts) -> str:
    """Say how clinical use was judged."""
    curve = facts.second.get("decision_curve") or facts.training.get("decision_curve")
    cuts = curve.get("threshold") if isinstance(curve, Mapping) else None
    cuts = [cut for cut in cuts or () if cut is not None]
    if not cuts:
        return ""
    where = "in validation " if facts.held_out else ""
    prevalence = facts.at("config", "prevalence")
    limits = facts.at("config", "threshold_range")
    if limits is not None:
        cuts = limits
    at = ""
    if prevalence is not None:
        at = f", for a prevalence of {100 * prevalence:g} %"
    return (
        f"Clinical usefulness was judged {where}by decision curve analysis"
        f"{cite('vickers')} at threshold probabilities from {cuts[0]:g} to "
        f"{cuts[-1]:g}, against treating all and treating none{at}; 95 % limits at "
        "each threshold count patients."
    )


def class_test_sentence(facts: Facts) -> str:
    """Say how the score of the classes was compared."""
    rows = facts.rows("score_by_class")
    names = [str(row["test"]) for row in rows if row.get("test")]
    if not names:
        return ""
    paper = cite("mann") if "mann" in names[0].lower() else ""
    return f"The score of the two classes was compared by {plain(names[0])}{paper}."


def baseline_tests(facts: Facts) -> list[str]:
    """Return the names of the tests of the baseline table, in order."""
    baseline = facts.section("baseline")
    by_class, by_part = baseline.get("by_class"), baseline.get("by_part")
    tables = list(by_class.values()) if isinstance(by_class, Mapping) else []
    found: list[str] = []
    for table in [*tables, by_part]:
        for row in table if isinstance(table, list | tuple) else ():
            if isinstance(row, Mapping) and row.get("test"):
                found.append(plain(str(row["test"])))
    return list(dict.fromkeys(found))


def baseline_sentence(facts: Facts) -> str:
    """Say how the patients' characteristics were compared."""
    tests = baseline_tests(facts)
    if not tests:
        return ""
    parts = facts.at("baseline", "by_part") is not None
    between = "between the classes" + (" and between the parts" if parts else "")
    return (
        f"Characteristics of the patients were compared {between}, by the test named "
        f"with each ({join_words(tests, 'or')})."
    )


def _resamples(section: Mapping[str, Any]) -> str:
    """Return the number of bootstrap resamples, with those that failed."""
    failures = section.get("failures")
    counts = failures.values() if isinstance(failures, Mapping) else ()
    failed = sum(n for n in counts if isinstance(n, int))
    text = f"{count(section.get('n_resamples'), 'bootstrap resample')} of patients"
    return f"{text} ({failed} more could not be fitted)" if failed else text


def optimism_sentence(facts: Facts) -> str:
    """Say how performance was corrected for optimism."""
    section = facts.section("optimism")
    if section.get("n_resamples") is None:
        return ""
    return (
        "The whole procedure, selection included, was repeated on "
        f"{_resamples(section)} and judged on the patients not drawn, combined with "
        f"its apparent performance by the .632+ rule{cite('efron', 'iba')}; Harrell's "
        f"correction for optimism{cite('harrell')} is given beside it."
    )


def instability_sentence(facts: Facts) -> str:
    """Say how the instability of the predictions was measured."""
    if facts.at("optimism", "instability", "mape") is None:
        return ""
    return (
        "Instability was measured on the same resamples by the mean absolute "
        "difference between the predictions of the resampled models and those of the "
        "model, and by the share of them that classify a lesion otherwise"
        f"{cite('instability')}."
    )


def stability_sentence(facts: Facts) -> str:
    """Say how the stability of the selection was measured."""
    section = facts.section("stability")
    if section.get("n_resamples") is None:
        return ""
    return (
        f"Stability of the selection over {_resamples(section)} was measured by "
        f"Nogueira's index{cite('nogueira')}."
    )


def nested_sentence(facts: Facts) -> str:
    """Say that the procedure was cross-validated as a whole."""
    nested = facts.section("nested")
    if nested.get("auc") is None:
        return ""
    folds, repeats = nested.get("n_folds"), nested.get("n_repeats") or 1
    drawn = f", drawn {repeats} times" if repeats > 1 else ""
    return (
        "The whole procedure was also judged by nested cross-validation by patient"
        f"{f' with {folds} outer folds{drawn}' if folds else ''}{cite('varma')}; its "
        "AUC is the mean over the folds, with an interval that allows for training "
        f"sets that overlap{cite('nadeau')}."
    )


def permuted_sentence(facts: Facts) -> str:
    """Say that the outcome was shuffled."""
    n = facts.section("permuted").get("n_permutations")
    if n is None:
        return ""
    return (
        "As a check against leakage the procedure was cross-validated with the outcome "
        f"shuffled among patients, {count(n, 'time')}{cite('ojala')}."
    )


def swap_sentence(facts: Facts) -> str:
    """Say that the model was judged on the outlines of each reader."""
    names = [plain(str(r.get("reader"))) for r in facts.rows("reader_swap", "rows")]
    if not names:
        return ""
    return f"The model was judged on each set of outlines alone: {join_words(names)}."


def bits_words(bits: Any) -> str:
    """Return bits per pixel in words: one number, or one for each family.

    Examples
    --------
    >>> bits_words(6), bits_words(None), bits_words({"cooccurrence": 5, "gradient": 4})
    ('6', "MaZda's", 'cooccurrence 5, gradient 4')
    """
    if isinstance(bits, Mapping):
        return ", ".join(f"{family} {n}" for family, n in bits.items())
    return "MaZda's" if bits is None else str(bits)


def grid_sentence(facts: Facts) -> str:
    """Say which grey-level settings were tried."""
    rows = facts.rows("sensitivity", "rows")
    if not rows:
        return ""
    normalizations = dict.fromkeys(str(row.get("normalization")) for row in rows)
    bits = dict.fromkeys(bits_words(row.get("bits")) for row in rows)
    return (
        "The procedure was repeated with "
        f"{count(len(rows), 'combination')} of normalisation "
        f"({join_words(list(normalizations))}) and bits per pixel of co-occurrence and "
        f"run-length matrices ({join_words(list(bits))}). "
        + choice_words(facts.held_out)
    )


def choice_words(held_out: bool) -> str:
    """Say what it would mean to choose the best of the settings that were tried.

    Examples
    --------
    >>> choice_words(False)[:38]
    'All were judged on the same folds: to '
    """
    if held_out:
        return (
            "All were judged on the validation part: to choose the best of them by it "
            "ends its role as validation, and the model then needs new patients."
        )
    return (
        "All were judged on the same folds: to choose the best of them flatters it, "
        "and the model then needs new patients."
    )


def models_sentence(facts: Facts) -> str:
    """Say which models were compared, and how."""
    rows, compared = facts.rows("models", "rows"), facts.rows("models", "comparisons")
    if len(rows) < 2:
        return ""
    words = []
    for row in rows:
        predictors = [plain(str(name)) for name in row.get("predictors") or ()]
        of = f" ({join_words(predictors)})" if row.get("name") != "radiomics" else ""
        words.append(f"{plain(str(row.get('name')))}{of if predictors else ''}")
    test = ""
    if compared:
        name, paper = "DeLong's test for paired AUCs", cite("delong")
        if facts.clustered:
            name += ", in Obuchowski's extension to patients with several lesions"
            paper = cite("delong", "obuchowski")
        test = f"; AUCs were compared by {name}{paper}"
    firth = ""
    if facts.at("models", "penalty") == "firth":
        firth = " Those of clinical columns and size were fitted with Firth's penalty."
    return f"These models were fitted: {join_words(words)}{test}.{firth}"


def size_rows(facts: Facts) -> list[Mapping[str, Any]]:
    """Return what Riley's criteria ask for, the most demanding number first."""
    found = facts.at("sample_size", "riley")
    rows = [found] if isinstance(found, Mapping) else facts.rows("sample_size", "riley")
    known = [row for row in rows if isinstance(row.get("n"), int)]
    return sorted(known, key=lambda row: -row["n"])


def _size_words(row: Mapping[str, Any]) -> str:
    if row.get("n_candidates") is None:
        return count(row["n"], "patient")
    of = str(row.get("candidates_of"))
    kind = {"measured": " measured", "reproducible": " found reproducible"}.get(of, "")
    if "LASSO" in of:
        kind = " that reach the LASSO"
    features = count(row["n_candidates"], "feature")
    return f"{count(row['n'], 'patient')} for the {features}{kind}"


def size_sentence(facts: Facts) -> str:
    """Say what Riley's criteria ask for."""
    rows = size_rows(facts)
    if not rows:
        return ""
    r2 = facts.at("sample_size", "r2_nagelkerke")
    given = f" (Nagelkerke's R² {r2:g} expected)" if r2 is not None else ""
    return (
        f"The minimum sample size by the criteria of Riley and others{cite('riley')}"
        f"{given} is {join_words([_size_words(row) for row in rows])}."
    )


def software_sentence(facts: Facts) -> str:
    """Say which programs made the numbers, and the seed."""
    versions, seed = facts.section("versions"), facts.at("config", "random_state")
    if not versions:
        return ""
    words = [
        f"{PROGRAMS.get(name, plain(str(name)))} {plain(str(version))}"
        + (cite("pedregosa") if name == "scikit-learn" else "")
        for name, version in versions.items()
    ]
    drawn = "" if seed is None else f" All that is random was drawn with seed {seed}."
    return f"The analysis was done with {join_words(words)}.{drawn}"


def no_information_rate(part: Mapping[str, Any]) -> float | None:
    """Return the share of the commoner class of a part."""
    n, positive = part.get("n_lesions"), part.get("n_positive")
    return max(positive, n - positive) / n if n and positive is not None else None


def rate_words(part: Mapping[str, Any]) -> str:
    """Return the no-information rate of a part in words."""
    rate = no_information_rate(part)
    return "" if rate is None else f"no-information rate {decimal(100 * rate, 1)} %"


def evaluation_paragraph(facts: Facts) -> str:
    """Return the paragraph on how the model was judged."""
    return sentences(
        baseline_sentence(facts),
        interval_sentence(facts),
        calibration_sentence(facts),
        decision_sentence(facts),
        class_test_sentence(facts),
        optimism_sentence(facts),
        instability_sentence(facts),
        stability_sentence(facts),
        nested_sentence(facts),
        permuted_sentence(facts),
        swap_sentence(facts),
        grid_sentence(facts),
        models_sentence(facts),
        clinical_missing_sentence(facts),
        size_sentence(facts),
    )


def reporting_paragraph(facts: Facts) -> str:
    """Return the paragraph on software and checklists."""
    return sentences(
        software_sentence(facts),
        f"The checklists CLEAR{cite('clear')} and TRIPOD+AI{cite('tripod')} and the "
        f"quality score METRICS{cite('metrics')} are filled in from this run.",
    )

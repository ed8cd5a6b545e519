"""Results as a study of two readers with a validation part leaves them."""

from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from sklearn_orn.study import results as r
from sklearn_orn.study.results import Absent

FIRST = ("Mean", "S(1,0)Contrast", "S(2,2)SumVarnc", "Horzl_RLNonUni", "GrMean")
CHOSEN = (*FIRST, "WavEnHH_s-1", "Teta1", *(f"S(3,{i})Entropy" for i in (0, 3, -3)))
SELECTED = ("WavEnHH_s-1", "S(1,0)Contrast", "Teta1")
CLASSES = ("metastasis", "ORN")
SECTIONS = (
    "flow",
    "baseline",
    "locations",
    "images",
    "agreement",
    "stability",
    "optimism",
    "nested",
    "permuted",
    "reader_swap",
    "sensitivity",
    "models",
    "combined",
    "models_instability",
    "outlines",
    "agreement_groups",
    "third_reader",
    "subgroups",
    "sample_size",
)
PROPORTIONS = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
LIMITS = (
    *((0.445, 0.798), (0.424, 0.812), (0.495, 0.761), (0.416, 0.849)),
    (0.409, 0.788),
)


def _limits(name, estimate, lower, upper):
    return {name: estimate, f"{name}_lower": lower, f"{name}_upper": upper}


CALIBRATION = r.Calibration(
    dxy=0.37,
    c=0.68,
    brier_scaled=0.1,
    emax=0.14,
    e90=0.12,
    eavg=0.07,
    r2=0.36,
    discrimination=0.3,
    discrimination_chi2=29.9,
    unreliability=0.03,
    unreliability_chi2=4.8,
    unreliability_p=0.09,
    quality=0.28,
    spiegelhalter_z=-1.9,
    spiegelhalter_p=0.06,
    **_limits("calibration_in_the_large", 0.17, -0.3, 0.6),
    **_limits("intercept", 0.2, -0.2, 0.6),
    **_limits("slope", 0.89, 0.5, 1.3),
    **_limits("observed_expected", 1.1, 0.8, 1.5),
    **_limits("brier", 0.22, 0.17, 0.27),
)


def _curve(first, *bands):
    """Return a column of the decision curve with its limits."""
    names = (first, f"{first}_lower", f"{first}_upper")
    return dict(zip(names, bands, strict=True))


DECISION = r.DecisionCurve(
    threshold=(0.0, 0.01, 0.98, 0.99),
    treat_all=(0.53, 0.51, -20.0, -40.0),
    treat_none=(0.0,) * 4,
    above=(47, 46, 0, 0),
    below=(0, 1, 47, 47),
    **_curve("model", (0.53, 0.52, 0.0, 0.0), (0.4, 0.4, 0.0, 0.0), (0.6,) * 4),
    **_curve("standardized", (1.0, 0.98, 0.0, 0.0), (0.9,) * 4, (1.0,) * 4),
    **_curve("interventions_avoided", (0.0, 0.0, 0.5, 0.5), (0.0,) * 4, (0.6,) * 4),
    **_curve("over_all", (0.0, 0.01, 20.0, 40.0), (0.0, -0.01, 15, 30), (1.0,) * 4),
)


def _part(name, lesions, patients, positive, auc, counts):
    proportions = {
        key: r.Proportion(
            estimate=count / total,
            lower=lower,
            upper=upper,
            count=count,
            total=total,
            n_patients=patients,
        )
        for key, (count, total), (lower, upper) in zip(
            PROPORTIONS, counts, LIMITS, strict=True
        )
    }
    group = r.RiskGroup(lower=0.1, upper=0.2, n_lesions=5, observed=1, expected=0.8)
    return r.Part(
        part=name,
        apparent=name == "training",
        n_lesions=lesions,
        n_patients=patients,
        n_positive=positive,
        prevalence=None,
        auc=r.Auc(*auc),
        performance=r.Performance(**proportions),
        hosmer_lemeshow=r.HosmerLemeshow(13.8, 10, 0.18, True, (group,) * 10),
        calibration=CALIBRATION,
        calibration_curve=r.CalibrationCurve((0.2, 0.8), (0.3, 0.7)),
        decision_curve=DECISION,
        folds=None,
    )


TRAINING = _part(
    "training",
    95,
    46,
    51,
    (0.828, 0.735, 0.921, 0.047),
    ((43, 51), (31, 44), (74, 95), (43, 56), (31, 39)),
)
VALIDATION = _part(
    "validation",
    47,
    25,
    25,
    (0.684, 0.540, 0.827, 0.073),
    ((16, 25), (14, 22), (30, 47), (16, 24), (14, 23)),
)

CONFIG = r.Settings(
    outcome="outcome",
    positive="ORN",
    patient="patient",
    split="split",
    date=None,
    cut=None,
    bits={"cooccurrence": 6, "run_length": 6, "gradient": 4, "wavelet": 8},
    readers=None,
    sequences=None,
    regions=("lesion",),
    perturbed_outlines=0,
    features=None,
    clinical=("age", "dose_gy"),
    clinical_kinds={"dose_gy": {"kind": "continuous", "knots": 3}},
    clinical_selection="univariable p < 0.25",
    nomogram="radiomics",
    scores="fused",
    missing="impute",
    clinical_penalty="firth",
    location="vertebra",
    size=None,
    centre=None,
    harmonise="none",
    screening=None,
    cv=10,
    random_state=7,
    normalization="3sigma",
    icc_threshold=0.75,
    k=10,
    pipeline={},
    n_resamples=200,
    n_permutations=100,
    sensitivity=True,
    pooled_decision_curve=False,
    threshold_range=None,
    prevalence=None,
    ignore=(),
)


def _flow_part(name, *counts):
    classes = (r.FlowClass(*row) for row in zip(CLASSES, *counts, strict=True))
    return r.FlowPart(name, *map(sum, counts), 0, tuple(classes), ())


FLOW = r.Flow(
    stages=(
        r.FlowStage(
            "Screened",
            lesions=None,
            patients=90,
            excluded=(
                r.Exclusion("no MRI before treatment", None, 12),
                r.Exclusion("motion artefacts", None, 7),
            ),
        ),
        r.FlowStage("Analysed", lesions=142, patients=71, excluded=()),
    ),
    parts=(
        _flow_part("training", (44, 51), (21, 25)),
        _flow_part("validation", (22, 25), (11, 14)),
    ),
)


def _baseline_row(variable, test, p_value, labels=CLASSES):
    summary = r.Summary(30, 60.0, 9.0, 61.0, 54.0, 66.0, 38.0, 80.0)
    return r.BaselineRow(
        variable=variable,
        level=None,
        kind="median",
        unit="patient",
        cells=dict.fromkeys(labels, "61 [54 to 66]"),
        values=dict.fromkeys(labels, summary),
        test=test,
        statistic=1.2,
        p_value=p_value,
        smd=0.2,
        missing=dict.fromkeys(labels, 0),
        note=None,
    )


ROWS = (
    _baseline_row("age", "Welch's t", 0.23),
    _baseline_row("dose_gy", "Mann-Whitney U", 0.004),
    _baseline_row("sex", "chi-square", 0.61),
)
SITE = (_baseline_row("vertebra", "chi-square", 0.3),)

PROTOCOL = {
    "modality": {"MR": 142},
    "field_strength_T": {"1.5": 142},
    "TR_ms": {"550": 100, "600": 42},
    "TE_ms": {"10": 140, "missing": 2},
    "slice_thickness_mm": {"4": 90, "5": 40, "3": 9, "6": 3},
    "spacing_rows_mm": {"0.625": 142},
    "contrast_agent": {"Gadolinium chelate": 142},
}

IMAGES = r.Images(
    slice="the only slice, or the largest ROI area in mm² of the first reader",
    protocol=tuple(
        r.ProtocolValue(item, value, n)
        for item, values in PROTOCOL.items()
        for value, n in values.items()
    ),
    overlap=r.Overlap(
        n_lesions=142,
        dice_median=0.911,
        dice_min=0.740,
        dice_max=0.960,
        pairs=(
            r.ReaderPair("L1", "", "reader_a", "reader_b", 0.911, 0.5, 1.1, 1.9, 1.4),
        ),
    ),
    size=r.LesionSize("area, mm²", (197.3,)),
)

OUTLINES = r.OutlinePair(
    "",
    "reader_a",
    "reader_b",
    n_lesions=142,
    dice=r.Spread(142, 0.911, 0.88, 0.93, 0.74, 0.96),
    hausdorff_mm=r.Spread(142, 1.9, 1.4, 2.3, 0.6, 3.6),
    hausdorff_95_mm=r.Spread(142, 1.4, 1.2, 1.9, 0.6, 3.3),
    mean_surface_distance_mm=r.Spread(142, 0.66, 0.53, 0.82, 0.31, 1.56),
    area_ratio=r.Spread(142, 0.94, 0.88, 1.03, 0.59, 1.32),
)

MODEL = r.Model(
    intercept=-12.297,
    threshold=0.4729,
    coefficients=tuple(
        r.Term(
            feature=name,
            coefficient=0.3,
            per_sd=0.37,
            mean=3.7,
            sd=1.2,
            minimum=1.7,
            maximum=6.8,
            values=None,
        )
        for name in SELECTED
    ),
    lasso=r.Lasso(
        lambda_chosen=0.03847,
        lambda_min=0.03847,
        lambda_1se=0.18708,
        lambdas=(0.18708, 0.03847, 0.001),
        deviance_mean=(1.38, 1.2, 1.3),
        deviance_se=(0.01, 0.02, 0.02),
        n_nonzero=(0, 3, 9),
        features=CHOSEN,
        sd=(1.2,) * len(CHOSEN),
        coefficient_path=((0.0,) * len(CHOSEN),) * 3,
        intercept_path=(0.1, -12.297, -13.0),
    ),
    score_refit=r.Refit(-0.05, 1.76),
    worked=r.WorkedLesion(
        lesion="L1",
        part="validation",
        values=dict.fromkeys(SELECTED, 3.0),
        score=-0.08,
        probability=0.48,
    ),
)

LESION_INSTABILITY = r.LesionInstability(
    lesion=("L1", "L2"),
    probability=(0.31, 0.62),
    lower=(0.12, 0.33),
    upper=(0.58, 0.81),
    mape=(0.11, 0.132),
    changed=(0.2, 0.228),
)

BENEFITS = r.Benefits(
    threshold=0.4729,
    models=tuple(
        r.ModelBenefit(name, 0.2, 0.05, 0.35)
        for name in ("clinical", "radiomics", "clinical + radiomics")
    ),
    comparisons=tuple(
        r.BenefitComparison(
            first,
            second,
            0.02,
            -0.01,
            0.05,
            r.BenefitCurve((0.2, 0.5), (0.0, 0.03), (None, 0.01), (None, 0.05)),
        )
        for first, second in (
            ("clinical + radiomics", "clinical"),
            ("clinical + radiomics", "radiomics"),
            ("radiomics", "clinical"),
        )
    ),
)

OPTIMISM = r.Optimism(
    n_resamples=198,
    n_out_of_bag=197,
    unit="patients",
    failures={"one class only": 2},
    measures=(
        r.Measure(
            name="AUC",
            key="auc",
            apparent=0.828,
            training=0.82,
            test=0.727,
            optimism=0.093,
            corrected=0.735,
            out_of_bag=0.651,
            plus_632=0.679,
            n=198,
        ),
    ),
    calibration_curve=r.CorrectedCurve((0.2,), (0.1,), (0.2,), (0.3,)),
    instability=r.Instability(
        mape=0.121,
        changed=0.214,
        threshold=0.4729,
        lesions=LESION_INSTABILITY,
        calibration=r.CalibrationRefits(
            (0.2, 0.8), (0.1, 0.9), ((0.15, 0.85), (None, 0.7))
        ),
        net_benefit=r.BenefitRefits(
            (0.0, 0.5), (0.53, 0.2), (0.53, 0.06), ((0.53, 0.15), (0.53, 0.1))
        ),
    ),
)

NO_SPLINE = (None, None, None)
ODDS_RATIOS = (
    r.OddsRatio("age", None, 95, 0.03, 1.03, 0.98, 1.08, 0.21, *NO_SPLINE),
    r.OddsRatio("dose_gy", None, 95, 0.1, 1.11, 1.01, 1.21, 0.03, *NO_SPLINE),
    r.OddsRatio("radiomics score", None, 95, 0.6, 1.82, 0.9, 3.7, 0.09, *NO_SPLINE),
)
COMBINED = r.Combined(
    n_lesions=95,
    n_patients=46,
    n_positive=51,
    n_folds=10,
    penalty="firth",
    predictors=tuple(
        r.CombinedPredictor(name, kind, *limits, None, (), (), ())
        for name, kind, limits in (
            ("age", "continuous", (38.0, 80.0)),
            ("dose_gy", "continuous", (66.0, 76.0)),
            ("radiomics score", "score", (-1.2, 1.4)),
        )
    ),
    not_selected=(),
    univariable=ODDS_RATIOS,
    multivariable=ODDS_RATIOS,
    intercept=-8.6,
    threshold=0.52,
    separated=(),
    scores=(),
    worked=r.WorkedPatient(
        lesion="L1",
        part="validation",
        values={"age": 60.0, "dose_gy": 70.0, "radiomics score": -0.08},
        probability=0.54,
    ),
)

EXAMPLE = r.Results(
    synthetic=True,
    source="images",
    config=CONFIG,
    labels=CLASSES,
    classes=CLASSES,
    readers=("reader_a", "reader_b"),
    cohort=r.CohortCounts(
        n_lesions=142,
        n_patients=71,
        counts=tuple(
            r.ClassCount(part, label, label == "ORN", n, patients, n / m)
            for part, label, n, m, patients in (
                ("training", "ORN", 51, 95, 25),
                ("training", "metastasis", 44, 95, 21),
                ("validation", "ORN", 25, 47, 14),
                ("validation", "metastasis", 22, 47, 11),
            )
        ),
    ),
    left_out=(r.LesionLeftOut("L9", "P9", "the mask is empty"),),
    versions={
        "sklearn_orn": "0.1.0",
        "python": "3.11.7",
        "scikit-learn": "1.9.1",
        "numpy": "2.4.6",
    },
    flow=FLOW,
    baseline=r.BaselineTable(
        by_class={"training": ROWS, "validation": ROWS[:2]},
        by_part=ROWS,
        notes=("One value for each patient.",),
    ),
    locations=r.BaselineTable(
        by_class={"training": SITE, "validation": SITE}, by_part=SITE, notes=()
    ),
    images=IMAGES,
    agreement=r.Agreement(
        form="ICC(2,1)",
        median_icc=0.934,
        n_kept=215,
        n_features=279,
        n_lesions=95,
        interval_unit="patient",
        judged_by="readers",
    ),
    features=tuple(
        r.FeatureStep(step, name, n, "...")
        for step, name, n in (
            ("extractor", "Measured", 279),
            ("icc", "Reproducible", 215),
            ("fcm", "Chosen", 30),
            ("nomogram", "In the score", 3),
        )
    ),
    selection=r.Selection(
        icc=tuple(
            r.FeatureAgreement(name, 0.95, 0.9, 0.98, kept=True, reason="kept")
            for name in CHOSEN
        ),
        chosen=tuple(r.ChosenFeature(name, ("fisher",)) for name in CHOSEN),
    ),
    imputed=r.Imputed(n_filled=12, n_cells=30530, features=()),
    model=MODEL,
    parts=(TRAINING, VALIDATION),
    scores=r.Scores(
        lesion=("L1",),
        patient=("P1",),
        part=("validation",),
        y=(1,),
        score=(-0.08,),
        probability=(0.48,),
        predicted=(1,),
    ),
    score_by_class=(
        r.ScoreTest(
            part="validation",
            scale="score",
            test="Mann-Whitney U by patient",
            statistic=400.0,
            p_value=0.012,
            classes=(r.ClassScore("positive", 25, 0.3, -0.1, 0.6),),
        ),
    ),
    stability=r.Stability(
        n_resamples=200,
        failures={},
        steps=tuple(
            r.StepStability(step, value, value - 0.1, value + 0.1, 30.0)
            for step, value in (("icc", 0.81), ("fcm", 0.44), ("lasso", 0.31))
        ),
        features=tuple(
            r.FeatureStability(name, 0.5, {"icc": 1.0, "fcm": 0.7, "lasso": 0.5})
            for name in SELECTED
        ),
    ),
    optimism=OPTIMISM,
    nested=r.Nested(
        auc=0.702,
        lower=0.604,
        upper=0.801,
        sd=0.09,
        n_folds=5,
        n_repeats=5,
        pooled=r.PooledAuc(0.7, 0.6, 0.8),
        repeats=(r.Repeat(0.7, 0.6, 0.8, 0.25, 0.1, 0.5),),
    ),
    permuted=r.Permuted(
        auc=0.702,
        auc_mean=0.497,
        auc_sd=0.064,
        p_value=0.0099,
        n_as_large=0,
        movable=1.0,
        n_permutations=100,
        unit="patients",
        n_folds=5,
        null=(0.5, 0.49),
    ),
    reader_swap=r.ReaderSwap(
        (
            r.ReaderAuc("reader_a", 47, 0.69, 0.54, 0.83, 0.07),
            r.ReaderAuc("reader_b", 47, 0.66, 0.51, 0.81, 0.07),
        )
    ),
    outlines=r.Outlines((OUTLINES,)),
    agreement_groups=r.AgreementGroups(
        tuple(
            r.AgreementGroup("readers", "", "", family, *numbers)
            for family, *numbers in (
                ("histogram", 9, 8, 0.98, 0.83, 0.99),
                ("gradient", 5, 2, 0.68, 0.27, 0.82),
            )
        )
    ),
    third_reader=r.ThirdReader(
        n_lesions=95,
        n_folds=5,
        rows=(
            r.ReaderSet("reader_a, reader_b", 7, 1.0, 0.747, 1.0),
            r.ReaderSet("reader_b", 10, 0.06, 0.69, 0.74),
            r.ReaderSet("reader_a", 3, 0.25, 0.63, 0.58),
        ),
    ),
    subgroups=r.Subgroups(
        part="validation",
        threshold=0.473,
        n_comparisons=3,
        level=0.983,
        rows=tuple(
            r.Subgroup(
                "sex",
                name,
                *counts,
                few=True,
                auc=r.GroupMeasure(*auc, sign * 0.18, *ends),
                in_the_large=r.GroupMeasure(0.05, -0.2, 0.3, sign * 0.04, *ends),
                net_benefit=r.GroupMeasure(0.2, -0.1, 0.5, sign * 0.28, *ends),
            )
            for name, counts, auc, sign, ends in (
                ("F", (17, 9, 10, 5, 4), (0.814, 0.352, 0.963), 1, (-0.3, 0.7)),
                ("M", (30, 16, 15, 9, 7), (0.631, 0.411, 0.8), -1, (-0.7, 0.3)),
            )
        ),
        missing={"centre": "No column of the centre is named."},
        shared=(),
    ),
    sensitivity=r.Sensitivity(
        tuple(
            r.Setting(
                normalization,
                bits,
                own=i == 0,
                result=r.SettingAuc(auc, 0.5, 0.8, 0.07, 4, FIRST[:4]),
            )
            for i, (normalization, bits, auc) in enumerate(
                (("3sigma", 6, 0.684), ("1-99", 6, 0.671), ("none", 8, 0.623))
            )
        )
    ),
    models=r.Models(
        part="validation",
        rows=tuple(
            r.ModelAuc(name, predictors, auc, 0.5, 0.8, 0.07)
            for name, predictors, auc in (
                ("radiomics", ("radiomics score",), 0.684),
                ("lesion size", ("area",), 0.580),
                ("clinical", ("age", "dose_gy"), 0.640),
                ("clinical + radiomics", ("age", "dose_gy", "radiomics score"), 0.701),
            )
        ),
        comparisons=(
            r.Comparison("radiomics", "lesion size", 0.104, -0.05, 0.26, 0.19),
        ),
        judged=r.JudgedLesions(
            lesion=("L1", "L2", "L3", "L4"),
            patient=("P1", "P2", "P3", "P4"),
            y=(0, 1, 0, 1),
            probability={
                "radiomics": (0.2, 0.6, 0.4, 0.5),
                "clinical": (0.3, 0.4, 0.6, 0.7),
                "clinical + radiomics": (0.2, 0.5, 0.4, 0.8),
            },
            calibration=dict.fromkeys(
                ("radiomics", "clinical", "clinical + radiomics"), CALIBRATION
            ),
        ),
        benefits=BENEFITS,
        verdict="Radiomics is not shown to do better than lesion size alone.",
        missing={},
        notes=(),
        imputed=r.MissingClinical(
            rule="impute",
            n_lesions=142,
            n_incomplete=6,
            columns=(r.FilledColumn("dose_gy", 6, "the median"),),
        ),
        separated=(),
        penalty="firth",
    ),
    combined=COMBINED,
    models_instability=r.ModelsInstability(
        threshold=0.4729,
        n_lesions=95,
        n_resamples=50,
        models=tuple(
            r.ModelInstability(
                name,
                n_refits,
                failures,
                mape=mape,
                changed=0.2,
                auc_apparent=0.8,
                auc_out_of_bag=0.7,
                lesions=LESION_INSTABILITY,
            )
            for name, n_refits, failures, mape in (
                ("clinical", 50, {}, 0.08),
                ("radiomics", 50, {}, 0.121),
                (
                    "clinical + radiomics",
                    48,
                    {"In a fold of the cross-fitting: y has one class only": 2},
                    0.13,
                ),
            )
        ),
    ),
    clinical_selection=r.ClinicalSelection(
        rule="univariable",
        p_threshold=0.25,
        n_lesions=95,
        n_patients=46,
        n_resamples=200,
        failures={"No predictor of 2 has p < 0": 3},
        predictors=(
            r.ClinicalPredictor("age", True, 0.21, 0.58),
            r.ClinicalPredictor("dose_gy", True, 0.03, 0.87),
        ),
    ),
    sample_size=r.SampleSize(
        n_patients=46,
        n_lesions=95,
        smaller_class="metastasis",
        n_event_patients=21,
        n_event_lesions=44,
        n_candidates=30,
        prevalence=0.537,
        r2_nagelkerke=0.15,
        riley=tuple(
            r.RileySize(
                candidates_of=of,
                n_candidates=candidates,
                shrinkage=shrinkage,
                n=n,
                n_shrinkage=n,
                n_optimism=n // 3,
                n_risk=383,
                n_events=n // 2,
                events_per_candidate=40.3,
                r2_cox_snell=0.11,
                r2_nagelkerke=0.15,
            )
            for of, candidates, n, shrinkage in (
                ("measured", 279, 20942, 0.21),
                ("seen by the LASSO", 30, 2252, 0.47),
            )
        ),
    ),
    warnings=(
        r.Guard("ORN029", "Synthetic data.", "..."),
        r.Guard("ORN001", "Few events.", "..."),
    ),
)


def example(**changes):
    """Return the example, with sections changed."""
    return replace(EXAMPLE, **changes)


def example_without(*names):
    """Return the example with sections that say why they are absent."""
    return example(**{name: Absent(f"no {name} here") for name in names})


def features_example():
    """Return results of a table of features, one reading, cross-validated."""
    folds = r.Folds((0.7, None, 0.6), mean=0.65, sd=0.07, n_with_both_classes=2)
    return replace(
        example_without(*SECTIONS[1:]),
        source="features",
        readers=(),
        selection=replace(EXAMPLE.selection, icc=None),
        features=tuple(row for row in EXAMPLE.features if row.step != "icc"),
        config=replace(CONFIG, split=None, clinical=(), normalization=None, bits=None),
        parts=(TRAINING, replace(VALIDATION, part="cross-validation", folds=folds)),
    )


def nothing_selected_example():
    """Return results of a study whose LASSO keeps no feature."""
    *steps, last = EXAMPLE.features
    return example(
        model=replace(MODEL, coefficients=()),
        features=(*steps, replace(last, n_features=0)),
    )


def temporal_example():
    """Return results of a study that is split by date."""
    return example(config=replace(CONFIG, split=None, date="scanned", cut="2015-06-01"))


def product_example(**changes):
    """Return results of a study whose files hold the combined model."""
    return example(
        config=replace(CONFIG, nomogram="combined"),
        combined=replace(COMBINED, **changes),
    )


def blocks_example(air="otsu", **changes):
    """Return results of two sequences with their surroundings, perturbed outlines."""
    rows = [
        r.BlockFeatures(sequence, region, 279, 200, 8, 1)
        for sequence in ("T1", "T2")
        for region in ("lesion", "rim3out", "context")
    ]
    perturbed = replace(
        EXAMPLE.agreement,
        form="ICC(1,1)",
        n_features=6 * 279,
        judged_by="perturbed outlines",
    )
    return example(
        outlines=r.Outlines((OUTLINES, replace(OUTLINES, sequence="T1"))),
        perturbation=r.Perturbation(
            n_outlines=10,
            n_lesions=95,
            form="ICC(1,1)",
            n_kept=180,
            median_icc=0.9,
            rows=(r.TwoICCs("T1|lesion__Mean", 0.95, 0.91),),
            correlation=0.92,
            kept=r.KeptBy(178, 37, 2, 62),
        ),
        config=replace(
            CONFIG,
            regions=("lesion", "rim 3 mm outside", "bounding context"),
            perturbed_outlines=10,
            pipeline={"regions__air": air},
        ),
        blocks=r.Blocks(tuple(rows)),
        perturbed_agreement=perturbed,
        features=(
            r.FeatureStep("extractor", "Measured", 6 * 279, "..."),
            r.FeatureStep("icc_perturbed", "Stable outlines", 1500, "..."),
            *EXAMPLE.features[1:],
        ),
        **changes,
    )


def perturbed_example():
    """Return results of a rim of one reader's outlines, which were perturbed."""
    return example(
        config=replace(CONFIG, perturbed_outlines=10, regions=("rim 2 mm inside",)),
        readers=(),
        blocks=r.Blocks((r.BlockFeatures("image", "rim2in", 279, 200, 30, 3),)),
        agreement=replace(EXAMPLE.agreement, judged_by="perturbed outlines"),
    )


def no_model_example():
    """Return results of a study for which no model could be fitted."""
    return replace(
        example_without("model", "imputed", "scores", *SECTIONS[4:]),
        parts=(),
        score_by_class=(),
        selection=r.Selection(icc=None, chosen=()),
        features=EXAMPLE.features[:1],
    )


def nothing_example():
    """Return results of a table of features of which nothing else is known."""
    return replace(
        example_without("model", "imputed", "scores", *SECTIONS[1:]),
        synthetic=False,
        source="features",
        readers=(),
        cohort=r.CohortCounts(0, 0, ()),
        left_out=(),
        flow=r.Flow((), ()),
        versions={},
        features=(),
        selection=r.Selection(icc=None, chosen=()),
        parts=(),
        score_by_class=(),
        warnings=(),
        config=replace(CONFIG, split=None, clinical=(), normalization=None, bits=None),
    )


def emptied(value, kind, draw):
    """What may be absent, None or empty in results is so where `draw` says it."""
    members = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if r.Absent in members and draw():
        return r.Absent("it is not there")
    if type(None) in members and draw():
        return None
    if is_dataclass(value):
        kinds = _kinds(type(value))
        named = {f.name: getattr(value, f.name) for f in fields(value)}
        return type(value)(
            **{name: emptied(v, kinds[name], draw) for name, v in named.items()}
        )
    several = next((k for k in members if get_origin(k) is tuple), None)
    if isinstance(value, tuple) and several and get_args(several)[-1] is Ellipsis:
        rows = () if draw() else value
        return tuple(emptied(row, get_args(several)[0], draw) for row in rows)
    return value


@cache
def _kinds(of):
    return get_type_hints(of)


def centres_example(results=None, *, source="hospital", **settings):
    """Return results of a study of three centres, harmonised."""
    results = EXAMPLE if results is None else results
    names = ("Aachen", "Bonn", "station 3")
    limits = [x for m in (0.8, 0.1, 0.9, 0.2) for x in (m, m - 0.1, m + 0.1)]
    parts = ("training", "validation")
    told = r.Recognised(0.8, 0.01, 99, {})
    of = dict(zip(names, (0.7, 0.9, 0.8), strict=True))
    config = replace(results.config, centre=source, harmonise="combat", **settings)
    return replace(
        results,
        config=config,
        centres=r.Centres(
            names=names,
            counts=tuple(
                r.CentreCount(name, part, 20, 18, 9) for name in names for part in parts
            ),
            characteristics=(
                r.CentreRow(
                    "age", None, "median", "patient", dict.fromkeys(names, "60")
                ),
            ),
            protocol={n: (r.ProtocolValue("vendor", "A", 40),) for n in names},
            confounding=r.Confounding(
                told,
                r.Absent("All images have the same protocol."),
                replace(told, of=of),
            ),
        ),
        by_centre=r.ByCentre(
            threshold=0.4,
            rows=tuple(r.CentreJudged(n, 40, 36, 18, *limits, "") for n in names[:2]),
            summary=tuple(
                r.OverCentres(m, 2, 0.5, 0.2, 0.8, None, None, 0.0, 0.0)
                for m in ("auc", "calibration_in_the_large", "slope", "net_benefit")
            ),
            missing={"station 3": "There is one class."},
            n_shared=1,
        ),
    )

"""Papers that the methods cite, and how the citations become numbers."""

import re
from collections.abc import Sequence

BIBLIOGRAPHY = {
    "clear": "Kocak B, Baessler B, Bakas S, et al. CheckList for EvaluAtion of "
    "Radiomics research (CLEAR): a step-by-step reporting guideline for authors and "
    "reviewers endorsed by ESR and EuSoMII. Insights Imaging 2023;14:75. "
    "doi:10.1186/s13244-023-01415-8",
    "cleveland": "Cleveland WS. Robust locally weighted regression and smoothing "
    "scatterplots. J Am Stat Assoc 1979;74:829-836.",
    "collewet": "Collewet G, Strzelecki M, Mariette F. Influence of MRI acquisition "
    "protocols and image intensity normalization methods on texture classification. "
    "Magn Reson Imaging 2004;22:81-91. doi:10.1016/j.mri.2003.09.001",
    "cox": "Cox DR. Two further applications of a model for binary regression. "
    "Biometrika 1958;45:562-565.",
    "delong": "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two "
    "or more correlated receiver operating characteristic curves: a nonparametric "
    "approach. Biometrics 1988;44:837-845. doi:10.2307/2531595",
    "dice": "Dice LR. Measures of the amount of ecologic association between species. "
    "Ecology 1945;26:297-302.",
    "efron": "Efron B, Tibshirani R. Improvements on cross-validation: the .632+ "
    "bootstrap method. J Am Stat Assoc 1997;92:548-560.",
    "friedman": "Friedman J, Hastie T, Tibshirani R. Regularization paths for "
    "generalized linear models via coordinate descent. J Stat Softw 2010;33(1):1-22. "
    "doi:10.18637/jss.v033.i01",
    "haralick": "Haralick RM, Shanmugam K, Dinstein I. Textural features for image "
    "classification. IEEE Trans Syst Man Cybern 1973;3:610-621.",
    "harrell": "Harrell FE Jr, Lee KL, Mark DB. Multivariable prognostic models: "
    "issues in developing models, evaluating assumptions and adequacy, and measuring "
    "and reducing errors. Stat Med 1996;15:361-387.",
    "hosmer": "Hosmer DW, Lemeshow S, Sturdivant RX. Applied Logistic Regression. 3rd "
    "ed. Wiley, 2013.",
    "iba": "Iba K, Shinozaki T, Maruo K, Noma H. Re-evaluation of the comparative "
    "effectiveness of bootstrap-based optimism correction methods in the development "
    "of multivariable clinical prediction models. BMC Med Res Methodol 2021;21:9.",
    "instability": "Riley RD, Collins GS. Stability of clinical prediction models "
    "developed using statistical or machine learning methods. Biom J 2023;65:2200302.",
    "mann": "Mann HB, Whitney DR. On a test of whether one of two random variables is "
    "stochastically larger than the other. Ann Math Stat 1947;18:50-60.",
    "mazda": "Szczypinski PM, Strzelecki M, Materka A, Klepaczko A. MaZda: a software "
    "package for image texture analysis. Comput Methods Programs Biomed "
    "2009;94:66-76. doi:10.1016/j.cmpb.2008.08.005",
    "metrics": "Kocak B, Akinci D'Antonoli T, Mercaldo N, et al. METhodological "
    "RadiomICs Score (METRICS): a quality scoring tool for radiomics research "
    "endorsed by EuSoMII. Insights Imaging 2024;15:8. "
    "doi:10.1186/s13244-023-01572-w",
    "mucciardi": "Mucciardi AN, Gose EE. A comparison of seven techniques for choosing "
    "subsets of pattern recognition properties. IEEE Trans Comput "
    "1971;C-20:1023-1031.",
    "nadeau": "Nadeau C, Bengio Y. Inference for the generalization error. Mach Learn "
    "2003;52:239-281.",
    "nogueira": "Nogueira S, Sechidis K, Brown G. On the stability of feature "
    "selection algorithms. J Mach Learn Res 2018;18(174):1-54.",
    "obuchowski": "Obuchowski NA. Nonparametric analysis of clustered ROC curve data. "
    "Biometrics 1997;53:567-578. doi:10.2307/2533958",
    "ojala": "Ojala M, Garriga GC. Permutation tests for studying classifier "
    "performance. J Mach Learn Res 2010;11:1833-1863.",
    "pedregosa": "Pedregosa F, Varoquaux G, Gramfort A, et al. Scikit-learn: machine "
    "learning in Python. J Mach Learn Res 2011;12:2825-2830.",
    "perme": "Pohar Perme M, Manevski D. Confidence intervals for the Mann-Whitney "
    "test. Stat Methods Med Res 2019;28:3755-3768. doi:10.1177/0962280218814556",
    "rao": "Rao JNK, Scott AJ. A simple method for the analysis of clustered binary "
    "data. Biometrics 1992;48:577-585. doi:10.2307/2532311",
    "riley": "Riley RD, Snell KIE, Ensor J, et al. Minimum sample size for developing "
    "a multivariable prediction model: PART II - binary and time-to-event outcomes. "
    "Stat Med 2019;38:1276-1296. doi:10.1002/sim.7992",
    "shrout": "Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater "
    "reliability. Psychol Bull 1979;86:420-428.",
    "tourassi": "Tourassi GD, Frederick ED, Markey MK, Floyd CE Jr. Application of the "
    "mutual information criterion for feature selection in computer-aided diagnosis. "
    "Med Phys 2001;28:2394-2402. doi:10.1118/1.1418724",
    "tripod": "Collins GS, Moons KGM, Dhiman P, et al. TRIPOD+AI statement: updated "
    "guidance for reporting clinical prediction models that use regression or machine "
    "learning methods. BMJ 2024;385:e078378. doi:10.1136/bmj-2023-078378",
    "varma": "Varma S, Simon R. Bias in error estimation when using cross-validation "
    "for model selection. BMC Bioinformatics 2006;7:91.",
    "vickers": "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for "
    "evaluating prediction models. Med Decis Making 2006;26:565-574.",
    "wilson": "Wilson EB. Probable inference, the law of succession, and statistical "
    "inference. J Am Stat Assoc 1927;22:209-212.",
    "youden": "Youden WJ. Index for rating diagnostic tests. Cancer 1950;3:32-35.",
}

# Of Unicode's private use, so that no name of a column or a reader can look like one.
OPEN, CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{OPEN}([a-z,]+){CLOSE}")


def cite(*keys: str) -> str:
    """Return the mark of a citation, which `number_citations` turns into numbers.

    Raises
    ------
    KeyError
        If the bibliography has no such paper.
    """
    for key in keys:
        if key not in BIBLIOGRAPHY:
            raise KeyError(f"the bibliography has no {key!r}")
    return f" {OPEN}{','.join(keys)}{CLOSE}"


def plain(text: str) -> str:
    r"""Return a text of the user's without the characters that mark citations.

    Examples
    --------
    >>> plain("age\ue000mazda\ue001")
    'agemazda'
    """
    return text.replace(OPEN, "").replace(CLOSE, "")


def cited_keys(texts: Sequence[str]) -> list[str]:
    """Return the keys that texts cite, each once, in order of appearance.

    Examples
    --------
    >>> cited_keys(["A" + cite("wilson", "rao"), "B" + cite("wilson")])
    ['wilson', 'rao']
    """
    marks = [mark for text in texts for mark in _MARK.findall(text)]
    return list(dict.fromkeys(key for mark in marks for key in mark.split(",")))


def number_citations(texts: Sequence[str]) -> list[str]:
    """Replace the marks by numbers, in order of appearance.

    Examples
    --------
    >>> number_citations(["A" + cite("wilson"), "B" + cite("rao", "wilson") + "."])
    ['A [1]', 'B [1, 2].']
    """
    numbers = {key: str(n) for n, key in enumerate(cited_keys(texts), start=1)}

    def numbered(mark: re.Match[str]) -> str:
        found = sorted((numbers[key] for key in mark[1].split(",")), key=int)
        return f"[{', '.join(found)}]"

    return [_MARK.sub(numbered, text) for text in texts]


def without_citations(text: str) -> str:
    """Return a text without its citations.

    Examples
    --------
    >>> without_citations("Intervals are Wilson's" + cite("wilson") + ".")
    "Intervals are Wilson's."
    """
    return re.sub(f" {_MARK.pattern}", "", text)

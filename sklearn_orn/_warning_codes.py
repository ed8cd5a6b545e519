"""The codes of warnings: they stay what they are, whatever the sentences say."""

# Each has a section in docs/warnings.md, called as here.
CODES = {
    "ORN001": "few events for many features",
    "ORN002": "the LASSO kept no feature",
    "ORN003": "lambda is the last of its path",
    "ORN004": "separated classes",
    "ORN005": "small folds",
    "ORN006": "a publication that does not say how it measured",
    "ORN007": "features that do not say how they were measured",
    "ORN008": "scores far from 0",
    "ORN009": "a model of other texture",
    "ORN010": "Hosmer-Lemeshow on small groups",
    "ORN011": "outcomes that cannot be shuffled",
    "ORN012": "resamples without a model",
    "ORN013": "repeated patients",
    "ORN014": "judged on what it learnt from",
    "ORN015": "mixed pixel spacings",
    "ORN016": "a cache that cannot be used",
    "ORN017": "small validation part",
    "ORN018": "lesions left out",
    "ORN019": "features from elsewhere",
    "ORN020": "a single reader",
    "ORN021": "no validation part",
    "ORN022": "smaller than advised",
    "ORN023": "large optimism",
    "ORN024": "Harrell's correction is too small",
    "ORN025": "not better than chance",
    "ORN026": "no more than a simple model",
    "ORN027": "features that tell the classes apart alone",
    "ORN028": "columns left out",
    "ORN029": "synthetic data",
    "ORN030": "the centre tells the class",
    "ORN031": "the protocol tells the class",
    "ORN032": "the features tell the centre",
    "ORN033": "lesions that stand twice",
    "ORN034": "features scaled over all lesions",
}


def split_code(text: str) -> tuple[str, str | None]:
    """Return the text of a warning without its code, and the code that ends it.

    >>> split_code("The classes are separated. [ORN004]")
    ('The classes are separated.', 'ORN004')
    """
    body, mark, code = text.rpartition(" [")
    code = code.removesuffix("]")
    return (body, code) if mark and code in CODES else (text, None)

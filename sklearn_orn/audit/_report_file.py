"""What the JSON file of a paper's reported numbers holds."""

from typing import Annotated, TypeAlias

from sklearn_orn._io.codec import Rule
from sklearn_orn._io.json_file import JsonFormat
from sklearn_orn._io.kinds import Text
from sklearn_orn.audit._counts import Percentage, Stated, Sum
from sklearn_orn.audit._printed_performance import AucInterval, Diagnostic, NetBenefit
from sklearn_orn.audit._score import Score
from sklearn_orn.audit._two_groups import CountsTest, MeansTest

Claim: TypeAlias = (
    Sum
    | Percentage
    | Stated
    | CountsTest
    | MeansTest
    | AucInterval
    | Diagnostic
    | NetBenefit
    | Score
)

REPORT_FILE = JsonFormat(
    "sklearn-orn-reported-numbers",
    1,
    {
        "source": Text,
        "claims": Annotated[list[Claim], Rule("at least one claim", bool)],
    },
    "file of reported numbers",
    "you, or audit.example_report,",
    "The page 'Check a paper's numbers' of the documentation shows such a file.",
)

"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.audit._audit import FORMAT as FORMAT
from sklearn_orn.audit._audit import VERSION as VERSION
from sklearn_orn.audit._judged import COLUMNS as COLUMNS
from sklearn_orn.audit._reproduction import COMPARED as COMPARED

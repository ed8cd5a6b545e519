"""All machines of scikit-learn's, in order."""

from tests.ecosystem._carrying import CARRYING
from tests.ecosystem._composition import COMPOSITION
from tests.ecosystem._looking import LOOKING
from tests.ecosystem._meta import META
from tests.ecosystem._searches import SEARCHES

SCIKIT_LEARN = [*COMPOSITION, *SEARCHES, *META, *LOOKING, *CARRYING]

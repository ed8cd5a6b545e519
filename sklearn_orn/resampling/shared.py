"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.resampling._optimism import Optimism as Optimism
from sklearn_orn.resampling._prediction_instability import Instability as Instability
from sklearn_orn.resampling._selection_stability import Stability as Stability

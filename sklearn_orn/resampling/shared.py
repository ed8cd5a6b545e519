"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.resampling._optimism import Optimism as Optimism
from sklearn_orn.resampling._optimism import optimism_of as optimism_of
from sklearn_orn.resampling._prediction_instability import Instability as Instability
from sklearn_orn.resampling._refits import Refits as Refits
from sklearn_orn.resampling._refits import refit_patients as refit_patients
from sklearn_orn.resampling._selection_stability import Stability as Stability
from sklearn_orn.resampling._selection_stability import stability_of as stability_of

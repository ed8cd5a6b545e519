"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.texture._catalogue import DEFAULT_BITS as DEFAULT_BITS
from sklearn_orn.texture._catalogue import DISTANCES as DISTANCES
from sklearn_orn.texture._catalogue import FAMILIES as FAMILIES
from sklearn_orn.texture._catalogue import FEATURE_VERSION as FEATURE_VERSION
from sklearn_orn.texture._catalogue import family_names as family_names
from sklearn_orn.texture._features_file import carried_columns as carried_columns
from sklearn_orn.texture._features_file import check_free as check_free
from sklearn_orn.texture._features_file import settings_path as settings_path
from sklearn_orn.texture._features_file import write_settings as write_settings
from sklearn_orn.texture._measuring_compiled import (
    compile_measuring as compile_measuring,
)
from sklearn_orn.texture._measuring_compiled import (
    measuring_is_compiled as measuring_is_compiled,
)
from sklearn_orn.texture._measuring_plan import make_plan as make_plan
from sklearn_orn.texture._row_cache import surveyed as surveyed

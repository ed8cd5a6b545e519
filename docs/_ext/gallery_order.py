"""The order of the gallery."""

import warnings
from pathlib import Path

ORDER = [
    "plot_first_lesion.py",
    "plot_study_in_one_pipeline.py",
    "plot_grid_search_without_leakage.py",
    "plot_selection_outside_the_fold.py",
    "plot_two_readers_and_test_retest.py",
    "plot_nomogram_with_clinical_columns.py",
    "plot_calibrate_decide_compare.py",
    "plot_published_signature.py",
    "plot_known_textures.py",
    "plot_thousands_of_lesions.py",
]


class GalleryOrder:
    """Sort key: the order in which a reader needs them; new ones come last."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, path):
        """Return the place of an example."""
        name = Path(path).name
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def short_warnings(gallery_conf, fname):
    """Print a warning as its reader needs it, without the path of the program."""
    warnings.formatwarning = lambda message, category, *_: (
        f"{category.__name__}: {message}\n"
    )

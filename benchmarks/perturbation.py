"""Perturbed outlines: their time, and their ICC beside that of two readers.

``python -m benchmarks.perturbation [--sts FOLDER] [--figure FILE]`` prints the numbers
of docs/regions-and-perturbation.md. The folder is that of examples/cohort_sts_mr_t1.py,
whose lesions have one outline: a second one is drawn as the readers of the synthetic
cohort do.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import distance_transform_edt, gaussian_filter

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.datasets import make_cohort
from sklearn_orn.datasets._neck import smooth_field
from sklearn_orn.images import (
    Lesion,
    OutlinePerturber,
    as_lesions,
    perturb_outlines,
    reader_overlap,
)
from sklearn_orn.plotting import ICCComparisonDisplay
from sklearn_orn.plotting.shared import families_of
from sklearn_orn.selection import compare_icc

N = 10


def disc_time():
    """Return CPU seconds for 2,000 outlines: 100 lesions with a disc of 30 pixels."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:320, :320]
    disc = np.hypot(rows - 160, columns - 160) < 15
    images = [
        np.rint(1000 + 900 * gaussian_filter(rng.normal(size=disc.shape), 2))
        for _ in range(100)
    ]
    perturb_outlines(images[0], disc, 2)  # imports
    start = time.process_time()
    for image in images:
        perturb_outlines(image, disc, 20)
    return time.process_time() - start


def second_outline(mask, rng):
    """Draw an outline as the second reader of the synthetic cohort does."""
    distance = distance_transform_edt(~mask) - distance_transform_edt(mask)
    wobble = 0.5 + 0.035 * np.sqrt(mask.sum() / np.pi)
    field = smooth_field(rng, 8, max(mask.shape))[: mask.shape[0], : mask.shape[1]]
    return distance < 0.3 + 0.45 * rng.standard_normal() + wobble * field


def sarcomas(folder):
    """Return the largest slice of each sarcoma, drawn once and drawn anew."""
    index = pd.read_csv(folder / "index.csv").query("slice_role == 'largest'")
    rng = np.random.default_rng(0)
    lesions = []
    for row in index.itertuples():
        region = as_lesions([(folder / row.file, folder / row.mask)])[0].read()[""]
        other = second_outline(region.mask, rng)
        masks = {"drawn once": region.mask, "drawn anew": other}
        lesions.append(Lesion(region.image, masks, spacing=region.spacing))
    return as_lesions(lesions)


def compared(name, lesions):
    """Measure, compare and print; return the comparison."""
    start = time.process_time()
    perturbed = OutlinePerturber(N).fit_transform(lesions)
    X = TextureExtractor().fit_transform(Normalizer().fit_transform(perturbed))
    seconds = time.process_time() - start
    found = compare_icc(X)
    dice = reader_overlap(lesions)["dice"]
    own = reader_overlap(perturbed).query("reader_2.str.startswith('perturbed')")
    own = own[~own["reader_1"].str.startswith("perturbed")]["dice"]
    print(f"\n{name}: {len(lesions)} lesions, {seconds:.0f} s of CPU")
    print(f"Dice of readers {dice.mean():.3f}, of perturbed outlines {own.mean():.3f}")
    print(f"Spearman {found.correlation:.3f}; kept (rows readers):\n{found.kept}")
    families = pd.Series(families_of(found.table.index), index=found.table.index)
    by = found.table.groupby(families, sort=False)
    print(by[["readers", "perturbed"]].median().round(3).assign(n=by.size()))
    return found


def main():
    """Read the arguments, print the numbers and draw the scatter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sts", type=Path, help="folder with index.csv")
    parser.add_argument("--figure", type=Path, help="picture of the synthetic cohort")
    arguments = parser.parse_args()
    print(f"2,000 perturbed outlines of a 30-pixel disc: {disc_time():.2f} s of CPU")
    with tempfile.TemporaryDirectory() as folder:
        cohort = make_cohort(folder, random_state=0)
        found = compared("Synthetic cohort", as_lesions(cohort))
    if arguments.figure:
        figure = ICCComparisonDisplay.from_comparison(found).figure_
        figure.savefig(arguments.figure, dpi=120)
    if arguments.sts:
        compared("Soft-tissue sarcomas", sarcomas(arguments.sts))


if __name__ == "__main__":
    main()

"""A small cohort on disk: one texture that the class decides, and noise."""

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from tests.images._make import write_image, write_png

SIZE = 40


def lesion_image(rng, blur):
    """Noise whose correlation length is `blur`, at one mean and spread."""
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE)), blur)
    noise = (noise - noise.mean()) / noise.std()
    return np.clip(np.rint(1000 + 120 * noise), 0, 4095).astype(np.uint16)


def outline(radius):
    rows, columns = np.ogrid[:SIZE, :SIZE]
    return (rows - 20) ** 2 + (columns - 20) ** 2 < radius**2


def make_table(n_patients=36, *, labels=("low", "high"), split=True):
    """Every third patient has two lesions; classes take turns, and so do parts."""
    rows = []
    for patient in range(n_patients):
        for _ in range(2 if patient % 3 == 0 else 1):
            rows.append(
                {
                    "lesion": f"L{len(rows):02d}",
                    "patient": f"P{patient:02d}",
                    "grade": labels[patient % 2],
                    "part": "training" if patient % 5 < 3 else "validation",
                }
            )
    table = pd.DataFrame(rows)
    return table if split else table.drop(columns="part")


def clinical_cohort(folder, column, values, **header):
    """24 patients read by two, with ages of which one is missing, and a column more."""
    table, rng = make_table(24), np.random.default_rng(1)
    table["age"] = rng.integers(30, 80, len(table)).astype(float)
    table.loc[3, "age"] = np.nan
    table[column] = rng.choice(values, len(table))
    return write_cohort(folder, table, readers=("A", "B"), **header)


def write_cohort(folder, table, *, readers=("",), effect=0.5, seed=0, **header):
    """Write images and masks of `table` and its CSV; return the CSV's path."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    table = table.copy()
    positive = sorted(table["grade"].unique())[0]
    table["image"] = [f"{lesion}.dcm" for lesion in table["lesion"]]
    for reader in readers:
        column = f"mask_{reader}" if reader else "mask"
        table[column] = [f"{lesion}{reader}.png" for lesion in table["lesion"]]
    for row in table.itertuples():
        blur = 0.8 + effect * (row.grade == positive) + 0.25 * rng.standard_normal()
        image = lesion_image(rng, max(blur, 0.3))
        write_image(folder / row.image, image, **header)
        for number, reader in enumerate(readers):
            mask = outline(11 + 0.5 * number).astype(np.uint8) * 255
            write_png(folder / f"{row.lesion}{reader}.png", mask)
    table.to_csv(folder / "cohort.csv", index=False)
    return folder / "cohort.csv"

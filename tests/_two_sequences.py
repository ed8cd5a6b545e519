"""A cohort of two sequences and two readers, in files."""

import numpy as np
import pandas as pd


def write_cohort(folder, n=30, seed=0, shape=(36, 36)):
    """Write images of T1 and T2 and one outline a reader; T2 alone carries signal."""
    rng = np.random.default_rng(seed)
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    records = []
    for i in range(n):
        y, looks = i % 2, (i + (i % 7 == 0)) % 2
        distance = np.hypot(rows - 18, columns - 18)
        noise = rng.integers(0, 300, size=shape)
        fine = rng.integers(0, 700, size=shape)
        coarse = np.repeat(np.repeat(fine[::3, ::3], 3, axis=0), 3, axis=1)
        images = {"T1": 400 + noise, "T2": 200 + (coarse if looks else fine)}
        record = {"lesion": f"L{i}", "patient": f"P{i // 2}", "grade": y}
        for name, image in images.items():
            record[f"image_{name}"] = f"{name}_{i}.npy"
            np.save(folder / f"{name}_{i}.npy", image.astype(np.uint16))
        for reader, radius in (("anna", 11), ("ben", 12)):
            mask = distance < radius + 0.6 * rng.random() + 0.05 * i
            record[f"mask_{reader}"] = f"{reader}_{i}.npy"
            np.save(folder / f"{reader}_{i}.npy", mask)
        records.append(record)
    pd.DataFrame(records).to_csv(folder / "cohort.csv", index=False)
    return folder / "cohort.csv"

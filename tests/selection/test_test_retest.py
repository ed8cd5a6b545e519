"""A rescan is one more reader: real test-retest features through ICCFilter."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import ICCFilter
from sklearn_orn.selection import intraclass_correlation
from tests._data import SHARED, needs_shared


@needs_shared("qin_prostate_test_retest")
def test_eleven_tumours_scanned_twice():
    path = SHARED / "qin_prostate_test_retest" / "features_2d_bin10.csv.gz"
    table = pd.read_csv(path, sep=";")
    tumours = table[table["segmentedStructure"] == "TumorROI_PZ_1"]
    patient = tumours["study"].str[:14]
    features = tumours.filter(like="original_").select_dtypes("number")
    scans = [
        features.groupby(patient.to_numpy()).nth(i).reset_index(drop=True)
        for i in range(2)
    ]
    wide = pd.concat(
        [scan.add_prefix(f"{name}__") for name, scan in zip("ab", scans, strict=True)],
        axis=1,
    )
    assert wide.shape == (11, 2 * 83)
    icc = ICCFilter().fit(wide)
    expected = intraclass_correlation(np.stack(scans, axis=1))
    np.testing.assert_allclose(icc.icc_, expected.icc)
    assert np.nanmedian(icc.icc_) == pytest.approx(0.691, abs=5e-4)
    assert icc.get_support().sum() == 32

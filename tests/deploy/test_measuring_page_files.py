"""The page opens what is packed with something behind it, and JPEG, in Chromium."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import JPEGBaseline8Bit

from sklearn_orn.deploy import ModelFile, calculator_page
from tests.deploy._browser import Browser
from tests.deploy._chromium import needs_chromium
from tests.deploy.test_measuring_page import open_image, text
from tests.deploy.test_page_images import stream, write_compressed
from tests.images._volumes import Scene, write_nifti


@needs_chromium
@pytest.mark.long
def test_compressed_files(stored, tmp_path):
    grey = np.arange(400, dtype=np.uint8).reshape(20, 20)
    coded = [stream(grey, "JPEG")]
    scene = Scene()
    paths = [
        Path(get_testdata_file("image_dfl.dcm")),
        write_compressed(tmp_path / "jpeg.dcm", grey, coded, JPEGBaseline8Bit),
        Path(write_nifti(tmp_path / "i.nii.gz", *scene.stored(scene.pixels))),
    ]
    page = tmp_path / "page.html"
    made = calculator_page(ModelFile.read(stored["images"]), measure=True)
    page.write_text(made, encoding="utf-8")
    browser = Browser(tmp_path / "profile")
    try:
        for path in paths:
            browser.open(page)
            open_image(browser, path)
            assert "×" in text(browser, "image-read"), path
    finally:
        browser.close()

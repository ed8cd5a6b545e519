"""PNG files of figures."""

import io

import numpy as np
import pytest
from PIL import Image

from sklearn_orn.study.report._png import png_file


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 300), (300, 7)])
def test_another_reader_sees_the_same_pixels(height, width):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)
    pixels[: height // 2] = 255
    with Image.open(io.BytesIO(png_file(pixels.tobytes(), width, 300))) as image:
        assert image.format == "PNG"
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert np.array_equal(np.asarray(image), pixels)


def test_the_header_says_what_the_format_allows():
    header = png_file(bytes(4 * 6), 3, 300)[16:29]  # of IHDR
    size, rest = header[:8], header[8:]
    assert (size[3], size[7]) == (3, 2)
    assert list(rest) == [8, 6, 0, 0, 0]  # RGBA of 8 bits, not interlaced


def test_pixels_of_no_rectangle_are_refused():
    with pytest.raises(ValueError, match="reshape"):
        png_file(bytes(4 * 5), 3, 300)

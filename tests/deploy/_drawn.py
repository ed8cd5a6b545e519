"""Lesions in memory for the tests of models: a few grey pixels, drawn by readers."""

import numpy as np

from sklearn_orn.images import Lesion


def lesion(seed, readers=("anna", "ben"), spacing=(0.5, 0.5)):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 40 + 9 * seed, (14, 15))
    masks = {}
    for number, reader in enumerate(readers):
        masks[reader] = np.zeros(image.shape, dtype=bool)
        masks[reader][2 : 11 + number, 3 : 12 - number] = True
    if readers == ("",):
        return Lesion(image, masks[""], spacing=spacing)
    return Lesion(image, masks, spacing=spacing)

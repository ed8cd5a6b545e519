"""Synthetic patches, all of one mean and spread, in which features are compared."""

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d, rotate

SIZE = 48


def _scaled(field):
    """Bring a field to mean 512 and standard deviation 120, as 10-bit pixels."""
    field = (field - field.mean()) / field.std()
    return np.clip(np.round(512 + 120 * field), 0, 1023).astype(int)


def _streaks(rng, angle, length):
    noise = gaussian_filter1d(rng.normal(size=(3 * SIZE, 3 * SIZE)), length, axis=1)
    return rotate(noise, angle, reshape=False, order=1)[SIZE:-SIZE, SIZE:-SIZE]


def _spots(rng, sharp):
    return np.exp(sharp * gaussian_filter(rng.normal(size=(SIZE, SIZE)), 1.5) * 3)


def _waves(angle, period):
    row, column = np.mgrid[:SIZE, :SIZE]
    along = row * np.sin(angle) + column * np.cos(angle)
    return np.cos(2 * np.pi * along / period)


def patches():
    """Return the patches: noise of all grains, streaks, spots, waves, checks."""
    rng = np.random.default_rng(0)
    noise = [gaussian_filter(rng.normal(size=(SIZE, SIZE)), s) for s in (0, 1, 2, 4)]
    streaks = [_streaks(rng, a, s) for a in (0, 45, 90, 135) for s in (3, 8)]
    spots = [sign * _spots(rng, sharp) for sharp in (0.5, 1) for sign in (1, -1)]
    waves = [_waves(angle, p) for angle in (0, np.pi / 2) for p in (2.0, 6, 16)]
    checks = [np.indices((SIZE, SIZE)).sum(axis=0) // n % 2 for n in (1, 4)]
    return [_scaled(field) for field in noise + streaks + spots + waves + checks]


def lesion():
    """Return a picture of 128 pixels: a bright lesion with a dark centre."""
    rng = np.random.default_rng(3)
    row, column = np.mgrid[:128, :128] - 64
    radius = np.hypot(row / 1.2, column) + 4 * gaussian_filter(
        rng.normal(size=(128, 128)), 6
    )
    body = 1 / (1 + np.exp((radius - 38) / 1.5)) - 0.7 / (1 + np.exp(radius - 14))
    grain = gaussian_filter(rng.normal(size=(128, 128)), 1) * 0.25
    return _scaled(body + grain * (0.4 + body))

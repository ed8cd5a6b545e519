"""Hypothesis profiles: few examples for each commit, thousands by hand."""

from hypothesis import HealthCheck, settings

from tests._examples import LONG

# On a continuous integration server hypothesis draws the same examples each time; both
# profiles start from what it chose.
settings.register_profile(
    "commit",
    settings(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    settings.get_profile("commit"),
    max_examples=LONG,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("commit")

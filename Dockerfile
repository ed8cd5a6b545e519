# The command line: docker build -t sklearn-orn .
# docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/data" sklearn-orn check cohort.csv
FROM python:3.13-slim

# Whoever runs it, compiled kernels and fonts are kept where all may write.
ENV NUMBA_CACHE_DIR=/tmp/numba MPLCONFIGDIR=/tmp/matplotlib

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY sklearn_orn ./sklearn_orn
# hadolint ignore=DL3013  # this tree has the version it has
RUN python -m pip install --no-cache-dir ".[jpeg]" \
    && rm -rf /src/* \
    && useradd --create-home --uid 1000 orn

USER 1000
WORKDIR /data
ENTRYPOINT ["sklearn-orn"]
CMD ["--help"]

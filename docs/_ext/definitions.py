r"""What each feature means: formula, and one sentence in plain words.

The keys are those of the catalogue of `sklearn_orn.texture`; `feature_pages` refuses to
build where a name is missing here or unknown there.
"""

HISTOGRAM = {
    "Mean": (r"\mu = \frac{1}{N} \sum_n v_n", "How bright the region is."),
    "Variance": (
        r"\sigma^2 = \frac{1}{N} \sum_n (v_n - \mu)^2",
        "How much its pixels differ. The divisor is N, not N - 1.",
    ),
    "Skewness": (
        r"\frac{1}{N \sigma^3} \sum_n (v_n - \mu)^3",
        "Positive where a few pixels are much brighter than the rest.",
    ),
    "Kurtosis": (
        r"\frac{1}{N \sigma^4} \sum_n (v_n - \mu)^4 - 3",
        "Positive where extremes are more frequent than in a normal distribution.",
    ),
    "Perc.": (
        r"\min \{ v : \#\{n : v_n \le v\} \ge \tfrac{q}{100} N \}",
        "The smallest grey level that q % of the pixels do not exceed; no "
        "interpolation.",
    ),
}

COOCCURRENCE = {
    "AngScMom": (
        r"\sum_{i,j} p(i,j)^2",
        "Angular second moment: large where a few pairs of levels make up the region.",
    ),
    "Contrast": (
        r"\sum_{i,j} (i-j)^2 \, p(i,j)",
        "Mean squared difference between a pixel and its partner.",
    ),
    "Correlat": (
        r"\frac{1}{\sigma^2} \Bigl( \sum_{i,j} i j \, p(i,j) - \mu^2 \Bigr)",
        "Correlation between a pixel and its partner, -1 to 1.",
    ),
    "SumOfSqs": (
        r"\sigma^2 = \sum_{i,j} (i - \mu)^2 \, p(i,j)",
        "Variance of the levels of all pixels that have a partner.",
    ),
    "InvDfMom": (
        r"\sum_{i,j} \frac{p(i,j)}{1 + (i-j)^2}",
        "Inverse difference moment: large where partners are alike.",
    ),
    "SumAverg": (
        r"\mu_+ = \sum_{k} k \, p_+(k)",
        "Mean of the sum of the two levels: twice their mean.",
    ),
    "SumVarnc": (
        r"\sum_{k} (k - \mu_+)^2 \, p_+(k)",
        "Variance of the sum: large where neighbourhoods differ in brightness.",
    ),
    "SumEntrp": (
        r"- \sum_{k} p_+(k) \log_{10} p_+(k)",
        "Disorder of the sums.",
    ),
    "Entropy": (
        r"- \sum_{i,j} p(i,j) \log_{10} p(i,j)",
        "Disorder of the pairs: small for a regular texture.",
    ),
    "DifVarnc": (
        r"\sum_{k} (k - \mu_-)^2 \, p_-(k)",
        "Variance of the absolute difference.",
    ),
    "DifEntrp": (
        r"- \sum_{k} p_-(k) \log_{10} p_-(k)",
        "Disorder of the differences.",
    ),
}

RUN_LENGTH = {
    "RLNonUni": (
        r"\frac{1}{C} \sum_j \Bigl( \sum_i r(i,j) \Bigr)^2",
        "Run length non-uniformity: large where most runs have the same length.",
    ),
    "GLevNonU": (
        r"\frac{1}{C} \sum_i \Bigl( \sum_j r(i,j) \Bigr)^2",
        "Grey level non-uniformity: large where most runs have the same level.",
    ),
    "LngREmph": (
        r"\frac{1}{C} \sum_{i,j} j^2 \, r(i,j)",
        "Long run emphasis: large for coarse texture, streaks and plains.",
    ),
    "ShrtREmp": (
        r"\frac{1}{C} \sum_{i,j} \frac{r(i,j)}{j^2}",
        "Short run emphasis: near 1 for fine texture and noise.",
    ),
    "Fraction": (
        r"C / \sum_{i,j} j \, r(i,j)",
        "Runs per pixel: 1 where no two neighbours in the direction are alike.",
    ),
}

GRADIENT = {
    "GrMean": (
        r"\mu_g = \frac{1}{M} \sum_m g_m",
        "How steep the levels are on average.",
    ),
    "GrVariance": (
        r"\sigma_g^2 = \frac{1}{M} \sum_m (g_m - \mu_g)^2",
        "Large where plains and edges alternate.",
    ),
    "GrSkewness": (
        r"\frac{1}{M \sigma_g^3} \sum_m (g_m - \mu_g)^3",
        "Positive where a few edges stand out of a plain.",
    ),
    "GrKurtosis": (
        r"\frac{1}{M \sigma_g^4} \sum_m (g_m - \mu_g)^4 - 3",
        "How rare and how steep the steepest places are.",
    ),
    "GrNonZeros": (
        r"\frac{1}{M} \, \#\{ m : g_m > 0 \}",
        "Share of the pixels with any gradient, 0 to 1 (not per cent).",
    ),
}

AUTOREGRESSIVE = {
    "Teta1": (r"\theta_1", "Weight of the left neighbour."),
    "Teta2": (r"\theta_2", "Weight of the upper left neighbour."),
    "Teta3": (r"\theta_3", "Weight of the upper neighbour."),
    "Teta4": (r"\theta_4", "Weight of the upper right neighbour."),
    "Sigma": (
        r"\sqrt{\frac{1}{M} \sum_s \Bigl( z_s - \sum_k \theta_k z_{s,k} \Bigr)^2}",
        "What the four neighbours do not explain, in standard deviations of the "
        "region: near 0 for smooth texture, 1 for noise.",
    ),
}

WAVELET = {
    "LL": (
        r"\tfrac{1}{4} (a + b + c + d)",
        "Brightness: the picture at half the size, which the next scale takes up.",
    ),
    "LH": (
        r"\tfrac{1}{4} (a + b - c - d)",
        "Difference between the rows: horizontal stripes and edges.",
    ),
    "HL": (
        r"\tfrac{1}{4} (a - b + c - d)",
        "Difference between the columns: vertical stripes and edges.",
    ),
    "HH": (
        r"\tfrac{1}{4} (a - b - c + d)",
        "Difference between the diagonals: checks and corners.",
    ),
}

"""Reference values of SciPy for the package statistics: python3 reference.py > reference_scipy.json"""
import itertools, json, math
import numpy, scipy
from scipy import stats

inf = math.inf

def signed_rank(d, zero_method):
    out = {}
    for a in ("two-sided", "less", "greater"):
        r = stats.wilcoxon(d, zero_method=zero_method, alternative=a, method=stats.PermutationMethod(n_resamples=numpy.inf))
        out[a] = float(r.pvalue)
    return {"d": d, "p": out}

random = numpy.random.default_rng(20261126)
rounded = [[float(v) for v in numpy.round(random.normal(0.4, 1, n), 1)] for n in (5, 7, 9, 11)]

# The accuracies of four variants of C4.5 on 14 data sets, table 6 of Demsar 2006. There the last two of voting are both
# printed as 0.975, and ranked 2 and 3.
demsar = [
    [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967], [0.628, 0.661, 0.654, 0.657],
    [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931], [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625],
    [0.775, 0.838, 0.866, 0.875], [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.975, 0.9749], [0.957, 0.978, 0.946, 0.970]]
friedman = stats.friedmanchisquare(*numpy.transpose(demsar))

# The expected best of k of the values without replacement, by looking at all choices.
best = [3.0, 1.5, 4.0, 1.5, 9.0, 2.25]
expected = [float(numpy.mean([min(c) for c in itertools.combinations(best, k)])) for k in range(1, len(best) + 1)]

values = {
    "versions": {"scipy": scipy.__version__, "numpy": numpy.__version__},
    "signed_rank": [signed_rank(d, "pratt") for d in rounded + [[0.0, 0.0, 1.0, -2.0, 3.0, 3.0, 4.0]]],
    "studentized_range": [{"p": p, "k": k, "q": float(stats.studentized_range.ppf(p, k, inf))}
                          for k in (2, 3, 4, 7, 10) for p in (0.9, 0.95, 0.99)],
    "friedman": {"values": demsar, "statistic": float(friedman.statistic), "p": float(friedman.pvalue)},
    "best": {"values": best, "expected": expected},
    "order": [{"n": n, "k": k, "coverage": float(1 - 2 * stats.binom.cdf(k - 1, n, 0.5))}
              for n, k in ((5, 1), (6, 1), (9, 2), (20, 6), (35, 12), (100, 40), (1000, 469), (2000, 956))],
}
print("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in values.items()) + "\n}")

"""Controlled rounding: small counts disappear, every table still adds up, chosen totals are exact.

**What it does.** No count of 1 to base - 1 is published: a small count becomes 0 or at least the base, as in small
count rounding (Langsrud and Heldal 2018, *An algorithm for small count rounding of tabular data*, Privacy in
Statistical Databases); larger counts may move a little, so that the chosen totals can be exact, which that algorithm
cannot promise. What is published counts a made-up population (`anonymisation.fitting`), so that it is additive in each
table and over all of them. A true 0 stays 0.

**What it promises, and against whom.** Every published number is within `max_deviation` of the truth; the margins named
in `exact` are the truth. The released bound is the policy's, not how far this release went. The attacker of
`anonymisation.attack` plays the public and, with `insiders`, each contributor against these ranges together, with all
that was published before; a release is made only if none of them can place a small count in fewer than `width`
numbers (*Safe*, FORMATS.md section 1). Whole numbers within the bound that the search could have reached from other
truths are cover; how likely each is, is not part of the promise: small deviations are more common than large ones, and
who lacks the key cannot replay the search, but can learn from that.
"""

from anonymisation.rounding.protecting import round_counts

__all__ = ["round_counts"]

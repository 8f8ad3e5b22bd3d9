"""Cell keys: noise that is the same for the same set of people, in every table and every period.

**What it does.** Every person has a record key, an HMAC of a pseudonym with the region's secret. The cell key is the
sum of the record keys of those in a cell, and a perturbation table turns count and cell key into noise (Thompson,
Broadfoot and Elazar 2013, *Methodology for the automatic confidentialisation of statistical outputs from remote
servers at the Australian Bureau of Statistics*; Handbook on SDC, 2nd ed., section 5.4). The table has the largest
entropy of all that are unbiased, stay within `deviation`, have at most the `variance` asked for and show no count below
`smallest` but 0 (Giessing and Tent 2019, *Concepts for generalising tools implementing the cell key method to the case
of continuous variables*; the R package ptable). A true 0 stays 0.

**What it promises, and against whom.** Every published number is within `deviation` of the truth, and who asks again,
in another table or another period, for the same set of people gets the same number, so that averaging over requests
tells nothing. The attacker plays the public and, with `insiders`, each contributor against the ranges together, as for
rounding; what it breaks is not released. Tables do not add up, and that is visible. The table is no secret, and
likelihood is no part of the promise: sums of many cells with independent noise can be averaged (Asghar and Kaafar 2020,
*Averaging attacks on bounded noise-based disclosure control algorithms*), and whoever has the secret and the pseudonyms
can undo all of it.
"""

from anonymisation.cellkey.protecting import perturb_counts
from anonymisation.cellkey.ptable import PTable, maximum_entropy
from anonymisation.record_key import record_key

__all__ = ["PTable", "maximum_entropy", "perturb_counts", "record_key"]

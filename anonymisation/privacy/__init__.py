"""Differential privacy: the release would be about as likely without any one person in it.

**What it does.** The finest published cells of every table get whole-number noise from the discrete Laplace
distribution (Ghosh, Roughgarden and Sundararajan 2009, *Universally utility-maximizing privacy mechanisms*), drawn
exactly and from the system's secure source by OpenDP (the extra `dp`). A made-up population is then fitted to the noisy
cells (`anonymisation.fitting`) and counted, so that all tables add up and no count is negative. That looks at nothing
but the noise, so it costs nothing (post-processing; Dwork and Roth 2014, *The algorithmic foundations of differential
privacy*, proposition 2.1).

**What it promises, and against whom.** Pure epsilon-differential privacy for one person added or taken away, whatever
that person's facts, against anyone, whatever they know or work out, now or later, and whoever they join. A person whose
facts change counts twice. Epsilons of releases about one population add up over all periods (theorem 3.16); the ledger
refuses a release whose cost it does not know, and one that would overrun the budget. It promises nothing about single
numbers: with n = 600 and epsilon = 1 on ten linked tables the noise on a cell has a standard deviation of 14, where
most counts are 1 to 3. `stated` tells it. Two runs differ: keep the first, never choose among several.
"""

from anonymisation.privacy.ledger import Event, spent
from anonymisation.privacy.protecting import privatise

__all__ = ["Event", "privatise", "spent"]

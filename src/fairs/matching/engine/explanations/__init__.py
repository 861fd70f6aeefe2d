"""Why a pair is suggested, and why one match ranks above the next, as data that a page renders in either language."""

"""Ranking of all people against all listings in one run: how large an edition the engine bears. No page needs it, since each ranks
the present records when it is opened."""

import fairs.matching  # noqa: F401  asks for one BLAS thread, which is too late once NumPy is loaded

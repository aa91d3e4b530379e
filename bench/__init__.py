"""A benchmark of this project beside its peers, on one stand-in in one run."""

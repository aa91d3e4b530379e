"""This project beside its peers, measured on one stand-in in one run."""

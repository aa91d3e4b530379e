"""A benchmark of this project beside its peers, with one fake of Slack and AWS in one run."""

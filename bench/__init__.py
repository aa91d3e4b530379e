"""A benchmark of this project and its peers, with the same fake of Slack and AWS in one run."""

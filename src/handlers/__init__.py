"""The entry points of the two Lambda functions."""

import gc

# A cold start makes some 100,000 objects, and keeps nearly all of them. With Python's default threshold, the garbage
# collector would run 150 times meanwhile.
gc.set_threshold(200_000)

"""The entry points of the two Lambda functions."""

import gc

# A cold start makes some 100,000 objects, and nearly all of them stay. Python would go through them 150 times to find
# garbage; now it does when as many again have piled up.
gc.set_threshold(200_000)

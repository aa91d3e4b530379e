from functools import cache

import botocore.loaders
from hypothesis import settings

# A slow machine is no wrong answer.
settings.register_profile("notifier", deadline=None)
settings.load_profile("notifier")

# Tests have sessions of their own, each of which would read the services' descriptions anew, megabytes of JSON.
botocore.loaders.create_loader = cache(botocore.loaders.create_loader)

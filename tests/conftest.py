from functools import cache

import botocore.loaders
from hypothesis import settings

# A slow machine is no wrong answer.
settings.register_profile("notifier", deadline=None)
settings.load_profile("notifier")

# Each test opens AWS anew, and would read the services' descriptions anew, too: megabytes of JSON.
botocore.loaders.create_loader = cache(botocore.loaders.create_loader)

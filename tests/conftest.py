from hypothesis import settings

# A slow machine is no wrong answer.
settings.register_profile("notifier", deadline=None)
settings.load_profile("notifier")

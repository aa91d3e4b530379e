"""A destination, and the settings that a channel asks of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a destination, whose whole value matches *pattern*; *meaning* completes "must be ...".

    *forbidden* is a pattern of values with a meaning of their own, and the reason why they are refused.
    A setting without *default* is required. The value of a *secret* setting is the secret's name.
    """

    name: str
    pattern: str
    meaning: str
    default: str | None = None
    secret: bool = False
    forbidden: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Destination:
    """A configured receiver of messages: its name, the name of its channel type, and its settings by name."""

    name: str
    channel: str
    settings: tuple[tuple[str, str], ...]

    def setting(self, name: str, default: str | None = None) -> str:
        """Look up a setting; without *default*, the setting has to be there."""
        return dict(self.settings)[name] if default is None else dict(self.settings).get(name, default)


def secret_setting(name: str, holds: str) -> Setting:
    """Describe a setting that names a secret; *holds* says what the secret holds."""
    # Secrets Manager's names, and after a slash those of SecureStrings in Parameter Store.
    pattern = r"/?[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*"
    return Setting(name, pattern, f"the name of a secret that holds {holds}", secret=True)

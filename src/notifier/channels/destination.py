"""Where notifications can go, and how a place is configured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to know of a destination: its whole value matches *pattern*; *meaning* completes "must be ...".

    Of what matches the pattern in *never*, the words beside it say why it cannot be.
    Without *default* it has to be given. Of a *secret* only the name is given, never the secret itself.
    """

    name: str
    pattern: str
    meaning: str
    default: str | None = None
    secret: bool = False
    never: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Destination:
    """A configured place: its name, the type of channel to it, and the channel's settings by name."""

    name: str
    channel: str
    settings: tuple[tuple[str, str], ...]

    def setting(self, name: str, default: str | None = None) -> str:
        """Look up a setting that the channel's type lists; one without *default* has been given."""
        return dict(self.settings)[name] if default is None else dict(self.settings).get(name, default)


def secret_setting(name: str, holds: str) -> Setting:
    """Describe a setting that names a secret, which holds what *holds* says."""
    # Secrets Manager's names, and after a slash those of SecureStrings in Parameter Store.
    pattern = r"/?[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*"
    return Setting(name, pattern, f"the name of a secret that holds {holds}", secret=True)

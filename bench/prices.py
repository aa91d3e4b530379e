"""The price table of AWS."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

FILE: Final = Path(__file__).parent / "prices.toml"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of *per* units, of which *free* a month cost nothing."""

    unit: str
    dollars: float
    per: int
    free: int
    source: str

    def cost(self, amount: float) -> float:
        """Compute the dollars for *amount* units."""
        return amount * self.dollars / self.per

    def cost_beyond_free(self, amount: float) -> float:
        """Compute the dollars for *amount* units in an account that uses the free units for nothing else."""
        return self.cost(max(amount - self.free, 0))


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices, of one region on one date."""

    date: date
    region: str
    by_name: Mapping[str, Price]

    @classmethod
    def from_file(cls) -> Self:
        """Read the table."""
        table = tomllib.loads(FILE.read_text(encoding="utf-8"))
        return cls(table.pop("date"), table.pop("region"), {name: Price(**row) for name, row in table.items()})

"""The price table of AWS."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

FILE: Final = Path(__file__).parent / "prices.toml"


class Price(BaseModel):
    """The price of *per* units, of which *free* a month cost nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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


class Prices(BaseModel):
    """All prices, of one region on one date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    region: str
    by_name: Mapping[str, Price]

    @classmethod
    def from_file(cls, file: Path = FILE) -> Self:
        """Read the table."""
        written = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(date=written.pop("date"), region=written.pop("region"), by_name=written)

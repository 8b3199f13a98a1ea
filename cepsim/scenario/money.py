"""The parts of a scenario that name amounts: lines of a budget, and a mutualised fund."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from cepsim.scenario.fields import Broken, Part, ShortText, Text, Words, broken, without_repeats
from cepsim.scenario.vocabulary import OPERATORS, Commitment, CostBlock, Euros, Operator, Path, Payer

#: Shares written with three decimals may miss 1 by so much.
_SHARES_TOLERANCE = 0.001


class BudgetLine(Part):
    """An amount of a budget that the simulated cost is set beside. Nothing is made to agree with it."""

    name: Text = Field(title="Name")
    """What the budget calls it."""
    year: int = Field(title="Year", ge=2014, le=2040)
    """The calendar year of the amount."""
    amount_eur: float = Field(title="Amount", ge=0, le=1e12)
    """Euros for the whole of France; a run of some regions is set beside their part of it."""
    euros: Euros = Field(default="current", title="Euros")
    """Whether the amount is in euros of its year ("current") or of the year of prices ("constant")."""
    source: ShortText = Field(title="Source")
    """Where the amount was read, or whose hypothesis it is."""
    blocks: Annotated[tuple[CostBlock, ...], Field(strict=False), AfterValidator(without_repeats)] = Field(
        default=(), title="Blocks of costs"
    )
    """Costs of the service that the line pays. None of them and no commitment: all of the service."""
    commitments: Annotated[tuple[Commitment, ...], Field(strict=False), AfterValidator(without_repeats)] = (
        Field(default=(), title="Commitments")
    )
    """What follows projects that the line pays."""
    operators: Annotated[tuple[Operator, ...], Field(strict=False), AfterValidator(without_repeats)] = Field(
        default=(), title="Operators"
    )
    """Operators whose cost the line pays. None: all, and what belongs to no operator."""
    payers: Annotated[tuple[Payer, ...], Field(strict=False), AfterValidator(without_repeats)] = Field(
        default=(), title="Payers"
    )
    """Payers whose part is meant. None: all of them."""


class Contributor(Part):
    """Who gives to the mutualised fund, and which part of what it pays."""

    payer: Payer = Field(title="Payer")
    """The contributor."""
    share: float = Field(title="Share", gt=0, le=1)
    """The part of what the fund pays that it gives."""


class Mutualised(Part):
    """A fund that pays operators in place of their usual payers, from the year of the launch on.

    By an envelope, by a tariff, or by a tariff as far as an envelope goes. It pays posts, telephone and
    portal, recruitment and training of advisers; what accounts (CPF) pay is taken off first.
    """

    envelope_eur: float = Field(default=0, title="Envelope", ge=0, le=1e12)
    """Euros of the year of prices that the fund may pay a year, for France; 0 for no bound. What exceeds it
    stays with the usual payers. Without a tariff it pays costs, each in proportion."""
    tariff_eur: float = Field(default=0, title="Tariff", ge=0, le=1e6)
    """Euros of the year of prices paid to the operator for each path of a person admitted; 0 for none."""
    tariff_per: Path = Field(default="entering_conseil", title="Path of the tariff")
    """What makes a path: a person "received", one "entering_conseil", or a "project" completed."""
    operators: Annotated[tuple[Operator, ...], Field(strict=False), AfterValidator(without_repeats)] = Field(
        default=OPERATORS, title="Operators of the fund"
    )
    """The operators that the fund pays."""
    contributors: Annotated[tuple[Contributor, ...], Field(strict=False)] = Field(
        default=(), title="Contributors"
    )
    """Who gives to the fund; shares sum to 1. None where there is no fund."""

    @property
    def pays(self) -> bool:
        """Whether there is a fund."""
        return self.envelope_eur > 0 or self.tariff_eur > 0

    @model_validator(mode="after")
    def _is_paid_by_somebody(self) -> Self:
        names, total = [one.payer for one in self.contributors], sum(one.share for one in self.contributors)
        if self.pays and abs(total - 1) > _SHARES_TOLERANCE:
            raise broken(Broken(("contributors",), total, "shares that sum to 1", "Say who gives what."))
        if names and not self.pays:
            expected = "no contributor, since there is no envelope and no tariff"
            raise broken(Broken(("contributors",), ", ".join(names), expected, "State what the fund pays."))
        if len(set(names)) < len(names):
            expected = "each payer once"
            raise broken(Broken(("contributors",), ", ".join(names), expected, "Add up the shares."))
        if self.pays and not self.operators:
            expected = "at least one operator"
            raise broken(Broken(("operators",), Words("an empty list"), expected, "Name who is paid."))
        return self

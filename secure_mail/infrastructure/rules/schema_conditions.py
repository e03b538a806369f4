"""The shape of a condition: `always`, `all`, `any`, `not`, or one fact with one question."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    Tag,
    model_validator,
)

from secure_mail.domain.routing.facts import FACTS
from secure_mail.domain.routing.operators import Op, Operand

_NAMES = "|".join(name.replace(".", r"\.") for name in FACTS)
FactName = Annotated[str, StringConstraints(pattern=rf"^({_NAMES}|header\.[a-z0-9-]{{1,64}})$")]
Scalar = str | bool | int
Words = Annotated[list[str | int], Field(min_length=1)]
Part = Annotated[str, Field(min_length=1)]


class QuestionModel(BaseModel):
    """Exactly one operator with what to compare with."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    eq: Scalar | None = None
    ne: Scalar | None = None
    in_: Annotated[Words | None, Field(alias="in")] = None
    not_in: Words | None = None
    in_list: str | None = None
    contains: Part | None = None
    contains_any: Annotated[list[Part], Field(min_length=1)] | str | None = None
    starts_with: Part | None = None
    ends_with: Part | None = None
    matches: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    gt: int | None = None
    lt: int | None = None
    exists: bool | None = None
    intersects: Annotated[list[Part], Field(min_length=1)] | str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("ask exactly one question of a fact; combine several with all:")
        return self

    def asked(self) -> tuple[Op, Operand]:
        """The operator and what it compares with."""
        (field,) = self.model_fields_set
        value: Scalar | list[str | int] = getattr(self, field)
        return Op(field.rstrip("_")), tuple(value) if isinstance(value, list) else value


class FactModel(RootModel[dict[FactName, QuestionModel]]):
    """One fact and its question."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"minProperties": 1, "maxProperties": 1}
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.root) != 1:
            raise ValueError("name exactly one fact; combine several with all: or any:")
        return self


class AllModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    all: Annotated[list[ConditionModel], Field(min_length=1)]


class AnyModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    any: Annotated[list[ConditionModel], Field(min_length=1)]


class NotModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    not_: Annotated[ConditionModel, Field(alias="not")]


def _branch(value: object) -> str:
    """Which shape is meant: judged by the key, so that a fault is told about that shape only."""
    if isinstance(value, dict):
        return next((key for key in ("all", "any", "not") if key in value), "fact")
    return "always" if isinstance(value, str) else "fact"


ConditionModel = Annotated[
    Annotated[Literal["always"], Tag("always")]
    | Annotated[AllModel, Tag("all")]
    | Annotated[AnyModel, Tag("any")]
    | Annotated[NotModel, Tag("not")]
    | Annotated[FactModel, Tag("fact")],
    Discriminator(_branch),
]

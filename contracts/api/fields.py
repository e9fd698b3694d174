"""Short ways to declare the fields that many requests share; each carries what OpenAPI shows."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from contracts import identity_numbers

UNIT = r"^\d{2}(\.\d{2}){0,1}$"
REGION = r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$"

KINDS = ("perorangan", "cv", "pt", "pt-perorangan", "koperasi", "calon", "lainnya")
SIZES = ("micro", "small", "medium", "large")
STATES = ("active", "closed", "merged", "erased")
PURPOSES = ("service", "sharing", "publication")
HOW = ("paper", "spoken", "portal", "whatsapp", "assisted")
CHANNELS = ("store", "market", "marketplace", "social", "whatsapp", "reseller", "export", "other")
JOB_STATES = ("waiting", "running", "stopped", "succeeded", "failed")
OUTCOMES = ("new", "same", "review", "broken")

_CURSOR = 1_200
"""Letters: a name of 200 characters, of four bytes each, in base64."""


class Request(Schema):
    """What a caller sends: a field that isn't declared is refused."""

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE


class Truth(fields.Boolean):
    """True or false: neither 0 nor "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Whole(validate.Regexp):
    """The whole text is as the regular expression says: `$` alone would let a line's end follow."""

    def __call__(self, value: str) -> str:  # type: ignore[override]
        """The value; raises ValidationError."""
        if re.fullmatch(str(self.regex.pattern), value, re.ASCII) is None:
            raise ValidationError(self._format_error(value))
        return value


class Reply(Schema):
    """What the service answers. Read tolerantly, so that a newer service doesn't break an older gateway.

    How long a text may be is said where it is asked for: what was taken is answered, however long.
    """

    class Meta:
        """Marshmallow's options."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Forget the length of a text."""
        super().on_bind_field(field_name, field_obj)
        field_obj.validators = [each for each in field_obj.validators if not isinstance(each, validate.Length)]


def _about(description: str, example: Any = None) -> dict[str, Any]:
    return {"description": description} | ({} if example is None else {"example": example})


class Words(validate.Regexp):
    """Something that can be read: a text of blanks alone says nothing."""

    def __init__(self) -> None:
        super().__init__(r"\S", error="Tidak boleh kosong. / It can't be blank.")

    def __call__(self, value: str) -> str:  # type: ignore[override]
        """The value; raises ValidationError."""
        if re.search(str(self.regex.pattern), value) is None:
            raise ValidationError(self._format_error(value))
        return value


def text(description: str, example: str | None = None, *, most: int = 200, least: int = 0, **kw: Any) -> fields.String:
    """A string of at most `most` characters; one that is wanted (`required`, or `least`) isn't blank."""
    checks: list[validate.Validator] = [validate.Length(min=least, max=most)]
    if least or kw.get("required"):
        checks.append(Words())
    return fields.String(validate=checks, metadata=_about(description, example), **kw)


def prose(description: str, example: str | None = None, *, most: int = 500, least: int = 1, **kw: Any) -> fields.String:
    """What a person writes about somebody, in which no identity number may stand: it is kept as it comes."""
    said = text(description, example, most=most, least=least, **kw)
    said.validators.append(_without_number)
    return said


def _without_number(value: str) -> None:
    if identity_numbers.in_words(value):
        raise ValidationError("Jangan tulis NIK di sini. / Don't write a NIK here.")


def pattern(regex: str, description: str, example: str, **kw: Any) -> fields.String:
    """A string that matches `regex` as a whole."""
    return fields.String(validate=Whole(regex, re.ASCII), metadata=_about(description, example), **kw)


def choice(values: tuple[str, ...], description: str, **kw: Any) -> fields.String:
    """One of `values`."""
    return fields.String(validate=validate.OneOf(values), metadata=_about(description, values[0]), **kw)


def uuid(description: str, **kw: Any) -> fields.UUID:
    """An id."""
    return fields.UUID(metadata=_about(description, "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90"), **kw)


def whole(
    description: str, example: int | None = None, *, least: int = 0, most: int = 2**53, **kw: Any
) -> fields.Integer:
    """A whole number from `least` to `most`."""
    return fields.Integer(
        strict=True, validate=validate.Range(min=least, max=most), metadata=_about(description, example), **kw
    )


def rupiah(description: str, **kw: Any) -> fields.Integer:
    """Whole rupiah. The bound is far above any business and far below what a double keeps exactly."""
    return whole(description, 36_000_000, most=10**15, **kw)


def number(description: str, example: float, least: float, most: float, **kw: Any) -> fields.Float:
    """A number from `least` to `most`."""
    return fields.Float(validate=validate.Range(min=least, max=most), metadata=_about(description, example), **kw)


def yes(description: str, *, default: bool = False) -> Truth:
    """A switch of a request."""
    return Truth(load_default=default, metadata=_about(description, default))


def truth(description: str) -> fields.Boolean:
    """A boolean of a reply."""
    return fields.Boolean(metadata=_about(description, example=True))


def day(description: str, **kw: Any) -> fields.Date:
    """A date."""
    return fields.Date(metadata=_about(description, "2026-01-02"), **kw)


def moment(description: str, **kw: Any) -> fields.AwareDateTime:
    """A time with its offset."""
    return fields.AwareDateTime(metadata=_about(description, "2026-01-02T08:30:00+07:00"), **kw)


def unit(
    description: str = "Region code of the PLUT office (unit): 21 a province, 21.71 a city.", **kw: Any
) -> fields.String:
    """A PLUT office's code."""
    return pattern(UNIT, description, "21.71", **kw)


def region(description: str, example: str = "21.71.03", **kw: Any) -> fields.String:
    """A region's code."""
    return pattern(REGION, description, example, **kw)


def cursor() -> fields.String:
    """The mark of a page."""
    return text("Opaque mark of the page to read, as `next` of the page before gave it.", most=_CURSOR)


def limit(default: int = 50, most: int = 200) -> fields.Integer:
    """The length of a page."""
    return whole("How many to answer at most.", default, least=1, most=most, load_default=default)


def expected_version(**kw: Any) -> fields.Integer:
    """The version that the caller has seen."""
    return whole(
        "The version that the caller has seen; another one is refused with `version-conflict`.", 3, least=1, **kw
    )


def listing(of: type[Schema], description: str, **kw: Any) -> fields.List[Any]:
    """A list of replies."""
    return fields.List(fields.Nested(of), metadata=_about(description), **kw)


def inner(of: type[Schema], description: str, **kw: Any) -> fields.Nested:
    """One schema inside another."""
    return fields.Nested(of, metadata=_about(description), **kw)


def mapping(description: str, example: dict[str, Any] | None = None, **kw: Any) -> fields.Dict:
    """Values by name."""
    return fields.Dict(keys=fields.String(), metadata=_about(description, example), **kw)


class Page(Reply):
    """One page of a listing."""

    next = text("Mark of the next page; null on the last.", most=_CURSOR, allow_none=True)

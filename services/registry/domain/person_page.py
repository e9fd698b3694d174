"""A person's data as a page to read: the same as in the JSON files beside it, service by service, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from jinja2 import Environment, select_autoescape

from chassis.times_in_words import day, moment
from services.registry.domain.person_labels import field_name, service_name, table_name

_PAGE: Final = """<!doctype html>
<html lang="id">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Data pribadi Anda</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 1.5rem; width: 100%; }
th, td { border: 1px solid #ccc; padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { width: 14rem; background: #f4f4f4; font-weight: normal; }
</style>
{% macro shown(value) %}
{%- if value is mapping and value %}<table>
{%- for name, inner in value.items() %}
<tr><th>{{ name | field_name }}</th><td>{{ shown(inner) }}</td></tr>
{%- endfor %}</table>
{%- elif value is iterable and value is not string and value %}{% for inner in value %}{{ shown(inner) }}
{%- if inner is not mapping and not loop.last %}, {% endif %}{% endfor %}
{%- else %}{{ value | in_words }}{% endif -%}
{% endmacro %}
<h1>Data pribadi Anda / Your personal data</h1>
<p>Permintaan {{ request }}, {{ requested_at | in_words }}.
Berkas JSON dalam arsip ini berisi data yang sama untuk dibaca program.
<br>Request {{ request }} of {{ requested_at }}. The JSON files in this archive hold the same for programs.</p>
{% for service, content in parts.items() %}
<h2>{{ service | service_name }}</h2>
{% for name, records in content.items() %}
<h3>{{ name | table_name(service) }} ({{ records | length }})</h3>
{{ shown(records) }}
{% else %}<p>Tidak ada. / Nothing.</p>
{% endfor %}
{% endfor %}
</html>
"""


NOTHING: Final = "\N{EN DASH}"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?[+-]\d\d:\d\d")


def person_page(*, request: str, requested_at: str, parts: Mapping[str, Mapping[str, Any]]) -> str:
    """HTML of what each service (`parts` by name) has handed over: `{name of a kind: list of records}`."""
    environment = Environment(autoescape=select_autoescape(default=True, default_for_string=True))
    for each in (service_name, table_name, field_name, in_words):
        environment.filters[each.__name__] = each
    return environment.from_string(_PAGE).render(request=request, requested_at=requested_at, parts=parts)


def in_words(value: Any) -> Any:
    """A value of JSON as people write it: days and times in words, yes and no, and a dash for nothing."""
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "Ya" if value else "Tidak"
    if isinstance(value, str):
        # a text of somebody's that only looks like a time stays what it is
        with suppress(ValueError, OverflowError):
            if _MOMENT.fullmatch(value):
                return moment(value, "id")
            if _DAY.fullmatch(value):
                return day(value, "id")
    return value

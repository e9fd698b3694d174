"""A person's data as a page to read: the same as in the JSON files beside it, service by service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, select_autoescape

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
{%- if value is mapping %}<table>
{%- for name, inner in value.items() if inner not in (none, "", [], {}) %}
<tr><th>{{ name | replace("_", " ") }}</th><td>{{ shown(inner) }}</td></tr>
{%- endfor %}</table>
{%- elif value is iterable and value is not string %}{% for inner in value %}{{ shown(inner) }}
{%- if inner is not mapping and not loop.last %}, {% endif %}{% endfor %}
{%- else %}{{ value }}{% endif -%}
{% endmacro %}
<h1>Data pribadi Anda / Your personal data</h1>
<p>Permintaan {{ request }} pada {{ requested_at }}. Berkas JSON dalam arsip ini berisi data yang sama untuk dibaca program.
<br>Request {{ request }} of {{ requested_at }}. The JSON files in this archive hold the same for programs.</p>
{% for service, content in parts.items() %}
<h2>{{ service }}</h2>
{% for name, records in content.items() %}
<h3>{{ name | replace("_", " ") }} ({{ records | length }})</h3>
{{ shown(records) }}
{% else %}<p>Tidak ada. / Nothing.</p>
{% endfor %}
{% endfor %}
</html>
"""


def person_page(*, request: str, requested_at: str, parts: Mapping[str, Mapping[str, Any]]) -> str:
    """HTML of what each service (`parts` by name) has handed over: `{name of a kind: list of records}`."""
    template = Environment(autoescape=select_autoescape(default=True, default_for_string=True)).from_string(_PAGE)
    return template.render(request=request, requested_at=requested_at, parts=parts)

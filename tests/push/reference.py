"""The values table and the wire form in plain Python, row by row: slow, and easy to believe."""

import datetime as dt
import json
from decimal import Decimal


def text_of(value, separator="|"):  # noqa: PLR0911 - a table, a line each
    """The text of one value, or None if nothing is sent."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        digits = format(Decimal(repr(value)), "f")
        return digits if "." in digits else f"{digits}.0"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime | dt.time):
        return _clock(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return _duration(value)
    return separator.join(text_of(element) for element in value)


def _clock(value):
    """ISO 8601 with the fraction's trailing zeros trimmed."""
    whole = value.replace(microsecond=0).isoformat()
    if not value.microsecond:
        return whole
    fraction = f".{value.microsecond:06d}".rstrip("0")
    position = len(value.replace(microsecond=0, tzinfo=None).isoformat())
    return whole[:position] + fraction + whole[position:]


def _duration(value):
    """``-P1DT2H3.5S``: days and smaller, zero parts left out."""
    micros = value // dt.timedelta(microseconds=1)
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    seconds, micros = divmod(micros, 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{micros:06d}".rstrip("0") if micros else ""
    clock = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
    clock += f"{seconds}{fraction}S" * bool(seconds or micros)
    date = f"{days}D" * bool(days)
    if not date and not clock:
        return "PT0S"
    return f"{sign}P{date}" + (f"T{clock}" if clock else "")


def entities(rows, key, columns, *, clear=False, delete=None):
    """The entities of dictionaries ``rows``; ``columns`` are (column, property id, language)."""
    made = []
    for row in rows:
        if delete is not None and row[delete]:
            made.append({"key": text_of(row[key]), "delete": True, "properties": []})
            continue
        properties = []
        for column, property_id, language in columns:
            value = text_of(row[column])
            if value is None and clear:
                value = ""
            if value is not None:
                properties.append({"id": property_id, "language": language, "value": value})
        made.append({"key": text_of(row[key]), "delete": False, "properties": properties})
    return made


def merged(rows, key):
    """The rows of each key as one: of each column the last value that is not null, in the order of first rows."""
    made = {}
    for row in rows:
        there = {column: value for column, value in row.items() if value is not None}
        made[row[key]] = made.get(row[key], dict.fromkeys(row)) | there
    return list(made.values())


def spoken(rows, key, language, delete, value):
    """The entities of rows of a key and language that were merged, and the keys that say both of their deletion."""
    alone = [merged([row for row in rows if row[language] == tag], key) for tag in {row[language] for row in rows}]
    rows_of = {row[key]: [found for group in alone for found in group if found[key] == row[key]] for row in rows}
    made, odd = [], []
    for name, found in rows_of.items():
        told = {row[delete] for row in found} - {None}
        if len(told) > 1:
            odd.append(name)
            continue
        values = {row[language]: row[value] for row in found if row[value] is not None and told != {True}}
        made.append((name, told == {True}, values))
    return made, odd


def sent(plan):
    """The entities in all bodies of ``plan``, after the checks that every body must pass."""
    found = []
    for body in plan.bodies():
        assert isinstance(body, bytes)
        assert len(body) <= 20_000_000
        document = json.loads(body)
        assert list(document) == ["entities"]
        assert 1 <= len(document["entities"]) <= 1_000
        found += document["entities"]
    return found

# SPDX-License-Identifier: MIT
"""What the specification says of single values: column transformations, casts and what an insert makes of a
text. Read from the specification's words and written in plain Python, so that it can judge the SQL; it shares
nothing with it. A value is text, or None for NULL. Fatal is raised where the original ends with an error."""

import calendar
import datetime
import decimal
import json
import re
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
DAY = datetime.timedelta(days=1)
NULLS = {"", "nan", "NaT", "<NA>", "None", "nan ", "NaT ", "<NA> ", "None "}


class Fatal(Exception):
    """The original would end here; a compat run writes NULL and measures a bad value."""


def blank(text):
    return text is None or text == ""


def date(text):
    """Day first, ISO accepted; None for what is no date."""
    if text is None:
        return None
    text = text.strip()
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", text)
    day_first = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?",
                             text)
    if iso:
        year, month, day = map(int, iso.groups()[:3])
    elif day_first:
        day, month, year = map(int, day_first.groups()[:3])
    else:
        return None
    clock = [int(part or 0) for part in (iso or day_first).groups()[3:]]
    try:
        return datetime.datetime(year, month, day, *clock)
    except ValueError:
        return None


def need_date(text):
    found = date(text)
    if found is None:
        raise Fatal(f"{text!r} is not a date")
    return found


def years(when, count):
    year = when.year + count
    return when.replace(year=year, day=min(when.day, calendar.monthrange(year, when.month)[1]))


def show(when):
    return None if when is None else when.strftime("%Y-%m-%d %H:%M:%S")


def money(text):
    try:
        return decimal.Decimal(text)
    except (decimal.InvalidOperation, TypeError) as error:
        raise Fatal(f"{text!r} is not an amount") from error


def working_days(start, count):
    """numpy's busday_offset (start, count, roll="forward"), Monday to Friday."""
    while start.weekday() > 4:
        start += DAY
    step = DAY if count > 0 else -DAY
    for _ in range(abs(count)):
        start += step
        while start.weekday() > 4:
            start += step
    return start


def tax_year_end(when):
    """31 March on or after @when."""
    return when.replace(year=when.year + (when.month > 3), month=3, day=31)


def squash_columns(*texts):
    return json.dumps(list(texts))


def convert_to_bool(text):
    return "true" if text in ("1", "1.0") else "false"


def multiply_by_100(text):
    return str(int(money(text) * 100))


def absolute_value(text):
    return str(abs(money(text)))


def money_poundPence(text):  # pylint: disable=invalid-name
    return str(money("0" if text in ("", " ") else text))


def first_two_chars(text):
    if text is None:
        raise Fatal("NULL has no characters")
    return text[:2]


def add_one_year(text):
    return None if blank(text) else show(years(need_date(text), 1))


def start_of_tax_year(text):
    end = tax_year_end(need_date(text))
    return show(end.replace(year=end.year - 1, month=4, day=1))


def end_of_tax_year(text):
    return show(tax_year_end(need_date(text)))


def fee_reduction_end_date(text):
    when = need_date(text)
    return show(when - DAY if (when.month, when.day) == (4, 1) else tax_year_end(when))


def credit_type_from_invoice_ref(text):
    for mark, kind in (("Z", "CREDIT REMISSION"), ("CR", "CREDIT MEMO"), ("WO", "CREDIT WRITE OFF")):
        if text is not None and (text.startswith(mark) or text.endswith(mark)):
            return kind
    return None


def calculate_duedate(text):
    when = date(text)
    if when is None:
        return None
    when += 21 * DAY
    while when.weekday() > 4:
        when += DAY
    return show(when)


def calculate_startdate(text):
    when = date(text)
    return None if when is None else show(years(when, -1) + DAY)


def is_at_least_one_set(*texts):
    return "true" if any(not blank(text) for text in texts) else "false"


def coalesce(*texts):
    return next((text for text in texts if not blank(text)), None)


def convert_to_timestamp(day, clock):
    if day in (None, "", "NaT", "nan"):
        return None
    try:
        start = datetime.datetime.strptime(day[:10], "%Y-%m-%d")
    except ValueError as error:
        raise Fatal(f"{day!r} is not a date") from error
    parts = (0, 0, 0) if clock in (None, "", "NaT", "nan") else map(int, clock.split(".")[0].split(":"))
    hour, minute, second = parts
    there = start.replace(hour=hour, minute=minute, second=second, tzinfo=LONDON)
    if there.astimezone(datetime.timezone.utc).astimezone(LONDON).replace(tzinfo=None) != there.replace(tzinfo=None):
        raise Fatal(f"{day} {clock} is skipped by the clocks")
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        raise Fatal(f"{day} {clock} is there twice")
    return show(there.astimezone(datetime.timezone.utc))


def first_word(text):
    return text.split(" ")[0].title()


def last_words(text):
    return " ".join(text.split(" ")[1:]).title()


def capitalise_first_letter(text):
    return text.title()


TRANSFORMATIONS = {
    function.__name__: function for function in (
        squash_columns, convert_to_bool, multiply_by_100, absolute_value, money_poundPence, first_two_chars,
        add_one_year, start_of_tax_year, end_of_tax_year, fee_reduction_end_date, credit_type_from_invoice_ref,
        calculate_duedate, calculate_startdate, is_at_least_one_set, coalesce, convert_to_timestamp, first_word,
        last_words, capitalise_first_letter)
}


def cast(kind, text):
    """The typed value of step 9 and the insert, as text; Fatal where the original ends."""
    if text is None or text in NULLS:
        return None
    if kind in ("date", "datetime"):
        return show(need_date(text))
    if kind in ("int", "bigint"):
        number = decimal.Decimal(float(money(text)))
        if number != int(number):
            raise Fatal(f"{text!r} is not a whole number")
        return str(int(number))
    if kind == "bool":
        low = text.lower()
        if low in ("true", "t", "1", "1.0"):
            return "t"
        if low in ("false", "f", "0", "0.0"):
            return "f"
        raise Fatal(f"{text!r} is neither true nor false")
    if kind == "Decimal":
        return format(decimal.Decimal(repr(float(money(text)))).normalize(), "f")
    return text

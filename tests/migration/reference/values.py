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


ISO = re.compile(r"\s*(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,9})?)?\s*)?", re.ASCII)
NUMBERS = re.compile(r"(\d{4}|\d{1,2})[/. -](\d{1,2})[/. -](\d{4}|\d{1,2})(?:(?:t| +)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,9})?)?(?: *([ap])m)?)?",
                     re.ASCII)
RUN_YEAR = 2022


def at(year, month, day, *clock):
    try:
        return datetime.datetime(int(year), int(month), int(day), *(int(part or 0) for part in clock))
    except ValueError:
        return None


def full_year(text):
    """Years of two digits are those closest to the run's."""
    if len(text) > 2:
        return int(text)
    year = RUN_YEAR // 100 * 100 + int(text)
    return year - 100 if year >= RUN_YEAR + 50 else year + 100 if year < RUN_YEAR - 50 else year


def date(text):
    """Day first, ISO accepted, as dateutil and pandas sort numbers; None for what is no date. Names of months are
    judged by dates.json."""
    if text is None:
        return None
    if (iso := ISO.fullmatch(text)) and (found := at(iso[1], *iso.groups()[2:])):
        return found
    parts = NUMBERS.fullmatch(text.strip().lower())
    if not parts:
        return None
    first, second, third, hour, minute, sec, half = parts.groups()
    if half:
        hour = int(hour) % 12 + 12 * (half == "p") if int(hour) <= 12 else 99
    if len(first) == 4 or int(first) > 31:
        day, month = (second, third) if int(third) <= 12 else (third, second)
        return at(full_year(first), month, day, hour, minute, sec)
    day, month = (first, second) if int(first) > 12 or int(second) <= 12 else (second, first)
    return at(full_year(third), month, day, hour, minute, sec)


def held(when):
    """Whether a time of pandas can be this: nanoseconds from 1970, in 64 bits."""
    return datetime.datetime(1677, 9, 21, 0, 12, 44) <= when <= datetime.datetime(2262, 4, 11, 23, 47, 16)


def coerced(text):
    """A date; None for what is none or out of bounds, as pandas has it with errors="coerce"."""
    found = date(text)
    return found if found is not None and held(found) else None


def need_date(text):
    found = date(text)
    if found is None:
        raise Fatal(f"{text!r} is not a date")
    return found


def need_held(when):
    """With which it can be calculated, or which is what comes out."""
    if not held(when):
        raise Fatal(f"{when} is out of bounds")
    return when


def years(when, count):
    year = when.year + count
    return when.replace(year=year, day=min(when.day, calendar.monthrange(year, when.month)[1]))


def show(when):
    return None if when is None else when.strftime("%Y-%m-%d %H:%M:%S")


def money(text):
    try:
        found = decimal.Decimal(text)
    except (decimal.InvalidOperation, TypeError) as error:
        raise Fatal(f"{text!r} is not an amount") from error
    if not found.is_finite() or not text.isascii():
        raise Fatal(f"{text!r} is no amount that a column could hold")
    return found


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


def workday_before(day):
    """numpy's roll="backward": the Friday before a day of the weekend."""
    while day.weekday() > 4:
        day -= DAY
    return day


def tax_year_end(when):
    """31 March on or after @when."""
    return when.replace(year=when.year + (when.month > 3), month=3, day=31)


def midnight(when):
    return when.replace(hour=0, minute=0, second=0)


def day_behind(when):
    """The next day, which the last of all has not: a text that is no date then."""
    return show(midnight(when) + DAY) if when.date() < datetime.date.max else "10000-01-01"


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
    return None if blank(text) else show(need_held(years(need_held(need_date(text)), 1)))


def start_of_tax_year(text):
    end = midnight(tax_year_end(need_held(need_date(text))))
    return show(end.replace(year=end.year - 1, month=4, day=1))


def end_of_tax_year(text):
    return show(need_held(midnight(tax_year_end(need_held(need_date(text))))))


def fee_reduction_end_date(text):
    when = need_held(need_date(text))
    return show(when - DAY if (when.month, when.day) == (4, 1) else need_held(tax_year_end(when)))


def credit_type_from_invoice_ref(text):
    for mark, kind in (("Z", "CREDIT REMISSION"), ("CR", "CREDIT MEMO"), ("WO", "CREDIT WRITE OFF")):
        if text is not None and (text.startswith(mark) or text.endswith(mark)):
            return kind
    return None


def calculate_duedate(text):
    when = coerced(text)
    if when is None:
        return None
    when += 21 * DAY
    while when.weekday() > 4:
        when += DAY
    return show(when) if held(when) else None


def calculate_startdate(text):
    when = coerced(text)
    return None if when is None or not held(years(when, -1) + DAY) else show(years(when, -1) + DAY)


def is_at_least_one_set(*texts):
    return "true" if any(not blank(text) for text in texts) else "false"


def coalesce(*texts):
    return next((text for text in texts if not blank(text)), None)


def day_and_clock(day, clock):
    clock = "00:00:00" if clock in (None, "", "NaT", "nan") else clock.split(".")[0]
    try:
        if not (day + clock).isascii():
            raise ValueError
        return datetime.datetime.strptime(f"{day[:10]} {clock}", "%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        raise Fatal(f"{day!r} {clock!r} is not a time") from error


def convert_to_timestamp(day, clock):
    if day in (None, "", "NaT", "nan"):
        return None
    there = need_held(day_and_clock(day, clock)).replace(tzinfo=LONDON)
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
        try:
            number = float(text)
        except ValueError as error:
            raise Fatal(f"{text!r} is not a number") from error
        bits = 31 if kind == "int" else 63
        if not number.is_integer() or not -2 ** bits <= number < 2 ** bits or not text.isascii():
            raise Fatal(f"{text!r} is not a whole number that the column holds")
        return str(int(number))
    if kind == "bool":
        low = text.strip().lower()
        if low and low in ("true", "tru", "tr", "t", "yes", "ye", "y", "on", "1"):
            return "t"
        if low and low in ("false", "fals", "fal", "fa", "f", "no", "n", "off", "of", "0"):
            return "f"
        raise Fatal(f"{text!r} is neither true nor false")
    if kind == "Decimal":
        number = float(money(text))
        if number in (float("inf"), float("-inf")):
            raise Fatal(f"{text!r} is too great")
        return format(decimal.Decimal(repr(number)).normalize(), "f")
    return text

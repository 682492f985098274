# SPDX-License-Identifier: MIT
"""The helper functions of schema slipway against Python itself: str.title, str.upper, json.dumps, Decimal, float,
datetime and zoneinfo judge them on thousands of seeded random inputs. Exact cases stand in
tests/unit/migration/test-functions.c."""

import datetime
import decimal
import glob
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402
import server  # noqa: E402

FUNCTIONS = os.path.join(HERE, "..", "..", "data", "migration", "functions", "*.sql")
ROWS = 4000
LONDON = zoneinfo.ZoneInfo("Europe/London")
LETTERS = "abcxyzABCXYZéÉßüÖøŁńœĲıžſ中ªα Ω λог'-.’ 0123456789(&/\t"
JSON = 'ab "\\/\b\f\n\r\t\x01\x1f\x7f\x80é\u2028中😀'


def text(chance, alphabet, longest):
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(0, longest)))


def number(chance):
    kind = chance.random()
    if kind < 0.2:
        return chance.choice(["", " ", "abc", "1,000.00", "--1", "1e", "NaN", "1__0", ".", "+", "£3", "1_0", "_1", "1e999",
                              "-1E400", "1e-300", "Infinity", "１２"])
    sign = chance.choice(["", "", "-", "+"])
    whole = str(chance.randint(0, 10 ** chance.randint(1, 11)))
    part = chance.choice(["", ".", ".0", "." + str(chance.randint(0, 999)), "." + str(chance.randint(0, 99)).zfill(2)])
    return chance.choice(["", " "]) + sign + whole + part + chance.choice(["", "", "", "e2", "E-3"])


def to_decimal(given):
    try:
        found = decimal.Decimal(given)
    except decimal.InvalidOperation:
        return None
    return found if found.is_finite() and given.isascii() else None


def plain(value):
    return None if value is None else format(value, "f")


def pence(given):
    found = to_decimal(given)
    return None if found is None else str(int(found * 100))


def whole(given):
    try:
        found = float(given)
    except ValueError:
        return None
    return str(int(found)) if found.is_integer() and -2**31 <= found < 2**31 and given.isascii() else None


def day(chance):
    return datetime.datetime(1950, 1, 1) + datetime.timedelta(days=chance.randint(0, 36000))


def shown(chance):
    """A date as some file might write it."""
    when = day(chance)
    return when.strftime(chance.choice(["%Y-%m-%d", "%Y-%m-%d 00:00:00", "%d/%m/%Y", "%d-%m-%Y", "%d %b %Y"]))


def read(given):
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%d-%m-%Y", "%d %b %Y"):
        try:
            return datetime.datetime.strptime(given, form)
        except ValueError:
            continue
    return None


def stamp(when):
    return None if when is None else when.strftime("%Y-%m-%d %H:%M:%S")


def due(given):
    when = read(given) + datetime.timedelta(days=21)
    while when.weekday() > 4:
        when += datetime.timedelta(days=1)
    return stamp(when)


def next_year(given):
    when = read(given)
    try:
        return stamp(when.replace(year=when.year + 1))
    except ValueError:
        return stamp(when.replace(year=when.year + 1, day=28))


def clock(chance):
    """Local times, many of them close to a change of the clocks."""
    if chance.random() < 0.5:
        when = day(chance)
    else:
        when = datetime.datetime(chance.randint(1973, 2025), chance.choice([3, 10]), chance.randint(24, 31))
    return stamp(when + datetime.timedelta(hours=chance.choice([0, 1, 2, 12]), seconds=chance.randint(0, 3599)))


def utc(given):
    local = datetime.datetime.fromisoformat(given)
    first, second = (local.replace(tzinfo=LONDON, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        return None
    return stamp(first.astimezone(datetime.timezone.utc))


def working(given):
    start, count = given.split(" ")
    when, count = datetime.date.fromisoformat(start), int(count)
    step = datetime.timedelta(days=1 if count > 0 else -1)
    while when.weekday() > 4:
        when += datetime.timedelta(days=1)
    for _ in range(abs(count)):
        when += step
        while when.weekday() > 4:
            when += step
    return when.isoformat()


def luhn(given):
    digits = [int(digit) for digit in reversed(given)]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return given + str(total * 9 % 10)


def float_text(given):
    found = to_decimal(given)
    return None if found is None or math.isinf(float(found)) else repr(float(found) + 0.0)  # numeric has no -0


# A claim: SQL over the given text g, what makes inputs, and what Python says.
CLAIMS = {
    "titles_are_those_of_str_title": (
        "slipway.capitalise_first_letter (g)", lambda c: text(c, LETTERS, 24), str.title),
    "ascii_titles_are_those_of_str_title": (
        "slipway.capitalise_first_letter (g)", lambda c: text(c, LETTERS[:6] + "'- 12mc.", 24), str.title),
    "capitals_are_those_of_str_upper": ("slipway.capitalise (g)", lambda c: text(c, LETTERS, 24), str.upper),
    "first_words_are_pythons": (
        "slipway.first_word (g)", lambda c: text(c, "abC  é1", 12), lambda g: g.split(" ", 1)[0].title()),
    "last_words_are_pythons": (
        "slipway.last_words (g)", lambda c: text(c, "abC  é1", 12), lambda g: (g.split(" ", 1) + [""])[1].title()),
    "json_lists_are_those_of_json_dumps": (
        "slipway.squash_columns (g, '', NULL, g)", lambda c: text(c, JSON, 12), lambda g: json.dumps([g, "", None, g])),
    "validations_expect_json_lists_of_json_dumps": (
        "slipway.transf_squash_columns (g, '', NULL, g)", lambda c: text(c, JSON, 12), lambda g: json.dumps([g, "", None, g])),
    "single_values_are_those_of_json_dumps": (
        "slipway.json_value (g)", lambda c: text(c, JSON, 12), json.dumps),
    "amounts_are_those_of_decimal": (
        "trim_scale (slipway.as_decimal (g))", number,
        lambda g: None if to_decimal(g) is None else plain(to_decimal(g).normalize() + 0)),
    "pence_are_cut_off_as_int_does": ("slipway.multiply_by_100 (g)", number, pence),
    "whole_numbers_are_those_of_float": ("slipway.as_int (g)", number, whole),
    "floats_are_shown_as_repr_does": ("slipway.float_text (slipway.as_decimal (g))", number, float_text),
    "dates_are_those_of_strptime": ("slipway.day_first (g, 2022)", shown, lambda g: stamp(read(g))),
    "due_dates_end_on_working_days": ("slipway.calculate_duedate (slipway.day_first (g))", shown, due),
    "a_year_on_is_replace": ("slipway.add_one_year (slipway.day_first (g))", shown, next_year),
    "london_is_that_of_zoneinfo": ("slipway.london_to_utc (g::timestamp)", clock, utc),
    "working_days_are_walked": (
        "slipway.working_days (split_part (g, ' ', 1)::date, split_part (g, ' ', 2)::integer)",
        lambda c: f"{day(c).date()} {c.randint(-90, 90)}", working),
    "check_digits_are_those_of_luhn": (
        "slipway.with_luhn (g::bigint)", lambda c: str(c.randint(1, 10 ** c.randint(1, 12))), luhn),
}


def answers(postgres, name, expression, given):
    """What the SQL says of each input, through a file so that every character arrives as it is."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8", newline="") as script:
        rows = ",\n".join(f"({place}, convert_from (decode ('{one.encode().hex()}', 'hex'), 'UTF8'))"
                          for place, one in enumerate(given))
        script.write(f"SELECT coalesce (json_agg (({expression})::text ORDER BY n), '[]')\n"
                     f"  FROM (VALUES {rows}) AS given (n, g);\n")
        script.flush()
        done = subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-f", script.name,
                               postgres.conninfo(name)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def read_as_by_pandas(tap, postgres, name):
    """What pandas 1.5.3 with dateutil 2.8.2 says to pd.to_datetime (…, dayfirst=True), recorded."""
    with open(os.path.join(HERE, "reference", "dates.json"), encoding="utf-8") as file:
        recorded = json.load(file)
    given = sorted(recorded["dates"])
    found = answers(postgres, name, f"date_trunc ('second', slipway.day_first (g, {recorded['year']}))", given)
    wrong = [f"{one!r}: pandas says {recorded['dates'][one]!r}, SQL says {said!r}"
             for one, said in zip(given, found) if recorded["dates"][one] != said]
    tap.result(not wrong and len(found) > 300, "dates_are_read_as_by_pandas", "\n".join(wrong[:10]))


def near(texts, others):
    """@texts with one letter exchanged, taken out or put in."""
    return sorted({one[:place] + other + one[place + length:] for one in texts for place in range(len(one) + 1) for length in (0, 1)
                   for other in ("", *others)})


def the_short_way_is_the_long_one(tap, postgres, name):
    """What is put into a query for texts that are surely dates, times or numbers says what the function for all texts says."""
    texts = {"date": near(("2020-10-28", "1999-02-19 00:00:00", "2100-01-01"), "01239- :/.a\uff11"),
             "time": near(("2020-03-14 14:00:38", "1972-10-13 23:59:59", "1971-07-28 00:00:00"), "01239- :/.a\uff11"),
             "number": near(("12", "-1.5", "99999999999999.5", "123456789", "999999999999999", "."), "0129-+. _e\uff11")}
    time = "(left (g, 10), substr (g, 12))"
    told = f"slipway.london_to_utc (slipway.held (slipway.date_and_time {time}))"
    judges = {"slipway.day_first (g, 2022)": ("date", "slipway.day_first_any (g, 2022)"),
              "slipway.valid_timestamp (g)": ("date", "slipway.day_first_any (g, 2022)"),
              f"slipway.convert_to_timestamp {time}": ("time", told),
              "slipway.as_int (g)": ("number", "slipway.as_int (' ' || g)"),
              "slipway.as_bigint (g)": ("number", "slipway.as_bigint (' ' || g)"),
              "slipway.as_decimal (g)": ("number", "slipway.as_decimal (' ' || g)")}
    wrong = []
    for short, (kind, long) in judges.items():
        found = answers(postgres, name, f"set_config ('slipway.run_year', '2022', false) || "
                                        f"({short} IS NOT DISTINCT FROM {long}) || ({short} IS NULL)", texts[kind])
        wrong += [f"{short} of {one!r}: {same}" for one, same in zip(texts[kind], found) if not same.startswith("2022true")]
        if found.count("2022truefalse") < 10 or found.count("2022truetrue") < 10:
            wrong.append(f"{short} finds nothing to compare: {found}")
    # Whatever the clock's changes: half past each of the first hours of each day.
    changes = postgres.rows(name, f"SELECT g FROM (SELECT to_char (d + m, 'YYYY-MM-DD HH24:MI:SS') AS g FROM generate_series ('1970-01-01',"
                                  f" '2040-01-01', interval '1 day') AS d, unnest ('{{0:30,1:30,2:30}}'::interval[]) AS m) AS given WHERE"
                                  f" slipway.convert_to_timestamp {time} IS DISTINCT FROM {told}")
    tap.result(not wrong and not changes, "the_short_way_is_the_long_one", "\n".join(wrong[:10] + [str(one) for one in changes[:10]]))


def nothing_ends_a_statement(tap, postgres, name):
    """What no column can hold is NULL for every function, and no error that ends a run."""
    given = ["9" * 131073, "1e99999", "-" + "9" * 400 + "." + "9" * 400, "9" * 309, "0." + "0" * 400 + "1", "2262-04-12", "9999-12-31",
             "99999-99-99", "１２/０１/２０２０", "0" * 5000]
    wrong = [f"{expression}: {found}" for expression, found in (
        (expression, answers(postgres, name, expression, given)) for expression in (
            "slipway.as_int (g)", "slipway.as_bigint (g)", "slipway.as_bool (g)", "slipway.held (slipway.day_first (g))"))
             if set(found) != {None}]
    for expression in ("slipway.through_float (slipway.as_decimal (g))", "slipway.float_text (slipway.as_decimal (g))",
                       "slipway.multiply_by_100 (g)", "slipway.add_one_year (slipway.day_first (g))",
                       "slipway.date_and_time (g, g)", "slipway.convert_to_timestamp (g, g)"):
        answers(postgres, name, expression, given)
    tap.result(not wrong, "nothing_ends_a_statement", "\n".join(wrong))


def check(tap, postgres, name, claim, seed):
    expression, make, judge = CLAIMS[claim]
    chance = random.Random(f"{seed}/{claim}")
    given = [make(chance) for _ in range(ROWS)]
    found = answers(postgres, name, expression, given)
    wrong = [f"{one!r}: Python says {judge(one)!r}, SQL says {said!r}"
             for one, said in zip(given, found) if judge(one) != said]
    tap.result(not wrong and len(found) == ROWS, claim, "\n".join([f"{len(wrong)} of {ROWS} differ"] + wrong[:10]))


def main():
    tap = drive.Tap()
    reason = server.why_not()
    if reason:
        tap.skip("functions", reason)
        return tap.end()
    with server.Server() as postgres:
        name = "functions"
        postgres.database(name)
        for path in sorted(glob.glob(FUNCTIONS)):
            with open(path, encoding="utf-8") as file:
                postgres.psql(name, file.read())
        for claim in CLAIMS:
            check(tap, postgres, name, claim, os.environ.get("SLIPWAY_SEED", "1"))
        read_as_by_pandas(tap, postgres, name)
        the_short_way_is_the_long_one(tap, postgres, name)
        nothing_ends_a_statement(tap, postgres, name)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())

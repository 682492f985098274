# SPDX-License-Identifier: MIT
"""The judge itself: each transformation, cast, condition and decision table against the cases that the
specification names, written out by hand. A judge that is wrong would convict the right."""

import copy
import datetime
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "reference"), os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import compare  # noqa: E402
import decisions  # noqa: E402
import drive  # noqa: E402
import pipeline  # noqa: E402
import values  # noqa: E402

DIES = object()
TODAY = datetime.datetime(2022, 6, 15)
SINGLE = [
    ("squash_columns", ("1 High St", ""), '["1 High St", ""]'),
    ("squash_columns", ("Årby", 'a "b"'), '["\\u00c5rby", "a \\"b\\""]'),
    ("convert_to_bool", ("1",), "true"), ("convert_to_bool", ("1.0",), "true"),
    ("convert_to_bool", ("",), "false"), ("convert_to_bool", ("2",), "false"),
    ("multiply_by_100", ("12.345",), "1234"), ("multiply_by_100", ("-3.999",), "-399"),
    ("multiply_by_100", ("0.57",), "57"), ("multiply_by_100", ("",), DIES),
    ("absolute_value", ("-60.00",), "60.00"), ("absolute_value", ("",), DIES),
    ("money_poundPence", ("",), "0"), ("money_poundPence", (" ",), "0"), ("money_poundPence", ("12.345",), "12.345"),
    ("first_two_chars", ("AD1",), "AD"), ("first_two_chars", (None,), DIES),
    ("add_one_year", ("29/02/2020",), "2021-02-28 00:00:00"), ("add_one_year", ("",), None),
    ("add_one_year", ("soon",), DIES),
    ("start_of_tax_year", ("31/03/2012",), "2011-04-01 00:00:00"),
    ("start_of_tax_year", ("2012-03-31 10:20:30",), "2011-04-01 00:00:00"), ("add_one_year", ("9999-12-31",), DIES),
    ("fee_reduction_end_date", ("2012-04-02 10:20:30",), "2013-03-31 10:20:30"), ("calculate_duedate", ("2262-04-11",), None),
    ("end_of_tax_year", ("31/03/2012",), "2012-03-31 00:00:00"),
    ("start_of_tax_year", ("01/04/2012",), "2012-04-01 00:00:00"),
    ("end_of_tax_year", ("01/04/2012",), "2013-03-31 00:00:00"), ("start_of_tax_year", ("",), DIES),
    ("fee_reduction_end_date", ("2022-03-31",), "2022-03-31 00:00:00"),
    ("fee_reduction_end_date", ("2022-04-01",), "2022-03-31 00:00:00"),
    ("fee_reduction_end_date", ("2022-04-02",), "2023-03-31 00:00:00"),
    ("credit_type_from_invoice_ref", ("Z1",), "CREDIT REMISSION"),
    ("credit_type_from_invoice_ref", ("CR1Z",), "CREDIT REMISSION"),
    ("credit_type_from_invoice_ref", ("1CR",), "CREDIT MEMO"),
    ("credit_type_from_invoice_ref", ("WO1",), "CREDIT WRITE OFF"), ("credit_type_from_invoice_ref", ("AD1",), None),
    ("calculate_duedate", ("2022-06-10",), "2022-07-01 00:00:00"),
    ("calculate_duedate", ("2022-06-11",), "2022-07-04 00:00:00"),
    ("calculate_duedate", ("2022-06-12",), "2022-07-04 00:00:00"), ("calculate_duedate", ("x",), None),
    ("calculate_startdate", ("2022-06-11",), "2021-06-12 00:00:00"),
    ("calculate_startdate", ("2020-02-29",), "2019-03-01 00:00:00"), ("calculate_startdate", (None,), None),
    ("is_at_least_one_set", ("", None, "x"), "true"), ("is_at_least_one_set", ("", None), "false"),
    ("coalesce", ("", None, "x", "y"), "x"), ("coalesce", ("", None), None),
    ("convert_to_timestamp", ("2020-06-12 00:00:00", ""), "2020-06-11 23:00:00"),
    ("convert_to_timestamp", ("2020-01-12", "10:20:30.9"), "2020-01-12 10:20:30"),
    ("convert_to_timestamp", ("NaT", "10:20:30"), None), ("convert_to_timestamp", ("12/06/2020", ""), DIES),
    ("convert_to_timestamp", ("2020-03-29", "01:30:00"), DIES), ("convert_to_timestamp", ("2020-10-25", "01:30:00"), DIES),
    ("first_word", ("mary jane",), "Mary"), ("first_word", (" mary",), ""), ("last_words", ("mary jane ann",), "Jane Ann"),
    ("last_words", ("mary",), ""), ("capitalise_first_letter", ("o'neil",), "O'Neil"),
    ("capitalise_first_letter", ("MC-DONALD",), "Mc-Donald"), ("capitalise_first_letter", ("1st",), "1St"),
]
CASTS = [("int", "14.0", "14"), ("int", "12.5", DIES), ("int", "", None), ("date", "05/06/2020", "2020-06-05 00:00:00"),
         ("date", "2020-06-05", "2020-06-05 00:00:00"), ("date", "2021-13-45", DIES), ("bool", "0", "f"),
         ("bool", "true", "t"), ("str", "None", None), ("str", "nan ", None), ("str", " ", " "), ("Decimal", "60.00", "60"),
         ("date", "9999-12-31", "9999-12-31 00:00:00"), ("date", "2020-10-05 ", "2020-05-10 00:00:00"), ("int", "1_000", "1000"),
         ("date", "04/13/2020", "2020-04-13 00:00:00"), ("date", "1/1/72", "1972-01-01 00:00:00"), ("bool", "1.0", DIES)]
WORKING_DAYS = [("2022-06-11", 1, "2022-06-14"), ("2022-06-10", 1, "2022-06-13"), ("2022-06-12", -1, "2022-06-10"),
                ("2022-06-15", -15, "2022-05-25"), ("2022-06-15", -71, "2022-03-08"), ("2022-02-14", 40, "2022-04-11")]


def outcome(function, *words):
    try:
        return function(*words)
    except values.Fatal:
        return DIES


def transformations_do_as_specified():
    for name, texts, wanted in SINGLE:
        got = outcome(values.TRANSFORMATIONS[name], *texts)
        yield got == wanted, f"{name}{texts}: {got!r}, expected {wanted!r}"
    untried = set(values.TRANSFORMATIONS) - {name for name, _, _ in SINGLE}
    yield not untried, f"never tried: {untried}"


def casts_do_as_specified():
    for kind, text, wanted in CASTS:
        got = outcome(values.cast, kind, text)
        yield got == wanted, f"{kind} of {text!r}: {got!r}, expected {wanted!r}"


def working_days_roll_forward_first():
    for start, count, wanted in WORKING_DAYS:
        got = values.working_days(datetime.datetime.fromisoformat(start), count)
        yield got.strftime("%Y-%m-%d") == wanted, f"{start} and {count}: {got}, expected {wanted}"


def kept(conditions, rows, tables=None):
    return [row["casrec_row_id"] for row in pipeline.Conditions(conditions, tables or {}).apply(copy.deepcopy(rows))]


def conditions_keep_the_right_rows():
    rows = [{"casrec_row_id": number, "Amount": amount, "c_invoice_no": ref, "c_create": date}
            for number, (amount, ref, date) in enumerate([
                ("10", "AD1", "2019-03-31"), ("0", "AD2", "2020-01-01"), ("-1", "B1", "2019-04-01"),
                ("", "B2", "2019-01-01"), ("5", "AD3", "2018-01-01"), ("6", "S1", "2019-04-01"), ("inf", "S2", "2019-03-31 08:00:00"),
                ("-Infinity", "S3", "2019-03-31 23:59:59"), ("++inf", "S4", "2019-04-01 00:00:00")])]
    owed = {"sop_aged_debt": [{"Trx Number": ref, "Outstanding Amount": "1"} for ref in ("AD3", "AD3", "AD1")]}
    for conditions, wanted in (
            ({"greater_than": {"col": "Amount", "value": 0}}, [0, 4, 5, 6]),
            ({"less_than": {"col": "Amount", "value": 0}}, [2, 7]),
            ({"recent_or_open_invoices": {"date_col": "Create", "tax_year_from": 2019}}, [0, 1, 2, 4, 4, 5, 8]),
            ({"date_since": {"col": "Create", "date": "01/04/2019"}}, [1, 2, 5, 8]),
            ({"Kind": "AD", "first_x_chars": {"col": "Invoice No", "num": 2, "result_col": "Kind"}}, [0, 1, 4]),
            ({"exclude_values": {"col": "Kind", "values": ["AD"]},
              "first_x_chars": {"col": "Invoice No", "num": 2, "result_col": "Kind"}}, [2, 3, 5, 6, 7, 8]),
            ({"include_values": {"col": "Amount", "values": ["10", ""]}}, [0, 3]),
            ({"Amount": -1}, [2]),
            ({"No such column": 1}, [0, 1, 2, 3, 4, 5, 6, 7, 8])):
        got = kept(conditions, rows, owed)
        yield got == wanted, f"{conditions}: {got}, expected {wanted}"


def not_null_is_an_or_and_clears_zeros():
    rows = [{"casrec_row_id": 1, "a": "0", "b": " ", "c": "x"}, {"casrec_row_id": 2, "a": "0", "b": "y", "c": " "}]
    conditions = {"a": "not null", "b": "not null"}
    yield kept(conditions, rows) == [2], kept(conditions, rows)
    left = pipeline.Conditions(conditions, {}).apply(rows)
    yield left == [{"casrec_row_id": 2, "a": "", "b": "y", "c": ""}], left


def latest_keeps_the_last_of_each_group():
    rows = [{"casrec_row_id": number, "c_modify": date, "c_at": time, "c_case": case}
            for number, (date, time, case) in enumerate([
                ("2020-01-02 00:00:00", "09:00:00", "A"), ("2020-01-02 00:00:00", "10:00:00", "A"),
                ("", "23:00:00", "A"), ("2019-01-01 00:00:00", "", "B")])]
    got = kept({"convert_to_timestamp": {"date": "Modify", "time": "at"}, "latest": {"col": "timestamp", "per": "Case"}},
               rows)
    yield got == [1, 3], got


def log_row(**given):
    row = {"c_rev_stat": "N", "c_end_date": "2022-06-20", "c_lodge_date": "", "c_review_date": "", "c_next_yr": "N",
           "c_revise_date": "", "c_followup_date": "", "c_further_code": ""}
    row |= {column: "" for column in decisions.RECEIVED + decisions.SENT}
    return row | given


def decision_tables_decide():
    logs, when = decisions.set_annual_report_logs_status, "2022-01-01"
    for given, wanted in (
            ({}, ("PENDING", "NO_REVIEW")), ({"c_next_yr": "Y"}, ("PENDING", "NO_REVIEW")),
            ({"c_rev_stat": "", "c_next_yr": "Y"}, ("PENDING", "STAFF_PRESELECTED")),
            ({"c_rev_stat": ""}, (None, None)), ({"c_end_date": ""}, (None, None)),
            ({"c_end_date": "2022-06-15"}, ("DUE", "NO_REVIEW")), ({"c_end_date": "2022-05-26"}, ("DUE", "NO_REVIEW")),
            ({"c_end_date": "2022-05-25"}, ("OVERDUE", "NO_REVIEW")),
            ({"c_end_date": "2022-03-09"}, ("OVERDUE", "NO_REVIEW")),
            ({"c_end_date": "2022-03-08"}, ("NON_COMPLIANT", "NO_REVIEW")),
            ({"c_review_date": when}, (None, None)), ({"c_lodge_date": "soon"}, ("PENDING", "NO_REVIEW")),
            ({"c_rcvd_date4": when}, ("RECEIVED", "NO_REVIEW")), ({"c_lodge_date": when}, ("LODGED", "NO_REVIEW")),
            ({"c_lodge_date": when, "c_review_date": when}, ("LODGED", None)),
            ({"c_rev_stat": "R"}, ("OVERDUE", None)), ({"c_rev_stat": "R", "c_review_date": when}, (None, None)),
            ({"c_rev_stat": "S", "c_review_date": when}, ("OVERDUE", None)),
            ({"c_rev_stat": "S", "c_rcvd_date1": when}, ("DUE", "STAFF_REFERRED")),
            ({"c_rev_stat": "M", "c_lodge_date": when, "c_review_date": when}, ("LODGED", "REVIEWED")),
            ({"c_rev_stat": "I"}, (None, None)), ({"c_rev_stat": "I", "c_lodge_date": when}, ("INCOMPLETE", "NO_REVIEW")),
            ({"c_rev_stat": "Q"}, (None, None))):
        made = logs(log_row(**given), TODAY)
        yield (made["status"], made["reviewstatus"]) == wanted, f"{given}: {made}, expected {wanted}"
    made = logs(log_row(c_lodge_date=when), TODAY)
    yield made["c_rcvd_date"] == when, "the received date is not the lodge date"
    details = decisions.set_annual_report_lodging_details_status
    both = {"c_lodge_date": when, "c_rcvd_date": when}
    for given, wanted in (
            ({}, "REFERRED_FOR_REVIEW"), ({"c_lodge_date": when}, "REFERRED_FOR_REVIEW"), (both, "ACKNOWLEDGED"),
            (both | {"c_review_date": when}, None), (both | {"c_rev_stat": "G"}, None),
            (both | {"c_rev_stat": "G", "c_review_date": when}, "REFERRED_FOR_REVIEW"),
            ({"c_revise_date": when, "c_further_code": "2", "c_followup_date": when}, "INCOMPLETE"),
            ({"c_revise_date": when, "c_further_code": "8", "c_sent3": when}, "REFERRED_FOR_REVIEW"),
            ({"c_revise_date": when, "c_further_code": "5", "c_sent3": when}, None)):
        made = details(log_row(**given), TODAY)
        yield made == {"lodgedstatus": wanted}, f"{given}: {made}, expected {wanted}"
    for asker, kind, wanted in (("7", "2", "VST-HW"), ("3", "1", "VST-DEP"), ("3", "3", "VST-MLPA"),
                                ("8", "3", "VST-PRO"), ("15", "1", None), ("1", "4", None)):
        made = decisions.set_visits_visitsubtype({"c_req_by": asker, "c_report_type": kind}, TODAY)
        yield made == {"visitsubtype": wanted}, f"{asker}, {kind}: {made}"
    for status, kind, wanted in (("Closed", "26", "CLOSED"), ("Active", "26", "OPEN"), ("Active", "1", "ACTIVE"),
                                 ("Duplicate", "1", None), ("active", "1", None)):
        made = decisions.set_cases_orderstatus({"c_ord_stat": status, "c_ord_type": kind}, TODAY)
        yield made == {"orderstatus": wanted}, f"{status}, {kind}: {made}"


def comparison_finds_what_differs():
    want = [{"id": "1", "a": "x", "#mapping": "m", "#row": 3}, {"id": "2", "a": None, "#mapping": "m", "#row": None}]
    have = [{"id": "1", "a": "x", "casrec_details": '[{"casrec_row_id": 3}]'}, {"id": "2", "a": None, "casrec_details": None}]
    table = lambda rows: compare.Table("t", {"id": "int", "a": "str"}, want, rows)  # noqa: E731
    yield table(have).faults("m") == (2, []), table(have).faults("m")
    for column, value in (("a", "y"), ("a", None), ("casrec_details", '[{"casrec_row_id": 4}]'), ("id", "7")):
        wrong = table([have[0] | {column: value}, have[1]]).faults("m")[1]
        yield any(column in fault for fault in wrong), f"{column} = {value} was not found: {wrong}"
    yield table(have[:1]).faults("m")[1], "a missing row was not found"
    yield table(have + [have[0] | {"id": "3"}]).faults("m")[1], "a row too many was not found"


CASES = [transformations_do_as_specified, casts_do_as_specified, working_days_roll_forward_first,
         conditions_keep_the_right_rows, not_null_is_an_or_and_clears_zeros, latest_keeps_the_last_of_each_group,
         decision_tables_decide, comparison_finds_what_differs]


def main():
    tap = drive.Tap()
    for case in CASES:
        results = list(case())
        wrong = [why for good, why in results if not good]
        tap.result(not wrong and results, case.__name__, "\n".join(map(str, wrong)))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Source files with seeded oddities: codes that no lookup knows, dates the wrong way round, names that are hard to
write, keys that lead nowhere, rows twice. What a rule makes of a rare value shows only where there is one."""

import csv
import glob
import os
import random

TEXTS = ["", " ", "o'neil-smith", "mary jane 1st ann", " leading", "trailing ", "back\\slash 100%", "élodie ÅSA ñandú",
         'said "so", twice', "two\nlines", "tab\there", "None", "nan", "ß straße", "DE LA CRUZ", "x" * 200, "{a}", "'"]
CODES = ["", " ", "ZZ", "0", " O", "y", "N", "1", "99", "A", "R1"]
DATES = ["", "2019-03-31 00:00:00", "2019-04-01 00:00:00", "2020-02-29 00:00:00", "2021-04-01 00:00:00", "05/06/2020",
         "31/12/2018", "2022-06-11 00:00:00", "2022-06-14 00:00:00", "2022-06-15 00:00:00", "2022-06-16 00:00:00",
         "2021-04-02 00:00:00", "2021-04-01", "2022-05-25 00:00:00", "2022-05-24 00:00:00", "2022-03-08 00:00:00",
         "2022-03-07 00:00:00", "not a date", "2021-13-45 00:00:00"]
MONEY = ["0.57", "12.345", "-3.999", "0", "0.00", "100", "-0.005", "1234567.89", "-60"]
KEYS = ["", "99999999"]
COLUMNS = {
    "account": {"Rev Stat": ["", "N", "I", "S", "R", "G", "M", "X", "Q"], "Next Yr": ["", "Y", "N", "Z"],
                "Further Code": ["", "1", "3", "5"], "Further1": ["1", "2", "9"], "Further3": ["8", "0", "99"], "Further6": ["1", "7"],
                "Case": KEYS, **{name: DATES[:-2] for name in (
                    "End Date", "Lodge Date", "Review Date", "Rcvd Date", "Rcvd Date3", "Rcvd Date6", "Revise Date",
                    "Followup Date", "Sent2", "Sent6", "Further Date1", "Further Date6.1")}},
    "crec": {"Score": ["", "3.0", "7"], "Case": KEYS, "at": ["", "10:00:00"]},
    "deplink": {"Main Addr": ["0", ""], "Deputy No": KEYS},
    "deputy": {"Dep Type": CODES + ["20", "23", "63", "1"], "Title": CODES, "Dep Forename": TEXTS, "Dep Surname": TEXTS,
               "Stat": ["1", "99", "88", "", "7"], "Disch Death": DATES[:-2], "Special": CODES, "By Email": CODES,
               "Welsh": CODES, "Contact Telephone": ["", " ", "0", "01632 960001"], "VWM": ["4", "3", ""],
               "Contact Tele2": ["", " ", "0", "01632 960002"], "SIM": ["3", "4", ""], "Email": TEXTS,
               "AKA Name": TEXTS, "Mobile": TEXTS},
    "deputy_address": {"Dep Adrs1": TEXTS, "Dep Adrs2": TEXTS, "Dep Adrs3": TEXTS, "Foreign": ["1", "1.0", "", "2"]},
    "deputy_remarks": {"Deputy No": KEYS, "Log Type": CODES, "Remarks": TEXTS, "by": CODES, "Log Date": ["", "2020-06-12"],
                       "Log Time": ["", "23:59:59.5", "00:30:00"]},
    "deputyship": {"Joint": ["1", "2", "3", "4", "5", "", "6"], "Create": ["", "2021-01-01 00:00:00"],
                   "Order No": KEYS, "Deputy No": KEYS, "at": ["", "08:00:00"]},
    "feeexport1": {"Amount": MONEY + ["inf"], "Create": DATES[:-2] + ["2019-03-31 08:00:00"], "GL Code": CODES, "Case": KEYS, "Orig Invoice": KEYS,
                   "Invoice No": ["AD999999/19", "Z1", "1Z", "CR12", "12CR", "WO7", "7WO", "AD", "X", ""]},
    "order": {"Ord Stat": ["Active", "Closed", "Open", "", "Duplicate"], "Ord Type": CODES + ["26", "43", "2"],
              "Made Date": DATES, "Bond Rqd": ["Y", "S", "N", ""], "Bond Co": CODES, "Bond Amount": MONEY + ["", " "],
              "Bond Amt OPG": MONEY + ["", " "], "Bond Renewal": DATES, "Expiry Date": DATES, "Spvn Received": DATES,
              "Ord Risk Lvl": ["1", "2A", "3", "", " ", "0", "9"], "CoP Case": KEYS, "Bond No.": TEXTS},
    "pat": {"Forename": TEXTS, "Surname": TEXTS, "Title": CODES, "DOB": DATES, "Term Type": ["", "D", "X"],
            "Term Date": DATES, "Accom Type": CODES, "Marital Status": CODES, "Adrs1": TEXTS, "Adrs2": TEXTS,
            "Adrs5": TEXTS, "Client Phone": ["", " ", "0", "01632 960003"], "Proof": CODES, "Notify": CODES,
            "Term by": CODES, "Report Due": DATES[:-2], "Award Date": DATES[1:12], "Exempt": ["", "0", "1"],
            "Remis": ["", "0", "2"], "Away Date": DATES[:-2], "AKA Name": TEXTS, "Foreign": ["1", "1.0", "", "2"],
            "Debt chase": ["1", "", "0"], "SAAR Check": ["Y", "N", "y"], "Create": DATES},
    "remarks": {"Case": KEYS, "Log Type": CODES, "Remarks": TEXTS, "by": CODES, "Logdate": ["", "2020-06-12", "2021-01-05"],
                "Logtime": ["", "23:59:59.5", "00:30:00"], "Pri": ["1", "0", ""]},
    "repvis1": {"Req By": CODES + ["3", "7", "8", "10", "14", "15"], "Report Type": ["1", "2", "3", "", "4"], "Case": KEYS,
                "Outcome": CODES, "Reason": CODES, "Categ": CODES, "Rep On": CODES, "Report Due": DATES},
    "risk_assessment1": {"Start Date": DATES, "Order No": KEYS + ["5", "6"]},
    "sop_aged_debt": {"Outstanding Amount": ["", "0", "5.00"], "Trx Number": ["nothing"]},
    "sop_feecheck": {"GL Date": ["", "2020-05-06 00:00:00", "06/05/2020"]},
    "sop_feecheckcredits": {"GL Date": ["", "2020-05-06 00:00:00"]},
    "sup_activity": {"Status": ["ACTIVE", "active", ""], "Term By": CODES, "Sup Desc": CODES, "Target": DATES[:-2],
                     "Start Date": DATES, "Order No": KEYS, "Case": KEYS, "Comment": TEXTS},
    "casrec_letters": {"sent": DATES[:-2], "caseno": KEYS},
}
TWICE = ("deputyship", "sop_feecheck", "sop_feecheckcredits", "sop_aged_debt", "remarks", "crec", "account", "deplink",
         "risk_assessment1", "casrec_letters")


#: What any cell can become, whatever its column is about; and what becomes of what stands in it.
NASTY = ["", " ", "  ", "0", "00", "0.0", "1", "1.0", "01", "-1", "nan", "NaT", "None", "<NA>", "nan ", "None ", "NaN", "null", "NULL",
         "1e3", "1_000", "12.5", "-0", "1,000", "1e400", "Infinity", "99999999999999999999", "2147483648", " 7 ", "0x10",
         "-12.345", "0.005", "true", "F", "yes", "2020-02-29", "29/02/2020", "29/02/2021", "04/13/2020", "3/4/20", "31-12-71", "1/1/72",
         "2020-10-05 ", " 2020-10-05", "2020-13-04", "2020-10-5", "2020-03-29 01:30:00", "2020-10-25 01:30:00", "05/06/2020 10:20 PM",
         "9999-12-31 00:00:00", "1600-01-01", "2262-04-12", "1677-09-21", "00/00/0000", "2022-06-15 12:00:00", "\u00a0", "\u00df", "\u01c6x",
         "\U0001f600", "a\tb", "x\r\ny", "'", '"', "\\", "%s", "%%", "{}", "$1", "--", "\x7f", "z" * 300, "\ufb01n", "i\u0307", "\u1e9e"]
BENT = [lambda text: " " + text, lambda text: text + " ", lambda text: text + ".0", lambda text: "0" + text, str.lower, str.upper,
        lambda text: text[::-1], lambda text: text[:-1], lambda text: text + text, lambda text: text.replace(" 00:00:00", "")]


#: Joins see landed tables as they are, so that a key that says "nan" is not blank there (README.md).
NOTHING = {"nan", "NaT", "None", "<NA>", "nan ", "None "}
KEY_COLUMNS = {"Case", "caseno", "Order No", "Deputy No", "Dep Addr No", "CoP Case", "Invoice No", "Invoice Number", "Trx Number",
               "Orig Invoice"}


def bend(column, text, dice):
    made = dice.choice(NASTY) if dice.random() < 0.5 else dice.choice(BENT)(text)
    return "" if made in NOTHING and column in KEY_COLUMNS else made


def twist_rows(stem, header, rows, dice, share, nasty):
    made = []
    for row in rows:
        row = {column: bend(column, text, dice) if dice.random() < nasty else text for column, text in zip(header, row)}
        for column, odd in COLUMNS.get(stem, {}).items():
            if dice.random() < share:
                row[column] = dice.choice(odd)
        made.append(list(row.values()))
        if stem in TWICE and dice.random() < share:
            made.append(list(row.values()))
    return made


def twist(source, folder, seed, share=0.04, nasty=0):
    """Copies the CSV files of @source into @folder, each cell of interest odd with the chance @share, and any cell at
    all with the chance @nasty."""
    for path in sorted(glob.glob(os.path.join(source, "*.csv"))):
        name = os.path.basename(path)
        dice = random.Random(f"{seed}/{name}")
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        with open(os.path.join(folder, name), "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(twist_rows(name.split(".")[0], header, rows, dice, share, nasty))

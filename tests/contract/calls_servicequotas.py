# SPDX-License-Identifier: MIT
"""Service Quotas: the values that the other services enforce."""


def calls(judge):
    rds = ("--service-code", "rds")
    clusters = ("--quota-code", "L-952B80B8")
    judge.is_true("an account's own value is told", judge.call(
        "GetServiceQuota", *rds, *clusters)["Quota"]["Value"] == 7.0)
    judge.is_true("and AWS's beside it", judge.call(
        "GetAWSDefaultServiceQuota", *rds, *clusters)["Quota"]["Value"] == 40.0)
    judge.refuses("NoSuchResourceException", "GetServiceQuota", *rds, "--quota-code", "L-00000000")
    judge.refuses("NoSuchResourceException", "ListServiceQuotas", "--service-code", "none")
    page = judge.call("ListServiceQuotas", *rds, "--max-results", "2")
    rest = judge.call("ListServiceQuotas", *rds, "--next-token", page["NextToken"])
    every = judge.call("ListAWSDefaultServiceQuotas", *rds)["Quotas"]
    judge.is_true("pages add up", [q["QuotaCode"] for q in page["Quotas"] + rest["Quotas"]]
                  == [q["QuotaCode"] for q in every])
    judge.is_true("services are listed", [s["ServiceCode"] for s in judge.call(
        "ListServices")["Services"]] == ["dynamodb", "rds"])

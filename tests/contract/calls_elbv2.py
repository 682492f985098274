# SPDX-License-Identifier: MIT
"""ELBv2: what maintenance mode reads and switches, and what a visitor then gets."""

from rehearsal import equal

HOST = "app.example.org"


def visit(judge, path):
    status, _, body = judge.server.http("GET", f"/_site/{HOST}{path}")
    return status, body.decode()


def condition(host=None, path=None):
    words = []
    if host:
        words.append(f"Field=host-header,HostHeaderConfig={{Values=[{host}]}}")
    if path:
        words.append(f"Field=path-pattern,PathPatternConfig={{Values=[{path}]}}")
    return ("--conditions", *words)


def calls(judge):
    found = judge.call("DescribeLoadBalancers", "--names", "one-app").get("LoadBalancers", [{}])
    judge.refuses("LoadBalancerNotFound", "DescribeLoadBalancers", "--names", "none")
    arn = found[0].get("LoadBalancerArn", "")
    listeners = judge.call("DescribeListeners", "--load-balancer-arn", arn).get("Listeners", [{}])
    judge.is_true("its listener speaks HTTPS",
                  [(at["Port"], at["Protocol"]) for at in listeners] == [(443, "HTTPS")])
    judge.refuses("LoadBalancerNotFound", "DescribeListeners", "--load-balancer-arn", arn + "x")
    listener = listeners[0].get("ListenerArn", "")
    rules = judge.call("DescribeRules", "--listener-arn", listener).get("Rules", [])
    judge.is_true("rules come in their order",
                  [rule["Priority"] for rule in rules] == ["100", "101", "default"])
    judge.refuses("ListenerNotFound", "DescribeRules", "--listener-arn", listener + "x")
    groups = judge.call("DescribeTargetGroups", "--names", "app").get("TargetGroups", [{}])
    health = judge.call("DescribeTargetHealth", "--target-group-arn",
                        groups[0].get("TargetGroupArn", ""))
    judge.is_true("its target is healthy", [t["TargetHealth"]["State"] for t in health.get(
        "TargetHealthDescriptions", [])] == ["healthy"])
    judge.refuses("TargetGroupNotFound", "DescribeTargetHealth", "--target-group-arn", arn)
    maintenance(judge, [rule["RuleArn"] for rule in rules])


def maintenance(judge, arns):
    def claim(name, path, status, body):
        judge.tap.claim(f"elbv2: {name}", lambda: equal(visit(judge, path), (status, body)))

    claim("a visitor gets the application", "/start", 200, "hello")
    claim("and the page of maintenance by its own path", "/maintenance", 503, "closed")
    judge.call("ModifyRule", "--rule-arn", arns[0], *condition(HOST, "/cy*"))
    judge.call("ModifyRule", "--rule-arn", arns[1], *condition(HOST.upper()))
    claim("with maintenance on he gets that everywhere", "/start", 503, "closed")
    claim("in his language", "/cy/start", 503, "ar gau")
    judge.tap.claim("elbv2: another host is not touched", lambda: equal(
        judge.server.http("GET", "/_site/other.example.org/start")[0], 200))
    judge.call("ModifyRule", "--rule-arn", arns[1], *condition(path="/maintenance"))
    judge.call("ModifyRule", "--rule-arn", arns[0], *condition(path="/cy/maintenance"))
    claim("with maintenance off he gets the application again", "/start", 200, "hello")
    judge.refuses("RuleNotFound", "ModifyRule", "--rule-arn", arns[1] + "x", *condition(HOST))
    judge.refuses("OperationNotPermitted", "ModifyRule", "--rule-arn", arns[2], *condition(HOST))
    judge.refuses("ValidationError", "ModifyRule", "--rule-arn", arns[1], "--conditions",
                  f"Field=host-header,Values={HOST},HostHeaderConfig={{Values=[{HOST}]}}")

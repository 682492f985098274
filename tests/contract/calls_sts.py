# SPDX-License-Identifier: MIT
"""STS: who am I, sessions, second factors."""

ROLE = "arn:aws:iam::111111111111:role/"
MFA = ("--serial-number", "arn:aws:iam::333333333333:mfa/ann")


def calls(judge):
    me = judge.call("GetCallerIdentity")
    judge.is_true("the profile is a session of the role",
                  me.get("Arn") == "arn:aws:sts::111111111111:assumed-role/breakglass/ann")
    user = judge.call("GetCallerIdentity", profile="ann")
    judge.is_true("a user is itself", user.get("Arn") == "arn:aws:iam::333333333333:user/ann")

    session = judge.call("AssumeRole", "--role-arn", ROLE + "breakglass", "--role-session-name",
                         "run-1", "--duration-seconds", "900", *MFA, "--token-code", "123456",
                         profile="ann")
    keys = session.get("Credentials", {})
    mine = judge.cli("sts", "get-caller-identity", profile="", env={
        "AWS_ACCESS_KEY_ID": keys.get("AccessKeyId", ""),
        "AWS_SECRET_ACCESS_KEY": keys.get("SecretAccessKey", ""),
        "AWS_SESSION_TOKEN": keys.get("SessionToken", ""),
        "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": judge.server.endpoint})
    judge.is_true("the session's keys work", mine.get("Arn")
                  == "arn:aws:sts::111111111111:assumed-role/breakglass/run-1")
    judge.call("AssumeRole", "--role-arn", ROLE + "viewer", "--role-session-name", "look",
               "--source-identity", "ann", profile="ann")

    def refuses(code, *args):
        judge.refuses(code, "AssumeRole", *args, profile="ann")

    named = ("--role-session-name", "x1")
    refuses("AccessDenied", "--role-arn", ROLE + "breakglass", *named)
    refuses("AccessDenied", "--role-arn", ROLE + "breakglass", *named, *MFA)
    refuses("AccessDenied", "--role-arn", ROLE + "breakglass", *named, *MFA, "--token-code",
            "000000")
    refuses("AccessDenied", "--role-arn", ROLE + "breakglass", *named, "--serial-number",
            "arn:aws:iam::333333333333:mfa/bob", "--token-code", "123456")
    refuses("AccessDenied", "--role-arn", ROLE + "nobody", *named)
    refuses("AccessDenied", "--role-arn", "arn:aws:iam::222222222222:role/operator", *named)
    refuses("ValidationError", "--role-arn", ROLE + "viewer", *named, "--duration-seconds", "43200")
    refuses("ValidationError", "--role-arn", ROLE + "viewer", "--role-session-name", "a b")

    judge.call("GetSessionToken", *MFA, "--token-code", "123456", profile="ann")
    judge.refuses("AccessDenied", "GetSessionToken")
    judge.call("GetFederationToken", "--name", "guest", profile="ann")
    info = judge.call("GetAccessKeyInfo", "--access-key-id", "AKIAREHEARSALANN0001")
    judge.is_true("a key's account is told", info.get("Account") == "333333333333")
    judge.refuses("ValidationError", "GetAccessKeyInfo", "--access-key-id", "AKIANOBODY0000000000")

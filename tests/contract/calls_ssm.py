# SPDX-License-Identifier: MIT
"""Systems Manager: parameters with versions, by name and by path."""


def calls(judge):
    def put(name, value, *args):
        return judge.call("PutParameter", "--name", name, "--value", value, *args)

    put("/app/version", "v1", "--type", "String")
    judge.refuses("ParameterAlreadyExists", "PutParameter", "--name", "/app/version", "--value", "v2",
                  "--type", "String")
    judge.refuses("ValidationException", "PutParameter", "--name", "/app/x", "--value", "v")
    judge.is_true("another value is another version",
                  put("/app/version", "v2", "--overwrite").get("Version") == 2)
    now = judge.call("GetParameter", "--name", "/app/version").get("Parameter", {})
    judge.is_true("the newest is read", (now.get("Value"), now.get("Version")) == ("v2", 2))
    old = judge.call("GetParameter", "--name", "/app/version:1").get("Parameter", {})
    judge.is_true("an old one can be", old.get("Value") == "v1")
    judge.call("GetParameter", "--name", now.get("ARN", ""))
    judge.refuses("ParameterNotFound", "GetParameter", "--name", "/none")
    put("/app/deep/secret", "hush", "--type", "SecureString")
    hidden = judge.call("GetParameter", "--name", "/app/deep/secret").get("Parameter", {})
    judge.is_true("a secure string is not shown as it is", hidden.get("Value") not in (None, "hush"))
    shown = judge.call("GetParameter", "--name", "/app/deep/secret", "--with-decryption")
    judge.is_true("unless it is decrypted", shown["Parameter"].get("Value") == "hush")
    several = judge.call("GetParameters", "--names", "/app/version", "/none")
    judge.is_true("what is missing is told beside what is there",
                  [p["Value"] for p in several.get("Parameters", [])] == ["v2"]
                  and several.get("InvalidParameters") == ["/none"])
    put("/app/other", "x", "--type", "StringList")

    def below(*args):
        found = judge.call("GetParametersByPath", "--path", "/app", *args)
        return [p["Name"] for p in found.get("Parameters", [])]

    judge.is_true("a path holds what is directly below",
                  below() == ["/app/other", "/app/version"])
    everything = ["/app/deep/secret", "/app/other", "/app/version"]
    judge.is_true("or everything below", below("--recursive") == everything)
    judge.is_true("pages add up", below("--recursive", "--page-size", "1") == everything)
    judge.call("DeleteParameter", "--name", "/app/version")
    judge.refuses("ParameterNotFound", "DeleteParameter", "--name", "/app/version")
    judge.refuses("ParameterNotFound", "GetParameter", "--name", "/app/version:1")

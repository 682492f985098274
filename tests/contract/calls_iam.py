# SPDX-License-Identifier: MIT
"""IAM: roles, policies and their versions, the simulator, and that the server refuses what they do not
allow."""

import json

ACCOUNT = "arn:aws:iam::111111111111:"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::333333333333:user/ann"},
     "Action": "sts:AssumeRole"}]})


def policy(effect, action, resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": action, "Resource": resource, **more}]})


def calls(judge):
    roles(judge)
    policies(judge)
    inline(judge)
    attached(judge)
    users(judge)
    simulator(judge)
    refusals(judge)
    trust(judge)


def roles(judge):
    made = judge.call("CreateRole", "--role-name", "r", "--assume-role-policy-document", TRUST,
                      "--description", "d", "--tags", "Key=a,Value=b", "--max-session-duration",
                      "7200")
    judge.is_true("the role has its ARN", made.get("Role", {}).get("Arn") == ACCOUNT + "role/r")
    judge.refuses("EntityAlreadyExists", "CreateRole", "--role-name", "r",
                  "--assume-role-policy-document", TRUST)
    judge.refuses("MalformedPolicyDocument", "CreateRole", "--role-name", "bad",
                  "--assume-role-policy-document", "{}")
    judge.refuses("MalformedPolicyDocument", "CreateRole", "--role-name", "bad",
                  "--assume-role-policy-document", policy("Allow", "sts:AssumeRole"))
    role = judge.call("GetRole", "--role-name", "r").get("Role", {})
    judge.is_true("it is as it was made",
                  (role.get("Description"), role.get("MaxSessionDuration"), role.get("Tags"))
                  == ("d", 7200, [{"Key": "a", "Value": "b"}])
                  and role.get("AssumeRolePolicyDocument") == json.loads(TRUST))
    judge.refuses("NoSuchEntity", "GetRole", "--role-name", "none")
    names = [r["RoleName"] for r in judge.call("ListRoles").get("Roles", [])]
    judge.is_true("roles are listed in order",
                  names == sorted(names) and {"breakglass", "r", "viewer"} <= set(names))
    pages = judge.call("ListRoles", "--page-size", "1").get("Roles", [])
    judge.is_true("pages add up", [r["RoleName"] for r in pages] == names)
    judge.call("UpdateRole", "--role-name", "r", "--description", "changed")
    judge.refuses("ValidationError", "UpdateRole", "--role-name", "r", "--max-session-duration",
                  "99999")
    judge.call("TagRole", "--role-name", "r", "--tags", "Key=c,Value=d")
    judge.call("UntagRole", "--role-name", "r", "--tag-keys", "a")
    judge.is_true("tags are set and removed", judge.call("ListRoleTags", "--role-name", "r")
                  .get("Tags") == [{"Key": "c", "Value": "d"}])
    judge.call("ListInstanceProfilesForRole", "--role-name", "r")


def policies(judge):
    document = policy("Allow", "rds:*")
    made = judge.call("CreatePolicy", "--policy-name", "p", "--policy-document", document,
                      "--tags", "Key=a,Value=b").get("Policy", {})
    arn = made.get("Arn", "")
    judge.is_true("the policy has its ARN", arn == ACCOUNT + "policy/p")
    judge.refuses("EntityAlreadyExists", "CreatePolicy", "--policy-name", "p", "--policy-document",
                  document)
    judge.refuses("MalformedPolicyDocument", "CreatePolicy", "--policy-name", "q",
                  "--policy-document", TRUST)
    judge.call("GetPolicy", "--policy-arn", READ_ONLY)
    judge.refuses("NoSuchEntity", "GetPolicy", "--policy-arn", arn + "x")
    judge.call("CreatePolicyVersion", "--policy-arn", arn, "--policy-document",
               policy("Allow", "ecs:*"), "--set-as-default")
    second = judge.call("GetPolicyVersion", "--policy-arn", arn, "--version-id", "v2")
    judge.is_true("the new version is the default",
                  second.get("PolicyVersion", {}).get("IsDefaultVersion") is True
                  and second["PolicyVersion"]["Document"]["Statement"][0]["Action"] == "ecs:*")
    judge.refuses("DeleteConflict", "DeletePolicyVersion", "--policy-arn", arn, "--version-id", "v2")
    judge.call("SetDefaultPolicyVersion", "--policy-arn", arn, "--version-id", "v1")
    versions = judge.call("ListPolicyVersions", "--policy-arn", arn).get("Versions", [])
    judge.is_true("versions are listed, newest first",
                  [v["VersionId"] for v in versions] == ["v2", "v1"])
    judge.refuses("DeleteConflict", "DeletePolicy", "--policy-arn", arn)
    judge.call("DeletePolicyVersion", "--policy-arn", arn, "--version-id", "v2")
    judge.call("GetPolicyVersion", "--policy-arn", ADMINISTRATOR, "--version-id", "v1")
    judge.refuses("AccessDenied", "CreatePolicyVersion", "--policy-arn", ADMINISTRATOR,
                  "--policy-document", document)
    listed = judge.call("ListPolicies", "--scope", "Local").get("Policies", [])
    judge.is_true("the account's own are told from AWS's",
                  [p["PolicyName"] for p in listed] == ["no-deletes", "p"])
    judge.call("TagPolicy", "--policy-arn", arn, "--tags", "Key=c,Value=d")
    judge.call("UntagPolicy", "--policy-arn", arn, "--tag-keys", "a")
    judge.is_true("tags are kept", judge.call("ListPolicyTags", "--policy-arn", arn)
                  .get("Tags") == [{"Key": "c", "Value": "d"}])


def inline(judge):
    judge.call("PutRolePolicy", "--role-name", "r", "--policy-name", "in", "--policy-document",
               policy("Allow", "kms:*"))
    judge.refuses("MalformedPolicyDocument", "PutRolePolicy", "--role-name", "r", "--policy-name",
                  "in", "--policy-document", "{")
    shown = judge.call("GetRolePolicy", "--role-name", "r", "--policy-name", "in")
    judge.is_true("the document comes back",
                  shown.get("PolicyDocument") == json.loads(policy("Allow", "kms:*")))
    judge.is_true("it is listed", judge.call("ListRolePolicies", "--role-name", "r")
                  .get("PolicyNames") == ["in"])
    judge.refuses("DeleteConflict", "DeleteRole", "--role-name", "r")
    judge.call("DeleteRolePolicy", "--role-name", "r", "--policy-name", "in")
    judge.refuses("NoSuchEntity", "GetRolePolicy", "--role-name", "r", "--policy-name", "in")


def attached(judge):
    own = ACCOUNT + "policy/p"
    judge.call("AttachRolePolicy", "--role-name", "r", "--policy-arn", own)
    judge.call("AttachRolePolicy", "--role-name", "r", "--policy-arn", READ_ONLY)
    judge.refuses("NoSuchEntity", "AttachRolePolicy", "--role-name", "r", "--policy-arn", own + "x")
    names = judge.call("ListAttachedRolePolicies", "--role-name", "r").get("AttachedPolicies", [])
    judge.is_true("both are attached",
                  [p["PolicyName"] for p in names] == ["p", "ReadOnlyAccess"])
    holders = judge.call("ListEntitiesForPolicy", "--policy-arn", own)
    judge.is_true("the policy knows its role",
                  [r["RoleName"] for r in holders.get("PolicyRoles", [])] == ["r"])
    judge.is_true("attachments are counted", judge.call("GetPolicy", "--policy-arn", own)
                  .get("Policy", {}).get("AttachmentCount") == 1)
    judge.refuses("DeleteConflict", "DeletePolicy", "--policy-arn", own)
    judge.call("DetachRolePolicy", "--role-name", "r", "--policy-arn", own)
    judge.refuses("NoSuchEntity", "DetachRolePolicy", "--role-name", "r", "--policy-arn", own)
    judge.call("DetachRolePolicy", "--role-name", "r", "--policy-arn", READ_ONLY)
    judge.call("DeletePolicy", "--policy-arn", own)


def users(judge):
    me = judge.call("GetUser", profile="ann").get("User", {})
    judge.is_true("a user finds himself", me.get("UserName") == "ann")
    judge.refuses("ValidationError", "GetUser")
    judge.refuses("NoSuchEntity", "GetUser", "--user-name", "nobody", profile="ann")
    judge.is_true("users are listed", [u["UserName"] for u in judge.call(
        "ListUsers", profile="ann").get("Users", [])] == ["ann"])
    who = ("--user-name", "ann")
    judge.call("ListUserTags", *who, profile="ann")
    judge.call("ListGroupsForUser", *who, profile="ann")
    devices = judge.call("ListMFADevices", *who, profile="ann").get("MFADevices", [])
    judge.is_true("his device is told",
                  [d["SerialNumber"] for d in devices] == ["arn:aws:iam::333333333333:mfa/ann"])
    judge.call("AttachUserPolicy", *who, "--policy-arn", READ_ONLY, profile="ann")
    names = judge.call("ListAttachedUserPolicies", *who, profile="ann").get("AttachedPolicies", [])
    judge.is_true("a user without policies in the scenario may do everything",
                  [p["PolicyName"] for p in names] == ["AdministratorAccess", "ReadOnlyAccess"])
    judge.call("DetachUserPolicy", *who, "--policy-arn", READ_ONLY, profile="ann")
    judge.call("PutUserPolicy", *who, "--policy-name", "own", "--policy-document",
               policy("Deny", "kms:ScheduleKeyDeletion"), profile="ann")
    judge.call("GetUserPolicy", *who, "--policy-name", "own", profile="ann")
    judge.is_true("inline policies are listed", judge.call(
        "ListUserPolicies", *who, profile="ann").get("PolicyNames") == ["own"])
    judge.call("DeleteUserPolicy", *who, "--policy-name", "own", profile="ann")
    judge.is_true("the alias is the account's",
                  judge.call("ListAccountAliases").get("AccountAliases") == ["one"])


def decisions(answer):
    return {r["EvalActionName"]: r["EvalDecision"] for r in answer.get("EvaluationResults", [])}


def simulator(judge):
    viewer = ("--policy-source-arn", ACCOUNT + "role/viewer")
    actions = ("--action-names", "rds:DescribeDBClusters", "rds:DeleteDBCluster", "kms:CreateKey")
    answer = judge.call("SimulatePrincipalPolicy", *viewer, *actions)
    judge.is_true("the viewer only reads", decisions(answer) == {
        "rds:DescribeDBClusters": "allowed", "rds:DeleteDBCluster": "explicitDeny",
        "kms:CreateKey": "implicitDeny"})
    judge.is_true("the deciding policy is named", answer.get("EvaluationResults", [{}])[1].get(
        "MatchedStatements", [{}])[0].get("SourcePolicyId") == "no-deletes")
    all_of_it = judge.call("SimulatePrincipalPolicy", "--policy-source-arn",
                           ACCOUNT + "role/breakglass", *actions)
    judge.is_true("breakglass may do everything", set(decisions(all_of_it).values()) == {"allowed"})
    judge.refuses("InvalidInput", "SimulatePrincipalPolicy", "--policy-source-arn",
                  "arn:aws:sts::111111111111:assumed-role/breakglass/ann", *actions)
    judge.refuses("NoSuchEntity", "SimulatePrincipalPolicy", "--policy-source-arn",
                  ACCOUNT + "role/none", *actions)
    judge.refuses("InvalidInput", "SimulatePrincipalPolicy", *viewer, "--action-names", "rds")
    narrow = policy("Allow", "rds:Delete*", "arn:aws:rds:*:*:cluster:test-*",
                    Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    custom = ("--policy-input-list", narrow, "--action-names", "rds:DeleteDBCluster",
              "--resource-arns", "arn:aws:rds:eu-west-1:111111111111:cluster:test-1",
              "arn:aws:rds:eu-west-1:111111111111:cluster:api")
    answer = judge.call("SimulateCustomPolicy", *custom).get("EvaluationResults", [{}])
    judge.is_true("a condition on what is not given is not met, and named",
                  answer[0].get("EvalDecision") == "implicitDeny"
                  and answer[0].get("MissingContextValues") == ["aws:MultiFactorAuthPresent"])
    answer = judge.call("SimulateCustomPolicy", *custom, "--context-entries",
                        "ContextKeyName=aws:MultiFactorAuthPresent,ContextKeyValues=true,"
                        "ContextKeyType=boolean").get("EvaluationResults", [])
    judge.is_true("resources are told apart",
                  [r["EvalDecision"] for r in answer] == ["allowed", "implicitDeny"])


def refusals(judge):
    """What a role's policies do not allow is refused by the service itself, in AWS's words."""
    from rehearsal import holds

    session = judge.cli("sts", "assume-role", "--role-arn", ACCOUNT + "role/viewer",
                        "--role-session-name", "look", profile="ann")["Credentials"]
    env = {"AWS_ACCESS_KEY_ID": session["AccessKeyId"],
           "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
           "AWS_SESSION_TOKEN": session["SessionToken"], "AWS_DEFAULT_REGION": "eu-west-1",
           "AWS_ENDPOINT_URL": judge.server.endpoint}

    def refused(code, words, *call):
        def run():
            have, text = judge.cli.error(*call, profile="", env=env)
            holds(have == code and words in text, f"have {have}: {text}")
        judge.tap.claim(f"the viewer's {call[0]} {call[1]} is refused", run)

    who = "User: arn:aws:sts::111111111111:assumed-role/viewer/look is not authorized to perform: "
    refused("AccessDenied", who + "rds:DeleteDBCluster on resource: "
            "arn:aws:rds:eu-west-1:111111111111:cluster:x with an explicit deny in an "
            "identity-based policy", "rds", "delete-db-cluster", "--db-cluster-identifier", "x",
            "--skip-final-snapshot")
    refused("AccessDenied", who + "rds:CreateDBClusterSnapshot on resource: "
            "arn:aws:rds:eu-west-1:111111111111:cluster:x because no identity-based policy allows "
            "the rds:CreateDBClusterSnapshot action", "rds", "create-db-cluster-snapshot",
            "--db-cluster-identifier", "x", "--db-cluster-snapshot-identifier", "y")
    refused("AccessDeniedException", who + "kms:CreateKey on resource: *", "kms", "create-key")
    refused("AccessDeniedException", "secretsmanager:GetSecretValue on resource: "
            "arn:aws:secretsmanager:eu-west-1:111111111111:secret:plain-", "secretsmanager",
            "get-secret-value", "--secret-id", "plain")
    judge.tap.claim("the viewer reads", lambda: judge.cli(
        "rds", "describe-db-clusters", profile="", env=env))
    judge.tap.claim("a refusal changes nothing", lambda: holds(
        judge.server.effects("rds:DeleteDBCluster") == 0, "the refused call had an effect"))


def trust(judge):
    def assumes(expected):
        done = judge.cli.run("sts", "assume-role", "--role-arn", ACCOUNT + "role/r",
                             "--role-session-name", "x1", profile="ann")
        return (done.returncode == 0) == expected
    judge.is_true("who is trusted assumes the role", assumes(True))
    judge.call("UpdateAssumeRolePolicy", "--role-name", "r", "--policy-document",
               TRUST.replace("user/ann", "user/bob"))
    judge.is_true("who is trusted no more does not", assumes(False))
    judge.call("DeleteRole", "--role-name", "r")
    judge.is_true("a role that is gone cannot be assumed", assumes(False))

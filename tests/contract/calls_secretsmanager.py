# SPDX-License-Identifier: MIT
"""Secrets Manager: versions and stages, deletion and restoration, policies, rotation."""

TOKEN = "00000000-0000-4000-8000-000000000001"
FOREIGN = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:foreign"
POLICY = ('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": '
          '"arn:aws:iam::222222222222:root"}, "Action": "secretsmanager:*", "Resource": "*"}]}')
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:rotate"


def calls(judge):
    made = judge.call("CreateSecret", "--name", "s", "--secret-string", "one", "--description", "d",
                      "--client-request-token", TOKEN, "--kms-key-id", "alias/own", "--tags",
                      "Key=a,Value=b")
    again = judge.call("CreateSecret", "--name", "s", "--secret-string", "one",
                       "--client-request-token", TOKEN)
    judge.is_true("the same creation again is the same secret", again == made)
    judge.refuses("ResourceExistsException", "CreateSecret", "--name", "s", "--secret-string", "x")
    judge.refuses("EncryptionFailure", "CreateSecret", "--name", "t", "--secret-string", "x",
                  "--kms-key-id", "alias/none")
    judge.refuses("ValidationException", "CreateSecret", "--name", "a b", "--secret-string", "x")
    values(judge, made)
    stages(judge)
    lists(judge)
    config(judge)
    foreign(judge)
    deletion(judge)
    judge.call("GetRandomPassword", "--password-length", "20", "--exclude-punctuation")
    judge.refuses("InvalidParameterException", "GetRandomPassword", "--password-length", "2")


def values(judge, made):
    arn = made.get("ARN", "")
    judge.is_true("the value is there",
                  judge.call("GetSecretValue", "--secret-id", "s").get("SecretString") == "one")
    judge.call("GetSecretValue", "--secret-id", arn)
    judge.call("GetSecretValue", "--secret-id", arn.rsplit("-", 1)[0])
    judge.refuses("ResourceNotFoundException", "GetSecretValue", "--secret-id", "none")
    judge.refuses("ResourceNotFoundException", "GetSecretValue", "--secret-id", "s",
                  "--version-stage", "AWSPENDING")
    judge.call("PutSecretValue", "--secret-id", "s", "--secret-string", "two")
    judge.is_true("the new value is current",
                  judge.call("GetSecretValue", "--secret-id", "s").get("SecretString") == "two")
    judge.is_true("the old value is the previous", judge.call(
        "GetSecretValue", "--secret-id", "s", "--version-stage",
        "AWSPREVIOUS").get("SecretString") == "one")
    judge.refuses("ResourceExistsException", "PutSecretValue", "--secret-id", "s",
                  "--secret-string", "three", "--client-request-token", TOKEN)
    judge.call("UpdateSecret", "--secret-id", "s", "--description", "changed", "--secret-string",
               "three")
    judge.call("UpdateSecret", "--secret-id", "s", "--kms-key-id", "alias/shared")
    secret = judge.call("DescribeSecret", "--secret-id", "s")
    judge.is_true("description and key are changed",
                  (secret.get("Description"), secret.get("KmsKeyId")) == ("changed", "alias/shared"))


def stages(judge):
    pending = judge.call("PutSecretValue", "--secret-id", "s", "--secret-string", "four",
                         "--version-stages", "AWSPENDING").get("VersionId", "")
    judge.is_true("a pending value is not current",
                  judge.call("GetSecretValue", "--secret-id", "s").get("SecretString") == "three")
    current = judge.call("GetSecretValue", "--secret-id", "s").get("VersionId", "")
    judge.refuses("InvalidParameterException", "UpdateSecretVersionStage", "--secret-id", "s",
                  "--version-stage", "AWSCURRENT", "--move-to-version-id", pending)
    judge.call("UpdateSecretVersionStage", "--secret-id", "s", "--version-stage", "AWSCURRENT",
               "--move-to-version-id", pending, "--remove-from-version-id", current)
    judge.is_true("the stage has moved",
                  judge.call("GetSecretValue", "--secret-id", "s").get("SecretString") == "four")
    judge.is_true("the former current is the previous", judge.call(
        "GetSecretValue", "--secret-id", "s", "--version-stage",
        "AWSPREVIOUS").get("SecretString") == "three")
    versions = judge.call("ListSecretVersionIds", "--secret-id", "s").get("Versions", [])
    judge.is_true("versions without a stage are not shown", len(versions) == 2)
    every = judge.call("ListSecretVersionIds", "--secret-id", "s", "--include-deprecated")
    judge.is_true("unless they are asked for", len(every.get("Versions", [])) == 4)


def lists(judge):
    names = [s["Name"] for s in judge.call("ListSecrets").get("SecretList", [])]
    judge.is_true("secrets are listed in order", names == ["foreign", "plain", "s"])
    paged = judge.call("ListSecrets", "--page-size", "1").get("SecretList", [])
    judge.is_true("pages add up", [s["Name"] for s in paged] == names)
    found = judge.call("ListSecrets", "--filters", "Key=name,Values=pl", "Key=all,Values=p")
    judge.is_true("filters are joined", [s["Name"] for s in found["SecretList"]] == ["plain"])
    found = judge.call("ListSecrets", "--filters", "Key=tag-key,Values=a")
    judge.is_true("tags are searched", [s["Name"] for s in found["SecretList"]] == ["s"])


def config(judge):
    judge.call("TagResource", "--secret-id", "s", "--tags", "Key=c,Value=d", "Key=a,Value=z")
    judge.call("UntagResource", "--secret-id", "s", "--tag-keys", "c")
    judge.is_true("tags are set and removed", judge.call("DescribeSecret", "--secret-id", "s")
                  .get("Tags") == [{"Key": "a", "Value": "z"}])
    judge.call("PutResourcePolicy", "--secret-id", "s", "--resource-policy", POLICY)
    judge.is_true("the policy is kept", judge.call("GetResourcePolicy", "--secret-id", "s")
                  .get("ResourcePolicy") == POLICY)
    judge.refuses("MalformedPolicyDocumentException", "PutResourcePolicy", "--secret-id", "s",
                  "--resource-policy", "{")
    judge.call("DeleteResourcePolicy", "--secret-id", "s")
    judge.is_true("the policy is gone", "ResourcePolicy" not in judge.call(
        "GetResourcePolicy", "--secret-id", "s"))
    judge.is_true("a malformed policy is told", judge.call(
        "ValidateResourcePolicy", "--resource-policy", "{").get("PolicyValidationPassed") is False)
    judge.refuses("InvalidRequestException", "RotateSecret", "--secret-id", "s")
    judge.call("RotateSecret", "--secret-id", "s", "--rotation-lambda-arn", FUNCTION,
               "--rotation-rules", "AutomaticallyAfterDays=30", "--no-rotate-immediately")
    state = judge.call("DescribeSecret", "--secret-id", "s")
    judge.is_true("rotation is on", state.get("RotationEnabled") is True
                  and "NextRotationDate" in state and "LastRotatedDate" not in state)
    judge.call("CancelRotateSecret", "--secret-id", "s")
    judge.is_true("rotation is off", judge.call("DescribeSecret", "--secret-id", "s")
                  .get("RotationEnabled") is False)


def foreign(judge):
    value = judge.call("GetSecretValue", "--secret-id", FOREIGN, profile="preproduction")
    judge.is_true("another account reads what its policy and key allow",
                  value.get("SecretString") == "for both")
    judge.refuses("AccessDeniedException", "DescribeSecret", "--secret-id", FOREIGN,
                  profile="preproduction")
    judge.refuses("ResourceNotFoundException", "GetSecretValue", "--secret-id", "foreign",
                  profile="preproduction")
    judge.call("PutResourcePolicy", "--secret-id", "plain", "--resource-policy", POLICY)
    judge.refuses("InvalidRequestException", "GetSecretValue", "--secret-id",
                  FOREIGN.replace("foreign", "plain"), profile="preproduction")


def deletion(judge):
    judge.refuses("InvalidParameterException", "DeleteSecret", "--secret-id", "s",
                  "--recovery-window-in-days", "3")
    judge.refuses("InvalidParameterException", "DeleteSecret", "--secret-id", "s",
                  "--recovery-window-in-days", "7", "--force-delete-without-recovery")
    judge.call("DeleteSecret", "--secret-id", "s", "--recovery-window-in-days", "7")
    judge.refuses("InvalidRequestException", "GetSecretValue", "--secret-id", "s")
    judge.refuses("InvalidRequestException", "CreateSecret", "--name", "s", "--secret-string", "x")
    judge.is_true("it is described with its date", "DeletedDate" in judge.call(
        "DescribeSecret", "--secret-id", "s"))
    judge.call("RestoreSecret", "--secret-id", "s")
    judge.is_true("it is back with its value", judge.call(
        "GetSecretValue", "--secret-id", "s").get("SecretString") == "four")
    judge.call("DeleteSecret", "--secret-id", "s", "--force-delete-without-recovery")
    judge.refuses("ResourceNotFoundException", "DescribeSecret", "--secret-id", "s")

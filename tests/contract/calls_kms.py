# SPDX-License-Identifier: MIT
"""KMS: keys, aliases, policies, grants, and encryption that works."""

import base64
import json
import os

KEY = "11111111-1111-4111-8111-111111111111"
SHARED = "arn:aws:kms:eu-west-1:111111111111:key/22222222-2222-4222-8222-222222222222"
ACCOUNT = "111111111111"


def calls(judge):
    made = judge.call("CreateKey", "--description", "made", "--tags", "TagKey=a,TagValue=b")
    key = made.get("KeyMetadata", {}).get("KeyId", "")
    describe(judge, key)
    aliases(judge, key)
    policies(judge, key)
    tags(judge, key)
    states(judge, key)
    grants(judge)
    encryption(judge)
    deletion(judge, key)


def describe(judge, key):
    judge.call("DescribeKey", "--key-id", key)
    own = judge.call("DescribeKey", "--key-id", "alias/own").get("KeyMetadata", {})
    judge.is_true("an alias leads to its key", own.get("KeyId") == KEY)
    judge.is_true("a customer's key says so", own.get("KeyManager") == "CUSTOMER")
    judge.call("DescribeKey", "--key-id", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KEY}")
    judge.call("DescribeKey", "--key-id", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/own")
    rds = judge.call("DescribeKey", "--key-id", "alias/aws/rds").get("KeyMetadata", {})
    judge.is_true("the service's key is AWS's", rds.get("KeyManager") == "AWS")
    judge.call("DescribeKey", "--key-id", SHARED, profile="preproduction")
    judge.refuses("AccessDeniedException", "DescribeKey", "--key-id",
                  f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KEY}", profile="preproduction")
    judge.refuses("NotFoundException", "DescribeKey", "--key-id", "alias/none")
    judge.refuses("NotFoundException", "DescribeKey", "--key-id", "nonsense")
    judge.refuses("NotFoundException", "DescribeKey", "--key-id",
                  "99999999-9999-4999-8999-999999999999")
    judge.refuses("NotFoundException", "DescribeKey", "--key-id",
                  f"arn:aws:kms:eu-west-2:{ACCOUNT}:key/{KEY}")
    judge.refuses("UnsupportedOperationException", "CreateKey", "--key-spec", "RSA_2048",
                  "--key-usage", "SIGN_VERIFY")
    listed = judge.call("ListKeys")
    judge.is_true("the keys are listed",
                  {KEY, key} <= {item["KeyId"] for item in listed.get("Keys", [])})
    paged = judge.call("ListKeys", "--page-size", "1")
    judge.is_true("pages add up", paged.get("Keys") == listed.get("Keys"))
    judge.call("UpdateKeyDescription", "--key-id", key, "--description", "changed")


def aliases(judge, key):
    judge.call("CreateAlias", "--alias-name", "alias/new", "--target-key-id", key)
    judge.refuses("AlreadyExistsException", "CreateAlias", "--alias-name", "alias/new",
                  "--target-key-id", key)
    judge.refuses("NotAuthorizedException", "CreateAlias", "--alias-name", "alias/aws/new",
                  "--target-key-id", key)
    judge.refuses("ValidationException", "CreateAlias", "--alias-name", "new", "--target-key-id",
                  key)
    judge.call("UpdateAlias", "--alias-name", "alias/new", "--target-key-id", KEY)
    listed = judge.call("ListAliases", "--key-id", KEY).get("Aliases", [])
    judge.is_true("a key's aliases are listed",
                  {a["AliasName"] for a in listed} == {"alias/own", "alias/new"})
    judge.call("DeleteAlias", "--alias-name", "alias/new")
    judge.refuses("NotFoundException", "DeleteAlias", "--alias-name", "alias/new")


def policies(judge, key):
    policy = judge.call("GetKeyPolicy", "--key-id", key, "--policy-name", "default")
    judge.is_true("the policy is JSON", "Statement" in json.loads(policy.get("Policy", "{}")))
    judge.refuses("NotFoundException", "GetKeyPolicy", "--key-id", "alias/own", "--policy-name",
                  "default")
    judge.call("ListKeyPolicies", "--key-id", key)
    judge.call("PutKeyPolicy", "--key-id", key, "--policy-name", "default", "--policy",
               policy.get("Policy", ""))
    judge.refuses("MalformedPolicyDocumentException", "PutKeyPolicy", "--key-id", key,
                  "--policy-name", "default", "--policy", "{")
    judge.refuses("MalformedPolicyDocumentException", "PutKeyPolicy", "--key-id", key,
                  "--policy-name", "default", "--policy",
                  '{"Version": "2012-10-17", "Statement": []}')


def tags(judge, key):
    judge.call("TagResource", "--key-id", key, "--tags", "TagKey=c,TagValue=d")
    judge.call("UntagResource", "--key-id", key, "--tag-keys", "a")
    listed = judge.call("ListResourceTags", "--key-id", key).get("Tags")
    judge.is_true("tags are set and removed", listed == [{"TagKey": "c", "TagValue": "d"}])


def states(judge, key):
    judge.call("DisableKey", "--key-id", key)
    judge.refuses("DisabledException", "Encrypt", "--key-id", key, "--plaintext", "eA==")
    judge.call("EnableKey", "--key-id", key)
    judge.call("EnableKeyRotation", "--key-id", key)
    status = judge.call("GetKeyRotationStatus", "--key-id", key)
    judge.is_true("rotation is on", status.get("KeyRotationEnabled") is True)
    judge.call("DisableKeyRotation", "--key-id", key)


def grants(judge):
    own = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KEY}"
    grantee = "arn:aws:iam::222222222222:root"
    made = judge.call("CreateGrant", "--key-id", KEY, "--grantee-principal", grantee,
                      "--retiring-principal", grantee, "--operations", "Decrypt", "DescribeKey")
    judge.call("DescribeKey", "--key-id", own, profile="preproduction")
    listed = judge.call("ListGrants", "--key-id", KEY).get("Grants", [])
    judge.is_true("the grant is listed", [g["GrantId"] for g in listed] == [made.get("GrantId")])
    judge.call("ListRetirableGrants", "--retiring-principal", grantee)
    judge.call("RevokeGrant", "--key-id", KEY, "--grant-id", made.get("GrantId", ""))
    judge.refuses("AccessDeniedException", "DescribeKey", "--key-id", own, profile="preproduction")
    judge.refuses("NotFoundException", "RevokeGrant", "--key-id", KEY, "--grant-id",
                  made.get("GrantId", ""))
    again = judge.call("CreateGrant", "--key-id", KEY, "--grantee-principal", grantee,
                       "--operations", "Decrypt")
    judge.call("RetireGrant", "--grant-token", again.get("GrantToken", ""))
    judge.is_true("no grant is left", judge.call("ListGrants", "--key-id", KEY)["Grants"] == [])


def blob(judge, name, text):
    path = os.path.join(judge.server.state, name)
    with open(path, "wb") as file:
        file.write(base64.b64decode(text))
    return "fileb://" + path


def encryption(judge):
    plain = blob(judge, "plain", base64.b64encode(b"the quick brown fox").decode())
    sealed = judge.call("Encrypt", "--key-id", "alias/shared", "--plaintext", plain,
                        "--encryption-context", "a=b").get("CiphertextBlob", "")
    path = blob(judge, "sealed", sealed)
    opened = judge.call("Decrypt", "--ciphertext-blob", path, "--encryption-context", "a=b")
    judge.is_true("what was encrypted is decrypted",
                  base64.b64decode(opened.get("Plaintext", "")) == b"the quick brown fox")
    judge.call("Decrypt", "--ciphertext-blob", path, "--encryption-context", "a=b",
               profile="preproduction")
    judge.refuses("InvalidCiphertextException", "Decrypt", "--ciphertext-blob", path,
                  "--encryption-context", "a=c")
    judge.refuses("IncorrectKeyException", "Decrypt", "--ciphertext-blob", path, "--key-id", KEY,
                  "--encryption-context", "a=b")
    judge.refuses("InvalidCiphertextException", "Decrypt", "--ciphertext-blob",
                  blob(judge, "junk", base64.b64encode(b"\x01\x00\x05short").decode()))
    moved = judge.call("ReEncrypt", "--ciphertext-blob", path, "--source-encryption-context", "a=b",
                       "--destination-key-id", KEY).get("CiphertextBlob", "")
    moved_path = blob(judge, "moved", moved)
    judge.is_true("what was encrypted again is decrypted", base64.b64decode(
        judge.call("Decrypt", "--ciphertext-blob", moved_path).get("Plaintext", ""))
        == b"the quick brown fox")
    judge.refuses("AccessDeniedException", "Decrypt", "--ciphertext-blob", moved_path,
                  profile="preproduction")
    data = judge.call("GenerateDataKey", "--key-id", KEY, "--key-spec", "AES_256")
    judge.is_true("a data key's blob holds the key", judge.call(
        "Decrypt", "--ciphertext-blob", blob(judge, "data", data.get("CiphertextBlob", "")))
        .get("Plaintext") == data.get("Plaintext"))
    judge.refuses("ValidationException", "GenerateDataKey", "--key-id", KEY)
    judge.call("GenerateDataKeyWithoutPlaintext", "--key-id", KEY, "--number-of-bytes", "16")
    judge.call("GenerateRandom", "--number-of-bytes", "8")


def deletion(judge, key):
    judge.call("ScheduleKeyDeletion", "--key-id", key, "--pending-window-in-days", "30")
    judge.refuses("KMSInvalidStateException", "Encrypt", "--key-id", key, "--plaintext", "eA==")
    judge.refuses("KMSInvalidStateException", "EnableKey", "--key-id", key)
    judge.call("CancelKeyDeletion", "--key-id", key)
    state = judge.call("DescribeKey", "--key-id", key).get("KeyMetadata", {})
    judge.is_true("a key that was to be deleted is disabled", state.get("KeyState") == "Disabled")
    judge.refuses("KMSInvalidStateException", "CancelKeyDeletion", "--key-id", key)
    judge.refuses("ValidationException", "ScheduleKeyDeletion", "--key-id", key,
                  "--pending-window-in-days", "3")

# SPDX-License-Identifier: MIT
"""Terraform keeps its state in the rehearsal's S3 and locks it there or in its DynamoDB, and the workspace's
list of states reads both.

usage: test-terraform-backend.py SERVER SCENARIO SLIPWAYCTL
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from rehearsal import Cli, Server, Tap, equal, holds

BUCKET = "contract-terraform-state"
TABLE = "contract-terraform-lock"
KEY = "app/terraform.tfstate"
ROOT = """
terraform {
  backend "s3" {
    bucket = "%s"
    key    = "%s"
    region = "eu-west-1"
    %s
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
  }
}
variable "value" {
  type = string
}
resource "terraform_data" "it" {
  input = var.value
}
output "it" {
  value = terraform_data.it.output
}
"""


class Root:
    """A Terraform root in a folder of its own."""

    def __init__(self, server, folder, lock):
        os.mkdir(folder)
        self.folder = folder
        with open(os.path.join(folder, "main.tf"), "w", encoding="utf-8") as file:
            file.write(ROOT % (BUCKET, KEY, lock))
        self.env = server.environ()
        self.env.update(AWS_PROFILE="production", TF_IN_AUTOMATION="1", TF_INPUT="0",
                        CHECKPOINT_DISABLE="1", AWS_ENDPOINT_URL=server.endpoint)

    def run(self, *args):
        return subprocess.run(["terraform", f"-chdir={self.folder}", *args], capture_output=True,
                              text=True, env=self.env, timeout=120, check=False)

    def good(self, *args):
        done = self.run(*args)
        holds(done.returncode == 0, f"{' '.join(args)}: {done.stdout[-300:]}{done.stderr[-900:]}")
        return done.stdout

    def output(self):
        return json.loads(self.good("output", "-json"))["it"]["value"]


def keys(cli):
    told = cli("s3api", "list-objects-v2", "--bucket", BUCKET)
    return [item["Key"] for item in told.get("Contents", [])]


def check(server, tap, root, title, other):
    cli = Cli(server)

    def applied(value):
        root.good("apply", "-auto-approve", "-var", "value=" + value)
        equal(root.output(), value)
        equal([key for key in keys(cli) if key.endswith(".tflock")], [], "locks left")

    tap.claim(f"{title}: init", root.good, "init", "-reconfigure")
    tap.claim(f"{title}: the first apply makes the state", applied, title)
    tap.claim(f"{title}: the next one changes it", applied, title + " again")
    tap.claim(f"{title}: another folder reads the same state", lambda: (
        other.good("init", "-reconfigure"), equal(other.output(), title + " again")))
    tap.claim(f"{title}: workspaces", lambda: (
        root.good("workspace", "new", "side"), applied("side"),
        holds("side" in root.good("workspace", "list"), "it is not listed"),
        root.good("workspace", "select", "default"), equal(root.output(), title + " again")))


def listed(server, root, holder):
    """Slipway's list shows the state that Terraform wrote, who holds its lock, and no value of it."""
    with open(os.path.join(server.state, "workspace.json"), encoding="utf-8") as file:
        workspace = json.load(file)
    for environment in workspace["environments"]:
        for name in "aws_config", "aws_credentials":
            environment[name] = os.path.join(server.state, environment[name])
        if environment["name"] == "production":
            environment["terraform"] = [{"name": "app", "path": root.folder}]
    path = os.path.join(server.state, "with-terraform.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(workspace, file)
    done = subprocess.run([sys.argv[3], "--workspace", path, "estate", "list", "-e", "production", "-k",
                           "terraform", "--json"], capture_output=True, text=True, timeout=60, check=False)
    holds(done.returncode == 0, done.stdout[-600:] + done.stderr[-600:])
    rows = json.loads(done.stdout)[0]["resources"]
    equal([(row["name"], row["status"]) for row in rows],
          [("app", "locked" if holder else "not locked")])
    equal(rows[0]["fields"]["Bucket"], BUCKET)
    equal(rows[0]["fields"].get("Lock", {}).get("Who"), holder)
    equal([row["name"] for row in rows[0]["children"]], ["terraform_data.it"])
    holds("again" not in done.stdout, "a value of the state was listed")


def refused_by(root, who):
    done = root.run("plan", "-lock-timeout=0s", "-var", "value=x")
    holds(done.returncode != 0, "the plan did not see the lock")
    holds("Error acquiring the state lock" in done.stderr and who in done.stderr, done.stderr)


def lock_file(server, tap, root):
    """What another's Terraform would have left while it runs."""
    cli = Cli(server)
    info = {"ID": "11111111-2222-3333-4444-555555555555", "Operation": "OperationTypeApply",
            "Info": "", "Who": "bob@elsewhere", "Version": "1.11.4",
            "Created": "2026-01-01T00:00:00Z", "Path": f"{BUCKET}/{KEY}"}
    with tempfile.NamedTemporaryFile("w") as file:
        json.dump(info, file)
        file.flush()
        cli("s3api", "put-object", "--bucket", BUCKET, "--key", KEY + ".tflock", "--body",
            file.name)
    tap.claim("a lock file stops the other and names its holder", refused_by, root,
              "bob@elsewhere")
    tap.claim("the list of states names the holder of a lock file", listed, server, root,
              "bob@elsewhere")
    tap.claim("force-unlock takes the file away", lambda: (
        root.good("force-unlock", "-force", info["ID"]),
        equal([key for key in keys(cli) if key.endswith(".tflock")], []),
        root.good("plan", "-var", "value=x")))
    tap.claim("the list of states knows that the file is gone", listed, server, root, None)


def lock_item(server, tap, root):
    cli = Cli(server)
    info = {"ID": "11111111-2222-3333-4444-666666666666", "Operation": "OperationTypeApply",
            "Info": "", "Who": "carol@elsewhere", "Version": "1.11.4",
            "Created": "2026-01-01T00:00:00Z", "Path": f"{BUCKET}/{KEY}"}
    cli("dynamodb", "put-item", "--table-name", TABLE, "--item", json.dumps(
        {"LockID": {"S": f"{BUCKET}/{KEY}"}, "Info": {"S": json.dumps(info)}}))
    tap.claim("an item of the lock table stops the other and names its holder", refused_by, root,
              "carol@elsewhere")
    tap.claim("the list of states names the holder of the table's lock", listed, server, root,
              "carol@elsewhere")
    tap.claim("force-unlock takes the item away", lambda: (
        root.good("force-unlock", "-force", info["ID"]), root.good("plan", "-var", "value=x")))
    tap.claim("the list of states knows that the item is gone", listed, server, root, None)


def main():
    if shutil.which("terraform") is None:
        print("1..0 # SKIP terraform is not installed")
        return 77
    if shutil.which("aws") is None:
        print("1..0 # SKIP the AWS CLI is not installed")
        return 77
    tap = Tap()
    with Server(*sys.argv[1:3]) as server, tempfile.TemporaryDirectory() as folder:
        cli = Cli(server)
        cli("s3api", "create-bucket", "--bucket", BUCKET, "--create-bucket-configuration",
            "LocationConstraint=eu-west-1")
        cli("s3api", "put-bucket-versioning", "--bucket", BUCKET, "--versioning-configuration",
            "Status=Enabled")
        cli("dynamodb", "create-table", "--table-name", TABLE, "--attribute-definitions",
            "AttributeName=LockID,AttributeType=S", "--key-schema",
            "AttributeName=LockID,KeyType=HASH", "--billing-mode", "PAY_PER_REQUEST")
        cli("dynamodb", "wait", "table-exists", "--table-name", TABLE)
        by_file = [Root(server, os.path.join(folder, name), "use_lockfile = true")
                   for name in ("file", "file-2")]
        check(server, tap, by_file[0], "locked by S3", by_file[1])
        lock_file(server, tap, by_file[0])
        for key in keys(cli):
            cli("s3api", "delete-object", "--bucket", BUCKET, "--key", key)
        by_table = [Root(server, os.path.join(folder, name), f'dynamodb_table = "{TABLE}"')
                    for name in ("table", "table-2")]
        check(server, tap, by_table[0], "locked by DynamoDB", by_table[1])
        lock_item(server, tap, by_table[0])
    return tap.done()


sys.exit(main())

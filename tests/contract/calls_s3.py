# SPDX-License-Identifier: MIT
"""S3: buckets and their settings, objects, versions, parts, conditions, and uploads in every framing
that clients use."""

import base64
import datetime
import hashlib
import hmac
import json
import os
import tempfile
import zlib

from rehearsal import equal, holds, sign, wait_until

BUCKET = "contract-bucket"
WHERE = ("--create-bucket-configuration", "LocationConstraint=eu-west-1")


def calls(judge):
    with tempfile.TemporaryDirectory() as folder:
        buckets(judge)
        settings(judge)
        objects(judge, folder)
        conditions(judge, folder)
        listings(judge)
        versions(judge, folder)
        parts(judge, folder)
        framings(judge)
        names(judge)
        memory(judge, folder)
        others(judge)
        ends(judge)


def buckets(judge):
    made = judge.call("CreateBucket", "--bucket", BUCKET, *WHERE)
    judge.is_true("the bucket says where it is", BUCKET in made.get("Location", ""))
    judge.refuses("BucketAlreadyOwnedByYou", "CreateBucket", "--bucket", BUCKET, *WHERE)
    judge.refuses("BucketAlreadyExists", "CreateBucket", "--bucket", BUCKET, *WHERE,
                  profile="preproduction")
    judge.refuses("IllegalLocationConstraintException", "CreateBucket", "--bucket", "elsewhere")
    judge.refuses("IllegalLocationConstraintException", "CreateBucket", "--bucket", "elsewhere",
                  "--create-bucket-configuration", "LocationConstraint=eu-west-2")
    judge.refuses("InvalidBucketName", "CreateBucket", "--bucket", "a..b", *WHERE)
    judge.call("HeadBucket", "--bucket", BUCKET)
    judge.refuses("404", "HeadBucket", "--bucket", "nothing-here")
    judge.refuses("403", "HeadBucket", "--bucket", BUCKET, profile="preproduction")
    judge.refuses("403", "HeadBucket", "--bucket", BUCKET, "--expected-bucket-owner",
                  "222222222222")
    judge.is_true("buckets are listed", [b["Name"] for b in judge.call("ListBuckets").get(
        "Buckets", [])] == [BUCKET])
    judge.is_true("the location is told", judge.call("GetBucketLocation", "--bucket", BUCKET)
                  == {"LocationConstraint": "eu-west-1"})
    judge.tap.claim("s3: a bucket in another region is found by the region in the answer",
                    lambda: judge.cli("s3api", "head-bucket", "--bucket", BUCKET, "--region",
                                      "eu-west-2"))


def settings(judge):
    at = ("--bucket", BUCKET)
    judge.is_true("versioning is off at first", judge.call("GetBucketVersioning", *at) == {})
    judge.is_true("a new bucket blocks public access", all(judge.call(
        "GetPublicAccessBlock", *at).get("PublicAccessBlockConfiguration", {"": False}).values()))
    judge.is_true("a new bucket encrypts", "AES256" in json.dumps(judge.call(
        "GetBucketEncryption", *at)))
    judge.call("PutBucketEncryption", *at, "--server-side-encryption-configuration", json.dumps(
        {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms",
                                                           "KMSMasterKeyID": "alias/x"}}]}))
    judge.is_true("the encryption is what was put", "alias/x" in json.dumps(judge.call(
        "GetBucketEncryption", *at)))
    judge.call("DeleteBucketEncryption", *at)
    judge.call("PutPublicAccessBlock", *at, "--public-access-block-configuration",
               "BlockPublicAcls=true,BlockPublicPolicy=false")
    judge.is_true("the block is what was put", judge.call("GetPublicAccessBlock", *at).get(
        "PublicAccessBlockConfiguration") == {"BlockPublicAcls": True, "BlockPublicPolicy": False})
    judge.call("DeletePublicAccessBlock", *at)
    judge.refuses("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock", *at)
    judge.refuses("NoSuchTagSet", "GetBucketTagging", *at)
    judge.call("PutBucketTagging", *at, "--tagging", "TagSet=[{Key=a,Value=b}]")
    judge.is_true("tags are there", judge.call("GetBucketTagging", *at)
                  == {"TagSet": [{"Key": "a", "Value": "b"}]})
    judge.call("DeleteBucketTagging", *at)
    judge.refuses("NoSuchTagSet", "GetBucketTagging", *at)
    judge.refuses("NoSuchBucketPolicy", "GetBucketPolicy", *at)
    judge.refuses("MalformedPolicy", "PutBucketPolicy", *at, "--policy", "{}")
    judge.refuses("NoSuchBucket", "GetBucketVersioning", "--bucket", "nothing-here")


def put(judge, folder, key, content, *args, judged=False, **kwargs):
    path = os.path.join(folder, "put")
    with open(path, "wb") as file:
        file.write(content)
    call = judge.call if judged else lambda _, *more, **kw: judge.cli("s3api", "put-object", *more,
                                                                      **kw)
    return call("PutObject", "--bucket", BUCKET, "--key", key, "--body", path, *args, **kwargs)


def get(judge, folder, key, *args, **kwargs):
    path = os.path.join(folder, "got")
    told = judge.cli("s3api", "get-object", "--bucket", BUCKET, "--key", key, *args, path, **kwargs)
    judge.judged.add("GetObject")
    with open(path, "rb") as file:
        return file.read(), told


def objects(judge, folder):
    content = bytes(range(256)) * 5
    made = put(judge, folder, "a/b c/ü+%.bin", content, "--content-type", "text/x", "--metadata",
               "who=me", judged=True)
    judge.is_true("the tag is the content's MD5",
                  made.get("ETag") == f'"{hashlib.md5(content).hexdigest()}"')

    def whole():
        got, told = get(judge, folder, "a/b c/ü+%.bin", "--checksum-mode", "ENABLED")
        equal(got, content)
        equal((told["ContentType"], told["Metadata"], told["ContentLength"]),
              ("text/x", {"who": "me"}, len(content)))
        holds(any(name.startswith("Checksum") for name in told), f"no checksum in {told}")

    def part(text, start, end):
        got, told = get(judge, folder, "a/b c/ü+%.bin", "--range", text)
        equal(got, content[start:end])
        equal(told["ContentRange"], f"bytes {start}-{end - 1}/{len(content)}")

    judge.tap.claim("s3 GetObject: the bytes, type and metadata that were put", whole)
    judge.tap.claim("s3 GetObject: a range", part, "bytes=10-19", 10, 20)
    judge.tap.claim("s3 GetObject: from a byte on", part, "bytes=1000-", 1000, 1280)
    judge.tap.claim("s3 GetObject: the last bytes", part, "bytes=-5", 1275, 1280)
    judge.refuses("InvalidRange", "GetObject", "--bucket", BUCKET, "--key", "a/b c/ü+%.bin",
                  "--range", "bytes=5000-", os.path.join(folder, "got"))
    told = judge.call("HeadObject", "--bucket", BUCKET, "--key", "a/b c/ü+%.bin")
    judge.is_true("the head tells the size", told.get("ContentLength") == len(content))
    judge.refuses("NoSuchKey", "GetObject", "--bucket", BUCKET, "--key", "none",
                  os.path.join(folder, "got"))
    judge.refuses("404", "HeadObject", "--bucket", BUCKET, "--key", "none")
    judge.call("CopyObject", "--bucket", BUCKET, "--key", "copy", "--copy-source",
               BUCKET + "/a/b c/ü+%.bin")
    judge.tap.claim("s3 CopyObject: the copy has the content and metadata", lambda: equal(
        [get(judge, folder, "copy")[0], get(judge, folder, "copy")[1]["Metadata"]],
        [content, {"who": "me"}]))
    judge.refuses("BadDigest", "PutObject", "--bucket", BUCKET, "--key", "x", "--body",
                  os.path.join(folder, "put"), "--content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")
    judge.call("DeleteObject", "--bucket", BUCKET, "--key", "copy")
    judge.call("DeleteObject", "--bucket", BUCKET, "--key", "never-was")
    judge.refuses("NoSuchKey", "GetObject", "--bucket", BUCKET, "--key", "copy",
                  os.path.join(folder, "got"))
    judge.tap.claim("s3 PutObject: an empty object", lambda: (
        put(judge, folder, "empty", b""), equal(get(judge, folder, "empty")[0], b"")))


def conditions(judge, folder):
    path = os.path.join(folder, "put")
    tag = put(judge, folder, "once", b"1", "--if-none-match", "*")["ETag"]
    at = ("--bucket", BUCKET, "--key", "once", "--body", path)
    judge.refuses("PreconditionFailed", "PutObject", *at, "--if-none-match", "*")
    judge.refuses("PreconditionFailed", "PutObject", *at, "--if-match", '"0"')
    judge.refuses("NoSuchKey", "PutObject", "--bucket", BUCKET, "--key", "none", "--body", path,
                  "--if-match", tag)
    judge.tap.claim("s3 PutObject: who knows the content may replace it", lambda: put(
        judge, folder, "once", b"2", "--if-match", tag))
    read = ("--bucket", BUCKET, "--key", "once")
    tag = judge.cli("s3api", "head-object", *read)["ETag"]
    judge.refuses("304", "HeadObject", *read, "--if-none-match", tag)
    judge.refuses("304", "GetObject", *read, "--if-none-match", tag, os.path.join(folder, "got"))
    judge.refuses("PreconditionFailed", "GetObject", *read, "--if-match", '"0"',
                  os.path.join(folder, "got"))
    judge.cli("s3api", "delete-object", *read)


def keys_of(told):
    return [item["Key"] for item in told.get("Contents", [])]


def listings(judge):
    for key in ("l/1", "l/2", "l/2/x", "l/3/y", "l/3/z", "l/4"):
        judge.cli("s3api", "put-object", "--bucket", BUCKET, "--key", key)
    at = ("--bucket", BUCKET, "--prefix", "l/")
    judge.is_true("keys come in their order", keys_of(judge.call("ListObjectsV2", *at))
                  == ["l/1", "l/2", "l/2/x", "l/3/y", "l/3/z", "l/4"])
    told = judge.call("ListObjectsV2", *at, "--delimiter", "/")
    judge.is_true("a delimiter makes common prefixes",
                  (keys_of(told), [p["Prefix"] for p in told.get("CommonPrefixes", [])])
                  == (["l/1", "l/2", "l/4"], ["l/2/", "l/3/"]))

    def pages():
        seen, token = [], None
        for _ in range(10):
            told = judge.cli("s3api", "list-objects-v2", *at, "--delimiter", "/", "--max-keys", "2",
                             "--no-paginate",
                             *(("--continuation-token", token) if token else ()))
            seen += keys_of(told) + [p["Prefix"] for p in told.get("CommonPrefixes", [])]
            holds(told["KeyCount"] <= 2, "a page is too long")
            token = told.get("NextContinuationToken")
            if not token:
                break
        equal(sorted(seen), ["l/1", "l/2", "l/2/", "l/3/", "l/4"])

    judge.tap.claim("s3 ListObjectsV2: pages have everything once", pages)
    judge.is_true("a listing starts behind a key", keys_of(judge.call(
        "ListObjectsV2", *at, "--start-after", "l/3/y")) == ["l/3/z", "l/4"])
    judge.is_true("the old listing too", keys_of(judge.call(
        "ListObjects", *at, "--marker", "l/3/y")) == ["l/3/z", "l/4"])
    judge.refuses("InvalidArgument", "ListObjectsV2", *at, "--continuation-token", "%%%")
    told = judge.call("DeleteObjects", "--bucket", BUCKET, "--delete", json.dumps(
        {"Objects": [{"Key": key} for key in ("l/1", "l/2", "l/2/x", "l/3/y", "l/3/z", "none")]}))
    judge.is_true("what is not there is deleted", len(told.get("Deleted", [])) == 6)
    judge.is_true("the others are left", keys_of(judge.call("ListObjectsV2", *at)) == ["l/4"])


def versions(judge, folder):
    at = ("--bucket", BUCKET, "--key", "v")
    put(judge, folder, "v", b"before")
    judge.call("PutBucketVersioning", "--bucket", BUCKET, "--versioning-configuration",
               "Status=Enabled")
    judge.is_true("versioning is on", judge.call("GetBucketVersioning", "--bucket", BUCKET)
                  == {"Status": "Enabled"})
    first = put(judge, folder, "v", b"first").get("VersionId")
    put(judge, folder, "v", b"second")
    marker = judge.call("DeleteObject", *at)
    judge.is_true("a delete puts a marker", marker.get("DeleteMarker") is True)
    judge.refuses("NoSuchKey", "GetObject", *at, os.path.join(folder, "got"))
    judge.refuses("MethodNotAllowed", "GetObject", *at, "--version-id",
                  marker.get("VersionId", ""), os.path.join(folder, "got"))
    judge.tap.claim("s3 GetObject: an older version is there", lambda: equal(
        [get(judge, folder, "v", "--version-id", v)[0] for v in (first, "null")],
        [b"first", b"before"]))
    told = judge.call("ListObjectVersions", "--bucket", BUCKET, "--prefix", "v")
    judge.is_true("versions are listed, newest first",
                  [v["Size"] for v in told.get("Versions", [])] == [6, 5, 6]
                  and [m["IsLatest"] for m in told.get("DeleteMarkers", [])] == [True])
    page = judge.cli("s3api", "list-object-versions", "--bucket", BUCKET, "--prefix", "v",
                     "--max-keys", "2", "--no-paginate")
    more = judge.call("ListObjectVersions", "--bucket", BUCKET, "--prefix", "v", "--key-marker",
                      page["NextKeyMarker"], "--version-id-marker", page["NextVersionIdMarker"])
    judge.is_true("versions go on behind the marker",
                  [v["VersionId"] for v in more.get("Versions", [])] == [first, "null"])
    judge.cli("s3api", "delete-object", *at, "--version-id", marker["VersionId"])
    judge.tap.claim("s3: without its marker the object is back", lambda: equal(
        get(judge, folder, "v")[0], b"second"))
    judge.refuses("NoSuchVersion", "GetObject", *at, "--version-id", "x" * 32,
                  os.path.join(folder, "got"))


def parts(judge, folder):
    size = 5 * 1024 * 1024
    path = os.path.join(folder, "part")
    at = ("--bucket", BUCKET, "--key", "many")
    upload = judge.call("CreateMultipartUpload", *at, "--content-type", "text/y")["UploadId"]
    tags = {}
    for number, content in ((2, b"b" * 7), (1, b"a" * size)):
        with open(path, "wb") as file:
            file.write(content)
        tags[number] = judge.call("UploadPart", *at, "--upload-id", upload, "--part-number",
                                  str(number), "--body", path).get("ETag")
    told = judge.call("ListParts", *at, "--upload-id", upload)
    judge.is_true("parts are listed", [p["Size"] for p in told.get("Parts", [])] == [size, 7])
    judge.is_true("the upload is listed", [u["Key"] for u in judge.call(
        "ListMultipartUploads", "--bucket", BUCKET).get("Uploads", [])] == ["many"])

    def complete(*numbers, tag=None):
        return ("--upload-id", upload, "--multipart-upload", json.dumps(
            {"Parts": [{"PartNumber": n, "ETag": tag or tags[n]} for n in numbers]}))

    judge.refuses("InvalidPartOrder", "CompleteMultipartUpload", *at, *complete(2, 1))
    judge.refuses("InvalidPart", "CompleteMultipartUpload", *at, *complete(1, tag='"0"'))
    done = judge.call("CompleteMultipartUpload", *at, *complete(1, 2))
    judge.is_true("the tag tells of parts", done.get("ETag", "").endswith('-2"'))
    judge.tap.claim("s3: the parts are one object", lambda: equal(
        (hashlib.md5(get(judge, folder, "many")[0]).hexdigest(),
         get(judge, folder, "many")[1]["ContentType"]),
        (hashlib.md5(b"a" * size + b"b" * 7).hexdigest(), "text/y")))
    second = judge.cli("s3api", "head-object", *at, "--part-number", "2")
    judge.is_true("a part tells its size and how many there are", (second["ContentLength"], second["PartsCount"]) == (7, 2))
    judge.refuses("NoSuchUpload", "ListParts", *at, "--upload-id", upload)
    upload = judge.cli("s3api", "create-multipart-upload", *at)["UploadId"]
    small = []
    for number in ("1", "2"):
        with open(path, "wb") as file:
            file.write(b"small")
        small.append(judge.cli("s3api", "upload-part", *at, "--upload-id", upload, "--part-number",
                               number, "--body", path)["ETag"])
    judge.refuses("EntityTooSmall", "CompleteMultipartUpload", *at, *complete(1, 2, tag=small[0]))
    judge.call("AbortMultipartUpload", *at, "--upload-id", upload)
    judge.refuses("NoSuchUpload", "AbortMultipartUpload", *at, "--upload-id", upload)


# --- aws-chunked, as SDKs send it, written down again from AWS's description ---

def framed(judge, key, content, signed, trailer=None, spoil=None, length=None):
    """Sends content in chunks; with `signed`, each chunk and the trailer carry signatures."""
    server = judge.server
    access, secret, token = server.keys("production")
    host = f"{server.host}:{server.port}"
    way = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" if signed else "STREAMING-UNSIGNED-PAYLOAD"
    headers = {"x-amz-content-sha256": way + ("-TRAILER" if trailer else ""),
               "content-encoding": "aws-chunked",
               "x-amz-decoded-content-length": str(len(content) if length is None else length)}
    if trailer:
        headers["x-amz-trailer"] = trailer[0]
    path = f"/{BUCKET}/{key}"
    when = datetime.datetime.now(datetime.timezone.utc)
    headers = sign("PUT", host, path, b"", headers, (access, secret, token), "eu-west-1", "s3", when,
                   payload=headers["x-amz-content-sha256"])
    stamp = when.strftime("%Y%m%dT%H%M%SZ")
    signing = ("AWS4" + secret).encode()
    for part in (stamp[:8], "eu-west-1", "s3", "aws4_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    last = headers["authorization"].rsplit("=", 1)[1]
    body = b""

    def link(kind, middle, data):
        nonlocal last
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", stamp,
                          f"{stamp[:8]}/eu-west-1/s3/aws4_request", last, *middle,
                          hashlib.sha256(data).hexdigest()])
        last = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
        return last

    empty = hashlib.sha256(b"").hexdigest()
    for chunk in [content[at:at + 65536] for at in range(0, len(content), 65536)] + [b""]:
        proof = ";chunk-signature=" + link("PAYLOAD", [empty], chunk) if signed else ""
        body += f"{len(chunk):x}{proof}\r\n".encode() + chunk + (b"\r\n" if chunk else b"")
    if trailer:
        line = f"{trailer[0]}:{trailer[1]}"
        body += line.encode() + b"\r\n"
        if signed:
            body += b"x-amz-trailer-signature:" + link("TRAILER", [], line.encode() + b"\n").encode()
            body += b"\r\n"
    body += b"\r\n"
    if spoil:
        body = spoil(body)
    status, _, text = server.http("PUT", path, body, headers)
    return status, text.decode()


def framings(judge):
    content = os.urandom(150_000)
    crc = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    sha = base64.b64encode(hashlib.sha256(content).digest()).decode()

    def good(key, *args):
        status, text = framed(judge, key, content, *args)
        equal(status, 200, text)
        with tempfile.TemporaryDirectory() as folder:
            got, told = get(judge, folder, key)
        equal(got, content)
        holds("ContentEncoding" not in told, f"the framing is told: {told}")

    def refused(code, *args, **kwargs):
        status, text = framed(judge, "never", content, *args, **kwargs)
        holds(status >= 400 and code in text, f"{status}: {text[:300]}")
        equal(judge.cli.error("s3api", "head-object", "--bucket", BUCKET, "--key", "never")[0],
              "404")

    def flip(body):
        return body[:1000] + bytes([body[1000] ^ 1]) + body[1001:]

    claim = judge.tap.claim
    claim("s3: chunks without signatures", good, "c/1", False)
    claim("s3: chunks with a checksum behind them", good, "c/2", False,
          ("x-amz-checksum-crc32", crc))
    claim("s3: signed chunks", good, "c/3", True)
    claim("s3: signed chunks and a signed checksum", good, "c/4", True,
          ("x-amz-checksum-sha256", sha))
    claim("s3: a changed chunk is refused", lambda: refused("SignatureDoesNotMatch", True,
                                                            spoil=flip))
    claim("s3: a wrong checksum is refused", refused, "BadDigest", False,
          ("x-amz-checksum-crc32", "AAAAAA=="))
    claim("s3: a changed byte is refused by the checksum", lambda: refused(
        "BadDigest", False, ("x-amz-checksum-sha256", sha), spoil=flip))
    claim("s3: half a body is refused", lambda: refused(
        "IncompleteBody", False, spoil=lambda body: body[:80_000]))
    claim("s3: another length than announced is refused", lambda: refused(
        "IncompleteBody", False, length=len(content) + 1))

    def published(algorithm, value):
        digits = bytes.fromhex(value)
        status, text = framed(judge, "sum", b"123456789", False,
                              ("x-amz-checksum-" + algorithm, base64.b64encode(digits).decode()))
        equal(status, 200, text)

    # The check values of the catalogue of CRC algorithms.
    claim("s3: CRC32C has its published check value", published, "crc32c", "e3069283")
    claim("s3: CRC64NVME has its published check value", published, "crc64nvme",
          "ae8b14860a799888")
    for name in ("crc32", "sha1", "sha256"):
        claim(f"s3 PutObject: the CLI's {name} fits ours", judge.cli, "s3api", "put-object",
              "--bucket", BUCKET, "--key", "sum", "--body", __file__, "--checksum-algorithm",
              name.upper())


def names(judge):
    """The bucket in the host's name, and keys that look like ways out."""
    server = judge.server
    path = "/by-host"
    host = f"{BUCKET}.localhost:{server.port}"

    def by_host():
        body = b"by host"
        headers = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
        signed = sign("PUT", host, path, body, headers, server.keys("production"), "eu-west-1",
                      "s3")
        status, _, text = server.http("PUT", path, body, signed)
        equal(status, 200, text)
        with tempfile.TemporaryDirectory() as folder:
            equal(get(judge, folder, "by-host")[0], body)

    def outside():
        before = sorted(os.listdir(server.state))
        for key in ("..%2f..%2fescaped", "%2fetc%2fescaped", "a/%2e%2e/%2e%2e/%2e%2e/escaped"):
            headers = {"x-amz-content-sha256": hashlib.sha256(b"x").hexdigest()}
            target = f"/{BUCKET}/{key}"
            signed = sign("PUT", f"{server.host}:{server.port}", target, b"x", headers,
                          server.keys("production"), "eu-west-1", "s3")
            server.http("PUT", target, b"x", signed)
        equal(sorted(os.listdir(server.state)), before)
        found = [name for root, folders, files in os.walk(os.path.dirname(server.state))
                 for name in files if "escaped" in name]
        equal(found, [])

    judge.tap.claim("s3: the host names the bucket", by_host)
    judge.tap.claim("s3: no key leads out of the state folder", outside)


def memory(judge, folder):
    """An object's size is no memory of the server's."""
    path = os.path.join(folder, "large")
    with open(path, "wb") as file:
        file.truncate(192 * 1024 * 1024)
    pid = judge.server.process.pid

    def anonymous():
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))

    def run():
        before = anonymous()
        judge.cli("s3api", "put-object", "--bucket", BUCKET, "--key", "large", "--body", path)
        during = anonymous()
        judge.cli("s3api", "get-object", "--bucket", BUCKET, "--key", "large", path + ".got")
        after = anonymous()
        equal(os.path.getsize(path + ".got"), os.path.getsize(path))
        holds(max(during, after) - before < 24 * 1024,
              f"{before} kB before, {during} kB after the upload, {after} kB after the download")

    judge.tap.claim("s3: 192 MiB up and down in constant memory", run)


def others(judge):
    arn = f"arn:aws:s3:::{BUCKET}"
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
         "Action": "s3:GetObject", "Resource": arn + "/by-host"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
         "Resource": arn + "/closed/*"}]}
    at = ("--bucket", BUCKET)
    judge.call("PutBucketPolicy", *at, "--policy", json.dumps(policy))
    judge.judged.add("GetBucketPolicy")
    judge.tap.claim("s3 GetBucketPolicy", lambda: equal(
        json.loads(judge.cli("s3api", "get-bucket-policy", *at)["Policy"]), policy))
    judge.refuses("AccessDenied", "PutObject", *at, "--key", "closed/1")
    judge.refuses("AccessDenied", "ListObjectsV2", *at, profile="preproduction")

    def shared():
        with tempfile.TemporaryDirectory() as folder:
            equal(get(judge, folder, "by-host", profile="preproduction")[0], b"by host")

    judge.tap.claim("s3: what the policy shares can be read by the other account", shared)
    judge.call("DeleteBucketPolicy", *at)
    judge.refuses("NoSuchBucketPolicy", "GetBucketPolicy", *at)


def ends(judge):
    at = ("--bucket", BUCKET)
    judge.refuses("BucketNotEmpty", "DeleteBucket", *at)
    for _ in range(10):
        told = judge.cli("s3api", "list-object-versions", *at, "--no-paginate")
        every = [{"Key": v["Key"], "VersionId": v["VersionId"]}
                 for v in told.get("Versions", []) + told.get("DeleteMarkers", [])]
        if not every:
            break
        judge.cli("s3api", "delete-objects", *at, "--delete", json.dumps({"Objects": every,
                                                                          "Quiet": True}))
    judge.call("DeleteBucket", *at)
    judge.refuses("404", "HeadBucket", *at)

    def files():
        return [name for _, _, files in os.walk(os.path.join(judge.server.state, "s3"))
                for name in files]

    judge.tap.claim("s3: no file is left of what was deleted", lambda: wait_until(
        lambda: not files(), what="the files' end"))

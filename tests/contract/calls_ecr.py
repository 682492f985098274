# SPDX-License-Identifier: MIT
"""ECR: repositories, and images whose tags are looked at and moved."""

import base64
import json

MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"size": 5, "digest": "sha256:" + "0" * 64},
            "layers": [{"size": 7, "digest": "sha256:" + "1" * 64}]}
AT = ("--repository-name", "team/app")


def manifest(number):
    return json.dumps({**MANIFEST, "number": number})


def calls(judge):
    made = judge.call("CreateRepository", *AT, "--tags", "Key=a,Value=b")
    judge.is_true("the repository has its address", made.get("repository", {}).get("repositoryUri")
                  == "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/app")
    judge.refuses("RepositoryAlreadyExistsException", "CreateRepository", *AT)
    judge.refuses("InvalidParameterException", "CreateRepository", "--repository-name", "a//b")
    judge.is_true("repositories are listed", [r["repositoryName"] for r in judge.call(
        "DescribeRepositories").get("repositories", [])] == ["team/app"])
    judge.refuses("RepositoryNotFoundException", "DescribeRepositories", "--repository-names", "no")
    first = judge.call("PutImage", *AT, "--image-manifest", manifest(1), "--image-tag", "v1")
    digest = first.get("image", {}).get("imageId", {}).get("imageDigest")
    judge.refuses("ImageAlreadyExistsException", "PutImage", *AT, "--image-manifest", manifest(1),
                  "--image-tag", "v1")
    judge.refuses("ImageDigestDoesNotMatchException", "PutImage", *AT, "--image-manifest",
                  manifest(2), "--image-tag", "x", "--image-digest", "sha256:" + "9" * 64)
    judge.cli("ecr", "put-image", *AT, "--image-manifest", manifest(1), "--image-tag", "live")
    images(judge, digest)
    mutability(judge)
    token = judge.call("GetAuthorizationToken").get("authorizationData", [{}])[0]
    judge.is_true("the token is a login", base64.b64decode(
        token.get("authorizationToken", "")).startswith(b"AWS:"))
    judge.refuses("RepositoryNotEmptyException", "DeleteRepository", *AT)
    judge.call("DeleteRepository", *AT, "--force")
    judge.refuses("RepositoryNotFoundException", "ListImages", *AT)


def images(judge, digest):
    details = judge.call("DescribeImages", *AT).get("imageDetails", [{}])
    judge.is_true("one image has both tags", len(details) == 1 and sorted(
        details[0].get("imageTags", [])) == ["live", "v1"] and details[0]["imageSizeInBytes"] == 12)
    # A new image takes the tag from the old one.
    judge.cli("ecr", "put-image", *AT, "--image-manifest", manifest(2), "--image-tag", "live")
    tags = {i.get("imageTag"): i["imageDigest"] for i in judge.call("ListImages", *AT).get(
        "imageIds", [])}
    judge.is_true("a tag moves to the image that is put",
                  tags.get("v1") == digest and tags.get("live") not in (None, digest))
    judge.is_true("untagged ones are told apart", judge.cli(
        "ecr", "list-images", *AT, "--filter", "tagStatus=UNTAGGED")["imageIds"] == [])
    got = judge.call("BatchGetImage", *AT, "--image-ids", "imageTag=v1", "imageTag=none")
    judge.is_true("the manifest is what was put, and what is missing is told",
                  got.get("images", [{}])[0].get("imageManifest") == manifest(1)
                  and [f["failureCode"] for f in got.get("failures", [])] == ["ImageNotFound"])
    judge.refuses("ImageNotFoundException", "DescribeImages", *AT, "--image-ids", "imageTag=none")
    # A tag goes back to an image that is there: the re-tag without a pull that procedures use.
    judge.cli("ecr", "put-image", *AT, "--image-manifest", manifest(1), "--image-tag", "live")
    judge.is_true("an image that is there takes the tag back", judge.cli(
        "ecr", "describe-images", *AT, "--image-ids", "imageTag=live")["imageDetails"][0]
        ["imageDigest"] == digest)
    gone = judge.call("BatchDeleteImage", *AT, "--image-ids", "imageTag=live", "imageTag=none")
    judge.is_true("a tag goes and its image stays", len(gone.get("imageIds", [])) == 1 and judge.cli(
        "ecr", "describe-images", *AT, "--image-ids", f"imageDigest={digest}")["imageDetails"][0]
        ["imageTags"] == ["v1"])
    page = judge.cli("ecr", "describe-images", *AT, "--max-results", "1", "--no-paginate")
    more = judge.cli("ecr", "describe-images", *AT, "--max-results", "1", "--no-paginate",
                     "--next-token", page["nextToken"])
    judge.is_true("pages have each image once", "nextToken" not in more and
                  page["imageDetails"] != more["imageDetails"])


def mutability(judge):
    judge.call("PutImageTagMutability", *AT, "--image-tag-mutability", "IMMUTABLE")
    judge.refuses("ImageTagAlreadyExistsException", "PutImage", *AT, "--image-manifest",
                  manifest(3), "--image-tag", "v1")
    judge.is_true("the tag stayed where it was", judge.cli(
        "ecr", "batch-get-image", *AT, "--image-ids", "imageTag=v1")["images"][0]["imageManifest"]
        == manifest(1))

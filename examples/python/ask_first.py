"""Asks Ringfence before somebody is contacted. Standard library only."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("RINGFENCE_URL", "http://127.0.0.1:5080") + "/api/v1/"
KEY = os.environ["RINGFENCE_KEY"]
TRIES = 6


class Problem(Exception):
    """What the server refuses: `code` is stable, the title is for people."""

    def __init__(self, status, problem):
        super().__init__(problem.get("title", status))
        self.status, self.code = status, problem.get("code", "")


def call(method, path, body=None):
    """Does it once, however often it has to be sent: the key is the same for every try."""
    headers = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    data = None if body is None else json.dumps(body).encode()
    for tried in range(1, TRIES + 1):
        wait = 0.1 * 2**tried
        try:
            request = urllib.request.Request(URL + path, data, headers, method=method)
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            if e.code not in (429, 502, 503, 504) or tried == TRIES:
                raise Problem(e.code, json.load(e)) from None
            wait = float(e.headers.get("Retry-After", wait))
        except (OSError, ValueError):  # no answer, or half of one: it may have been done or not
            if tried == TRIES:
                raise
        time.sleep(wait)


def post(path, body=None):
    return call("POST", path, body or {})


def main(to):
    written = post("consents", {
        "to": to, "wording": "letters@2026-11", "language": "en", "residence": "GB",
        "evidence": {
            "format": "ringfence/consent-evidence/v1", "method": "checkbox",
            "page": "https://ringmuster.example/form", "ip": "203.0.113.7", "device": "Firefox",
        },
    })
    print("consent written")

    question = {"to": to, "channel": "email", "purpose": "offers"}
    print("decision", post("decisions", question)["verdict"])

    # A permit is for one contact, now. None is given where the verdict is not `allowed`.
    answer = post("permits", question)
    if "permit" not in answer:
        sys.exit(f"no permit: {answer['reasons'][0]['code']}")
    permit = f"permits/{answer['permit']}"
    print("permit given")
    try:
        post(permit + "/redeem")
    except Problem as problem:
        sys.exit(f"not sent: {problem.code}")
    print("redeemed: now it is sent")

    try:
        post(permit + "/redeem")
    except Problem as problem:
        if problem.code != "permit-used":
            raise
        print("redeemed again:", problem.code)
    post(permit + "/outcome", {"outcome": "delivered"})
    print("outcome written")

    post("withdrawals", {"to": to, "way": "one-click"})
    print("withdrawal written")
    refused = post("decisions", question)
    print(f"decision {refused['verdict']}: {refused['reasons'][0]['code']}")
    timeline = call("GET", f"contacts/{written['sid']}/timeline")
    print("timeline:", len(timeline["records"]), "records")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "ann@example.org")
    except Problem as problem:
        sys.exit(f"{problem.status} {problem.code}: {problem}")

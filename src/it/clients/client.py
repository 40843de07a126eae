"""The sandbox with Python's own library."""
import http.client
import json
import os
import urllib.error
import urllib.request

SANDBOX = os.environ["SANDBOX"]


def call(path, body=None, method=None):
    request = urllib.request.Request(
        SANDBOX + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer any", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request) as response:
        return response.read()


def submit(prompt, **fields):
    return json.loads(call("/gemini/image/generate", {"prompt": prompt, "action": "generate", **fields}))["taskId"]


def result(task_id):
    return json.loads(call(f"/gemini/task/result?taskId={task_id}"))


call("/_sandbox/reset", method="POST")
assert submit("A cat") == "sandbox-1"
task = result("sandbox-1")
while task["status"] != "completed":
    task = result("sandbox-1")
with urllib.request.urlopen(task["result"]["imageUrls"][0]) as image:
    assert image.read(8) == b"\x89PNG\r\n\x1a\n"

call("/_sandbox/scripts", {"script": "cutsReply", "whenPromptContains": "dog"})
call("/_sandbox/scripts", {"script": "tooManyRequests", "retryAfterSeconds": 7})
try:
    submit("A cat")
    raise AssertionError("429 was expected")
except urllib.error.HTTPError as refusal:
    assert refusal.code == 429 and refusal.headers["Retry-After"] == "7"
try:
    submit("A dog")
    raise AssertionError("a cut response was expected")
except http.client.IncompleteRead:
    pass
try:
    call("/gemini/image/generate", {"prompt": " ", "action": "edit"})
    raise AssertionError("400 was expected")
except urllib.error.HTTPError as refusal:
    assert refusal.code == 400 and len(json.load(refusal)["message"]) == 2

received = json.loads(call("/_sandbox/requests"))
assert [each["request"]["prompt"] for each in received] == ["A cat", "A dog"], received
assert [each["taskId"] for each in received] == ["sandbox-1", "sandbox-2"], received

# The sandbox with curl.
set -euo pipefail
# check TEXT PART...: the parts are in the text, in their order.
check() {
  local rest=$1 part
  for part in "${@:2}"; do
    [[ "$rest" == *"$part"* ]] || { echo "expected ${*:2}, was $1" >&2; exit 1; }
    rest=${rest#*"$part"}
  done
}
submit() {
  curl -s "$SANDBOX/gemini/image/generate" -H 'Authorization: Bearer any' -H 'Content-Type: application/json' "$@"
}
result() {
  curl -s "$SANDBOX/gemini/task/result?taskId=$1" -H 'Authorization: Bearer any'
}

curl -s -X POST "$SANDBOX/_sandbox/reset" >/dev/null
check "$(submit -d '{"prompt": "A cat", "action": "generate"}')" '{"taskId":"sandbox-1"}'
check "$(result sandbox-1)" '"status":"pending"'
check "$(result sandbox-1)" '"status":"processing"'
check "$(result sandbox-1)" "\"imageUrls\":[\"$SANDBOX/images/sandbox-1.png\"]"
check "$(curl -s "$SANDBOX/images/sandbox-1.png" | head -c 8 | od -An -tx1 | tr -d ' ')" 89504e470d0a1a0a

curl -s "$SANDBOX/_sandbox/scripts" -d '[{"script": "losesReply"}, {"script": "failsWith", "errorMessage": "No cats today"}]' >/dev/null
submit -d '{"prompt": "A lost cat", "action": "generate"}' && status=0 || status=$?
check "$status" 52 # curl's "empty reply from server"
check "$(submit -d '{"prompt": "A failing cat", "action": "generate"}')" '{"taskId":"sandbox-3"}'
check "$(result sandbox-3)" '"status":"failed"' '"errorMessage":"No cats today"'
check "$(curl -s "$SANDBOX/_sandbox/requests")" '"A cat"' '"A lost cat"' '"A failing cat"'

# The name by which it is called.
port=${SANDBOX##*:}
submit -d '{"prompt": "A cat", "action": "generate"}' >/dev/null
for _ in 1 2 3; do last=$(curl -s "http://localhost:$port/gemini/task/result?taskId=sandbox-4" -H 'Authorization: Bearer any'); done
check "$last" "\"http://localhost:$port/images/sandbox-4.png\""

# A body for which curl asks first.
head -c 2000000 /dev/zero | tr '\0' a | sed 's/^/{"action": "generate", "prompt": "/; s/$/"}/' >"${TMPDIR:-/tmp}/sandbox-large.json"
check "$(submit --data-binary "@${TMPDIR:-/tmp}/sandbox-large.json")" '{"taskId":"sandbox-5"}'
rm "${TMPDIR:-/tmp}/sandbox-large.json"

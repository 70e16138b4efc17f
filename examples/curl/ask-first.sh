#!/usr/bin/env bash
# Asks Ringfence before somebody is contacted. bash and curl.
set -euo pipefail

url=${RINGFENCE_URL:-http://127.0.0.1:5080}/api/v1
: "${RINGFENCE_KEY:?}"
to=${1:-ann@example.org}
tries=6

# call METHOD PATH [BODY]: sets $status and $answer. Done once, however often it has to be sent: the key is the same for every try.
call() {
  local key tried
  key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  for ((tried = 1; ; tried++)); do
    # The key on standard input: what stands in a command line can be seen by everybody on the machine. 000: no answer, it may have been done or not.
    answer=$(printf 'header = "Authorization: Bearer %s"\n' "$RINGFENCE_KEY" | curl -sS --config - --max-time 10 -X "$1" "$url/$2" \
      -H "Content-Type: application/json" -H "Idempotency-Key: $key" ${3+--data "$3"} -w '\n%{http_code}' 2>/dev/null) || true
    status=${answer##*$'\n'} answer=${answer%$'\n'*}
    case $status in 000 | 429 | 502 | 503 | 504) ((tried < tries)) && sleep "0.$tried" ;; *) return ;; esac || return 0
  done
}

# field NAME: the first text of that name in the answer.
field() { grep -o "\"$1\":\"[^\"]*\"" <<<"$answer" | head -n 1 | cut -d '"' -f 4 || true; }

# must METHOD PATH [BODY]: as call, and ends the program where the answer is a problem.
must() {
  call "$@"
  [[ $status == 2* ]] || { echo "$status $(field code): $(field title)" >&2; exit 1; }
}

must POST consents '{"to":"'"$to"'","wording":"letters@2026-11","language":"en","residence":"GB","evidence":{"format":"ringfence/consent-evidence/v1",
  "method":"checkbox","page":"https://ringmuster.example/form","ip":"203.0.113.7","device":"Firefox"}}'
contact=$(field sid)
echo "consent written"

question='{"to":"'"$to"'","channel":"email","purpose":"offers"}'
must POST decisions "$question"
echo "decision $(field verdict)"

# A permit is for one contact, now. None is given where the verdict is not "allowed".
must POST permits "$question"
permit=$(field permit)
[ -n "$permit" ] || { echo "no permit: $(field code)" >&2; exit 1; }
echo "permit given"
must POST "permits/$permit/redeem" '{}'
echo "redeemed: now it is sent"

call POST "permits/$permit/redeem" '{}'
[ "$(field code)" = permit-used ] || { echo "$answer" >&2; exit 1; }
echo "redeemed again: $(field code)"
must POST "permits/$permit/outcome" '{"outcome":"delivered"}'
echo "outcome written"

must POST withdrawals '{"to":"'"$to"'","way":"one-click"}'
echo "withdrawal written"
must POST decisions "$question"
echo "decision $(field verdict): $(field code)"
must GET "contacts/$contact/timeline"
echo "timeline: $(grep -o '"record":' <<<"$answer" | wc -l | tr -d ' ') records"

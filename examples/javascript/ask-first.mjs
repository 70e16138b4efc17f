// Asks Ringfence before somebody is contacted. Node 20, nothing else.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const url = (process.env.RINGFENCE_URL ?? "http://127.0.0.1:5080") + "/api/v1/";
const key = process.env.RINGFENCE_KEY;
const tries = 6;

/** What the server refuses: `code` is stable, the message is for people. */
class Problem extends Error {
  constructor(status, { title, code }) {
    super(title);
    Object.assign(this, { status, code });
  }
}

/** Does it once, however often it has to be sent: the key is the same for every try. */
async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Idempotency-Key": randomUUID() };
  for (let tried = 1; ; tried++) {
    let wait = 0.1 * 2 ** tried;
    try {
      const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body), signal: AbortSignal.timeout(10_000) });
      const said = await answer.json();
      if (answer.ok) return said;
      const problem = new Problem(answer.status, said);
      if (![429, 502, 503, 504].includes(answer.status) || tried === tries) throw problem;
      wait = Number(answer.headers.get("Retry-After") ?? wait);
    } catch (failure) {
      // No answer, or half of one: it may have been done or not.
      if (failure instanceof Problem || tried === tries) throw failure;
    }
    await sleep(wait * 1000);
  }
}

const post = (path, body = {}) => call("POST", path, body);

async function main(to) {
  const written = await post("consents", {
    to, wording: "letters@2026-11", language: "en", residence: "GB",
    evidence: {
      format: "ringfence/consent-evidence/v1", method: "checkbox",
      page: "https://ringmuster.example/form", ip: "203.0.113.7", device: "Firefox",
    },
  });
  console.log("consent written");

  const question = { to, channel: "email", purpose: "offers" };
  console.log("decision", (await post("decisions", question)).verdict);

  // A permit is for one contact, now. None is given where the verdict is not `allowed`.
  const { permit, reasons } = await post("permits", question);
  if (!permit) throw new Error(`no permit: ${reasons[0].code}`);
  console.log("permit given");
  await post(`permits/${permit}/redeem`); // throws: nothing is sent
  console.log("redeemed: now it is sent");

  try {
    await post(`permits/${permit}/redeem`);
  } catch (problem) {
    if (problem.code !== "permit-used") throw problem;
    console.log("redeemed again:", problem.code);
  }
  await post(`permits/${permit}/outcome`, { outcome: "delivered" });
  console.log("outcome written");

  await post("withdrawals", { to, way: "one-click" });
  console.log("withdrawal written");
  const refused = await post("decisions", question);
  console.log(`decision ${refused.verdict}: ${refused.reasons[0].code}`);
  const timeline = await call("GET", `contacts/${written.sid}/timeline`);
  console.log("timeline:", timeline.records.length, "records");
}

try {
  await main(process.argv[2] ?? "ann@example.org");
} catch (failure) {
  console.error(failure instanceof Problem ? `${failure.status} ${failure.code}: ${failure.message}` : failure);
  process.exitCode = 1;
}

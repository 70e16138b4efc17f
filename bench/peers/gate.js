// node gate.js PEER FILE SECONDS: decides every line of FILE (a JSON object of plain facts each) by ten rules, over and over; prints decisions a second and how many of the lines were allowed.
'use strict';
const fs = require('fs');
const [peer, file, seconds] = process.argv.slice(2);
const facts = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line));

// The rules as far as both peers can say them: the clock, the calendar and the counting are done before they are asked.
const cedar = () => {
  const { preparsePolicySet, statefulIsAuthorized } = require('@cedar-policy/cedar-wasm/nodejs');
  const policies = `
    permit(principal, action, resource);
    forbid(principal, action, resource) when { context.suppressed };
    forbid(principal, action, resource) when { context.objected };
    forbid(principal, action, resource) when { context.minor };
    forbid(principal, action, resource) when { !context.provenance };
    forbid(principal, action, resource) when { context.listed && !context.consent };
    forbid(principal, action, resource) when { context.screenedDays > 31 };
    forbid(principal, action, resource) when { !context.registered };
    forbid(principal, action, resource) when { context.attempts >= 3 };
    forbid(principal, action, resource) when { !context.callerIdShown };
    forbid(principal, action, resource) when { context.second < 28800 || context.second >= 72000 };`;
  const parsed = preparsePolicySet('gate', { staticPolicies: policies });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
  const [principal, action, resource] = [{ type: 'Caller', id: 'acme' }, { type: 'Action', id: 'call' }, { type: 'Person', id: 'p' }];
  return context => {
    const answer = statefulIsAuthorized({ principal, action, resource, context, preparsedPolicySetId: 'gate', entities: [] });
    return answer.response.decision === 'allow';
  };
};

const rulesEngine = () => {
  const { Engine } = require('json-rules-engine');
  const forbid = (...all) => ({ conditions: { all: all.map(([fact, operator, value]) => ({ fact, operator, value })) }, event: { type: 'refuse' } });
  const engine = new Engine([
    forbid(['suppressed', 'equal', true]),
    forbid(['objected', 'equal', true]),
    forbid(['minor', 'equal', true]),
    forbid(['provenance', 'equal', false]),
    forbid(['listed', 'equal', true], ['consent', 'equal', false]),
    forbid(['screenedDays', 'greaterThan', 31]),
    forbid(['registered', 'equal', false]),
    forbid(['attempts', 'greaterThanInclusive', 3]),
    forbid(['callerIdShown', 'equal', false]),
    { conditions: { any: [{ fact: 'second', operator: 'lessThan', value: 28800 }, { fact: 'second', operator: 'greaterThanInclusive', value: 72000 }] }, event: { type: 'refuse' } },
  ]);
  return async context => (await engine.run(context)).events.length === 0;
};

(async () => {
  const decide = peer === 'cedar-wasm' ? cedar() : rulesEngine();
  const pass = async () => {
    let allowed = 0;
    for (const context of facts) {
      const answer = decide(context);
      if (typeof answer === 'boolean' ? answer : await answer) allowed++;
    }
    return allowed;
  };
  const allowed = await pass();
  const begin = process.hrtime.bigint();
  let count = 0;
  let elapsed = 0;
  do { await pass(); count += facts.length; elapsed = Number(process.hrtime.bigint() - begin) / 1e9; } while (elapsed < Number(seconds));
  console.log(`${Math.round(count / elapsed)}\t${allowed}`);
})();

// node make-cases.js plan.json cases.tsv [cases per kind and region] [seed]
//
// Asks google-libphonenumber, running on the very patterns of plan.json, about numbers of every region and type in many
// spellings, right and wrong, and writes its answers as a table. The tests hold our parser to them.
'use strict';
const fs = require('fs'), path = require('path');
const [planFile, caseFile, countText = '0.2', seedText = '20261121'] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(planFile, 'utf8'));
const share = Number(countText);

// The reference's code with the plan's data, so that a difference is always one of the code.
const FIELDS = { general: 1, fixed: 2, mobile: 3, tollFree: 4, premium: 5, sharedCost: 6, personal: 7, voip: 8, pager: 21, uan: 25, voicemail: 28 };
const bundleFile = require.resolve('google-libphonenumber/dist/libphonenumber.js');
let bundle = fs.readFileSync(bundleFile, 'utf8');
const mark = 'i18n.phonenumbers.PhoneNumberUtil=function()';
bundle = bundle.replace(mark, `(${function (regions, fields) {
  const all = i18n.phonenumbers.metadata.countryToMetadata;
  for (const id in regions) {
    if (regions[id].leadingDigits) all[id][23] = regions[id].leadingDigits;
    for (const type in fields) {
      const range = regions[id].types[type];
      if (!range) { all[id][fields[type]] = [null, null, null, null, null, null, null, null, null, [-1]]; continue; }
      const d = all[id][fields[type]] = all[id][fields[type]] || [];
      d[2] = range.pattern; d[9] = range.lengths; d[10] = range.localLengths;
      for (const i of [2, 9, 10]) if (d[i] == null) d[i] = undefined;
    }
  }
}.toString()})(${JSON.stringify(plan.regions)}, ${JSON.stringify(FIELDS)});${mark}`);
const patched = path.join(path.dirname(bundleFile), 'patched.js');
fs.writeFileSync(patched, bundle);
const lib = require(patched), util = lib.PhoneNumberUtil.getInstance(), F = lib.PhoneNumberFormat;
const nameOf = (o, v) => Object.keys(o).find(k => o[k] === v);
const POSSIBLE = { 0: 'IS_POSSIBLE', 4: 'IS_POSSIBLE_LOCAL_ONLY', 1: 'INVALID_COUNTRY_CODE', 2: 'TOO_SHORT', 5: 'INVALID_LENGTH', 3: 'TOO_LONG' };
const ERRORS = { 'Invalid country calling code': 'INVALID_COUNTRY_CODE', 'The string supplied did not seem to be a phone number': 'NOT_A_NUMBER',
  'Phone number too short after IDD': 'TOO_SHORT_AFTER_IDD', 'The string supplied is too short to be a phone number': 'TOO_SHORT_NSN',
  'The string supplied is too long to be a phone number': 'TOO_LONG' };

function answer(text, region) {
  let n;
  try { n = util.parse(text, region === 'ZZ' ? undefined : region); }
  catch (e) { return ['', 'no', 'no', '', '', ERRORS[e.message] || '?' + e.message, '', '', '']; }
  const reason = POSSIBLE[util.isPossibleNumberWithReason(n)];
  return [util.format(n, F.E164), reason === 'IS_POSSIBLE' ? 'yes' : reason === 'IS_POSSIBLE_LOCAL_ONLY' ? 'local' : 'no',
    util.isValidNumber(n) ? 'yes' : 'no', util.getRegionCodeForNumber(n) || '', nameOf(lib.PhoneNumberType, util.getNumberType(n)), reason,
    n.getExtension() || '', util.format(n, F.NATIONAL), util.format(n, F.INTERNATIONAL)];
}

let state = Number(seedText);
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const pick = list => list[Math.floor(random() * list.length)];
const digits = n => Array.from({ length: n }, () => Math.floor(random() * 10)).join('');

// A number out of a pattern: the pattern is walked, and a choice made wherever there is one.
function sample(pattern) {
  let at = 0;
  const count = one => {
    let [min, max] = [1, 1];
    if (pattern[at] === '?') { at++; min = 0; }
    else if (pattern[at] === '{') { const end = pattern.indexOf('}', at); [min, max = min] = pattern.slice(at + 1, end).split(',').map(Number); at = end + 1; }
    return () => Array.from({ length: min + Math.floor(random() * (max - min + 1)) }, one).join('');
  };
  const choice = () => {
    const options = [];
    do { const parts = []; while (at < pattern.length && !'|)'.includes(pattern[at])) parts.push(part()); options.push(parts); } while (pattern[at] === '|' && ++at);
    return () => pick(options).map(f => f()).join('');
  };
  const part = () => {
    const c = pattern[at++];
    if (c === '(') { if (pattern.startsWith('?:', at)) at += 2; const f = choice(); at++; return count(f); }
    if (c === '[') { const end = pattern.indexOf(']', at), set = []; for (; at < end; at++) if (pattern[at + 1] === '-' && at + 2 < end) { for (let d = +pattern[at]; d <= +pattern[at + 2]; d++) set.push(d); at += 2; } else set.push(pattern[at]); at++; return count(() => pick(set)); }
    if (c === '\\') { at++; return count(() => Math.floor(random() * 10)); }
    return count(() => c);
  };
  return choice()();
}

const separated = (text, signs) => text.replace(/\d(?=\d)/g, d => random() < 0.3 ? d + pick(signs) : d);
const script = (text, zero) => text.replace(/\d/g, d => String.fromCharCode(zero + +d)).replace('+', zero === 0xff10 ? '＋' : '+');
const prefixesOf = pattern => pattern ? [0, 1, 2].map(() => sample(pattern.replace(/\$/g, ''))) : [];
const PLAIN = [' ', '-', '.', '/', '(', ')', ' - ', '  '], WIDE = ['‑', '–', '−', 'ー', '－', '．', '\u00a0', '\u3000', '\u200b', '\u2060', '\u00ad', '~', '*', '[', ']'];
const codes = Object.keys(plan.callingCodes), ids = Object.keys(plan.regions).filter(id => /^[A-Z]/.test(id));
const KINDS = {
  e164: (n, r) => ['+' + r.callingCode + n, pick(['ZZ', ...ids])],
  national: (n, r, id) => [separated((r.nationalPrefix || '') + n, PLAIN), id],
  bare: (n, r, id) => [n, id],
  wide: (n, r) => [separated('+' + r.callingCode + n, WIDE), 'ZZ'],
  'own-code': (n, r, id) => [separated(r.callingCode + n, PLAIN), id],
  'code-prefix': (n, r, id) => [pick(['+', '', '00', '++', '+00']) + r.callingCode + pick(['(0)', ' (0) ', '0', r.nationalPrefix || '1']) + n, id],
  idd: (n, r) => { const from = pick(ids), p = plan.regions[from].internationalPrefix || '00'; return [sample(p) + pick(['', ' ', '-']) + r.callingCode + n, from]; },
  'wrong-idd': (n, r) => [pick(['00', '011', '0011', '810', '001', '010', '+00', '+011', '009']) + r.callingCode + n, pick(ids)],
  'parse-prefix': (n, r, id) => [(pick(prefixesOf(r.nationalPrefixForParsing)) || '0') + n, id],
  'code-parse-prefix': (n, r) => ['+' + r.callingCode + (pick(prefixesOf(r.nationalPrefixForParsing)) || '0') + n, 'ZZ'],
  foreign: n => [separated(n, PLAIN), pick(ids)],
  longer: (n, r, id) => pick([['+' + r.callingCode + n + digits(1 + random() * 4), 'ZZ'], [n + digits(1 + random() * 4), id]]),
  shorter: (n, r, id) => pick([['+' + r.callingCode + n.slice(0, -1 - random() * 4), 'ZZ'], [n.slice(0, -1 - random() * 4), id]]),
  local: (n, r, id) => [n.slice(-4 - Math.floor(random() * 5)), id],
  changed: (n, r) => { const i = Math.floor(random() * n.length); return ['+' + r.callingCode + n.slice(0, i) + digits(1) + n.slice(i + 1), 'ZZ']; },
  random: (n, r, id) => pick([['+' + r.callingCode + digits(4 + random() * 10), 'ZZ'], [digits(3 + random() * 12), id]]),
  extension: (n, r, id) => [(r.nationalPrefix || '') + n + pick([' x', ' ext ', ' ext. ', ';ext=', ',', ', ', ',,', ' ;', '#', ' #', ' int ', ' Ext:', ' extn ', ' extensión ', ' доб. ', ' ДОБ ', ' anexo ', '~', 'x', ' X', ' - ', '-', ' ｅｘｔ ', '/x', ' / x', ' xt', ' extension ', '\u00a0x', ', ext:', ' , x. ', ' x x', ';,', ',:', '.,'])
    + digits(1 + random() * (random() < 0.2 ? 21 : 6)) + pick(['', '', '', '#', ' ', '.']), id],
  uri: (n, r, id) => pick([['tel:' + separated('+' + r.callingCode + n, ['-', '.']) + pick(['', ';ext=12', ';isub=99', ';isub=12;ext=5']), 'ZZ'],
    ['tel:' + n + ';phone-context=+' + pick([r.callingCode, r.callingCode, '', '1', 'a1', r.callingCode + '-', '(' + r.callingCode + ')']) + pick(['', ';ext=7', ';isub=1']), id],
    [pick(['tel:', '']) + n + ';phone-context=' + pick(['example.com', 'a.b-c.org.', '-a.com', 'com', '1.com.2', '', 'x', 'ä.de']), id]]),
  script: (n, r, id) => pick([[script('+' + r.callingCode + n, pick([0xff10, 0x660, 0x6f0])), 'ZZ'], [script((r.nationalPrefix || '') + n, pick([0xff10, 0x660, 0x6f0])), id]]),
  padded: (n, r, id) => [pick(['\u00a0', ' ', '\u200b', '("', 'Tel.: ', '电话：', '手机 ', 'P:', "'", '<', 'tel ', 'x ', '# ']) + (r.nationalPrefix || '') + n + pick([' ', '\u00a0', ';', ',', '.', ')', '"', ' / ', '-', '!', ' x', ' a', ' ab', ' abc']), id],
  vanity: (n, r, id) => [(r.nationalPrefix || '') + n.slice(0, 3) + pick(['-', ' ', '']) + Array.from({ length: Math.max(1, n.length - 3) }, () => pick('ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz')).join('').slice(0, pick([2, 3, 99])), id],
  odd: (n, r, id) => [pick(['+', '', '0']) + separated(r.callingCode + n, ['x', ' x', 'a', ',', ';', '+', '*', '\\', '/ x', "'", ':', '_', '|', '&', 'ext', '#']), id],
};

const rows = [], seen = new Set();
const add = (text, region, kind) => {
  const key = text + '\t' + region;
  // The reference keeps a national number as floating point and changes the last digits of longer ones.
  if (seen.has(key) || /[\t\n]/.test(text) || /\d{16}/.test(answer(text, region)[0].slice(2))) return;
  seen.add(key);
  rows.push([text, region, ...answer(text, region), kind]);
};
for (const [id, r] of Object.entries(plan.regions))
  for (const type of Object.keys(r.types))
    for (const [kind, make] of Object.entries(KINDS)) {
      for (let quota = share; quota > 0; quota--) {
        if (quota < 1 && random() > quota) continue;
        const n = random() < 0.3 && r.types[type].example ? r.types[type].example : sample(r.types[type].pattern || '\\d{8}');
        const [text, region] = make(n, r, /^\d/.test(id) ? pick(ids) : id);
        add(text, region, kind);
      }
    }
const escape = s => s.replace(/\\/g, '\\\\').replace(/[\u00a0\u00ad\u200b\u2060\u3000]|^[ #]| $/g, c => '\\u' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0'));
fs.writeFileSync(caseFile, `# answers of google-libphonenumber ${require('google-libphonenumber/package.json').version} on the patterns of ${plan.source}\n` +
  'input\tdefault_region\te164\tpossible\tvalid\tregion\ttype\treason\text\tnational\tinternational\tclass\n' +
  rows.map(row => row.map(escape).join('\t') + '\n').join(''));
console.log(rows.length + ' cases');

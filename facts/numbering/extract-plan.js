// node extract-plan.js plan.json [--reference]
//
// Reads the numbering plans inside the npm package google-libphonenumber (data: Apache-2.0, The Libphonenumber Authors)
// and writes them as named JSON, one region a line. Number patterns and lengths are then replaced by those of
// libphonenumber-js, whose release is newer; what that package leaves out (local lengths, examples, formats) stays.
// --reference keeps google-libphonenumber's own patterns, to compare the two.
'use strict';
const fs = require('fs');
const overlay = !process.argv.includes('--reference');
const bundle = fs.readFileSync(require.resolve('google-libphonenumber/dist/libphonenumber.js'), 'utf8');

function objectNamed(name) {
  const start = bundle.indexOf('{', bundle.indexOf(`i18n.phonenumbers.metadata.${name}={`));
  let depth = 0, quote = null;
  for (let i = start; ; i++) {
    const c = bundle[i];
    if (quote) { if (c === '\\') i++; else if (c === quote) quote = null; continue; }
    if (c === '"' || c === "'") quote = c;
    else if ('[{('.includes(c)) depth++;
    else if (')}]'.includes(c) && --depth === 0) return new Function('return ' + bundle.slice(start, i + 1))();
  }
}

const callingCodes = objectNamed('countryCodeToRegionCodeMap');   // the order matters: the main region comes first
const raw = objectNamed('countryToMetadata');                     // protobuf field number = array index
const TYPES = { general: 1, fixed: 2, mobile: 3, tollFree: 4, premium: 5, sharedCost: 6, personal: 7, voip: 8, pager: 21, uan: 25, voicemail: 28 };

// Possible lengths of [-1] mean that the region has no such type.
const describe = d => d && (d[2] || (d[9] && d[9][0] !== -1))
  ? { pattern: d[2] || null, lengths: d[9] || null, localLengths: d[10] || null, example: d[6] || null } : null;
const format = f => ({ pattern: f[1], format: f[2], leadingDigits: (f[3] || []).at(-1) || null, nationalPrefixRule: f[4] || null });

const regions = {};
for (const [id, m] of Object.entries(raw)) {
  const region = regions[id] = { callingCode: m[10], internationalPrefix: m[11] || null, nationalPrefix: m[12] || null,
    extensionPrefix: m[13] || null, nationalPrefixForParsing: m[15] || null, nationalPrefixTransform: m[16] || null,
    leadingDigits: m[23] || null, formats: (m[19] || []).map(format), internationalFormats: (m[20] || []).map(format), types: {} };
  for (const t in TYPES) { const d = describe(m[TYPES[t]]); if (d) region.types[t] = d; }
}

if (overlay) {
  const newer = require('libphonenumber-js/metadata.max.json');
  const PLACES = { fixed: 0, mobile: 1, tollFree: 2, premium: 3, personal: 4, voicemail: 5, uan: 6, pager: 7, voip: 8, sharedCost: 9 };
  for (const [id, m] of Object.entries({ ...newer.countries, ...newer.nonGeographic })) {
    const region = regions[id];
    if (!region) throw new Error('a region that google-libphonenumber does not have: ' + id);
    region.types.general = { ...region.types.general, pattern: m[2], lengths: m[3] };
    if (m[10]) region.leadingDigits = String(m[10]);
    for (const t in PLACES) {
      const d = (m[11] || [])[PLACES[t]];
      if (!d) { delete region.types[t]; continue; }
      // An empty mobile pattern means "as for fixed lines", no lengths "the general lengths".
      const pattern = t === 'mobile' && d[0] === '' ? m[11][0][0] : d[0];
      region.types[t] = { localLengths: null, example: null, ...region.types[t], pattern, lengths: d[1] || null };
    }
  }
}

const version = name => name + ' ' + require(name + '/package.json').version;
const source = version('google-libphonenumber') + (overlay ? ' + ' + version('libphonenumber-js') : '');
const lines = o => '{\n' + Object.entries(o).map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',\n') + '\n}';
fs.writeFileSync(process.argv[2], `{"source":${JSON.stringify(source)},\n"licence":"Apache-2.0 (The Libphonenumber Authors)",\n` +
  `"callingCodes":${JSON.stringify(callingCodes)},\n"regions":${lines(regions)}}\n`);
console.log(`${source}: ${Object.keys(regions).length} regions, ${Object.keys(callingCodes).length} calling codes`);

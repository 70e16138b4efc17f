// node numbers.js PACKAGE FILE SECONDS: parse, validity, type, region and E.164 of every line "text<TAB>region", over and over; prints numbers a second.
'use strict';
const fs = require('fs');
const [name, file, seconds] = process.argv.slice(2);
const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => line.split('\t'));
let sum = 0;
let read;
if (name === 'google-libphonenumber') {
  const { PhoneNumberUtil, PhoneNumberFormat } = require('google-libphonenumber');
  const util = PhoneNumberUtil.getInstance();
  read = (text, region) => {
    const number = util.parseAndKeepRawInput(text, region || 'ZZ');
    if (util.isValidNumber(number)) sum += util.format(number, PhoneNumberFormat.E164).length + util.getNumberType(number) + (util.getRegionCodeForNumber(number) || '').length;
  };
} else {
  const parse = require('libphonenumber-js/max');
  read = (text, region) => {
    const number = parse(text, region || undefined);
    if (number && number.isValid()) sum += number.number.length + (number.getType() || '').length + (number.country || '').length;
  };
}
const pass = () => { for (const [text, region] of lines) { try { read(text, region); } catch { sum++; } } };
pass();
const begin = process.hrtime.bigint();
let count = 0;
let elapsed = 0;
do { pass(); count += lines.length; elapsed = Number(process.hrtime.bigint() - begin) / 1e9; } while (elapsed < Number(seconds));
if (sum === 0) process.exit(1);
console.log(Math.round(count / elapsed));

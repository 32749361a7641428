// Units by the library of the National Library of Medicine: `ucum.mjs OUT -- FILES...` writes, as the other validators,
// every unit code under http://unitsofmeasure.org that is not UCUM, or that UCUM would write otherwise.

import ucum from '@lhncbc/ucum-lhc';
import { readFileSync, writeFileSync } from 'node:fs';

const [out, , ...files] = process.argv.slice(2);
const units = ucum.UcumLhcUtils.getInstance();
const known = new Map();

function verdict(code) {
  if (!known.has(code)) {
    const { status, msg, ucumCode } = units.validateUnitString(code);
    const fine = status === 'valid' && ucumCode === code;
    known.set(code, fine ? '' : `${code}: ${[status, ucumCode, ...(msg ?? [])].filter(Boolean).join(', ')}`);
  }
  return known.get(code);
}

function checked(node, where = '') {
  if (node === null || typeof node !== 'object') {
    return [];
  }
  const inner = Object.entries(node).flatMap(([key, value]) => checked(value, `${where}/${key}`));
  const text = node.system === 'http://unitsofmeasure.org' && 'code' in node ? verdict(node.code) : '';
  return text ? [{ severity: 'error', id: 'ucum', where, text }, ...inner] : inner;
}

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
writeFileSync(out, JSON.stringify(Object.fromEntries(files.map((file) => [file, checked(read(file))]))));

// Medplum's validator: `medplum.mjs OUT PROFILES... -- FILES...` writes what it finds as {file: [{severity, id, where, text}]}.
// A bundle is held to R4, and each resource in it to every profile that it declares. PROFILES are folders, or files, of
// StructureDefinitions with snapshots; the first holds R4, of which the types alone are taken: Medplum cannot read all of
// its example profiles. A file is what Validate.java writes: {file: profile}.

import { indexStructureDefinitionBundle, loadDataType, validateResource } from '@medplum/core';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [out, ...words] = process.argv.slice(2);
const split = words.indexOf('--');
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const profiles = new Map();

function definitions(place) {
  if (!statSync(place).isDirectory()) {
    return Object.values(read(place));
  }
  const names = readdirSync(place).filter((name) => /^StructureDefinition-.*\.json$/.test(name));
  return names.map((name) => read(join(place, name)));
}

const [base, ...others] = words.slice(0, split).map(definitions);
indexStructureDefinitionBundle(base.filter((one) => one.derivation !== 'constraint' && one.kind !== 'logical'));
for (const profile of others.flat()) {
  try {
    loadDataType(profile);
    profiles.set(profile.url, profile);
  } catch {
    // One that Medplum cannot read is an unknown profile to whoever declares it.
  }
}

// Medplum throws its errors, and returns the rest.
function issues(resource, at, options) {
  let found;
  try {
    found = validateResource(resource, options);
  } catch (refused) {
    found = refused.outcome?.issue ?? [{ severity: 'error', code: 'exception', details: { text: String(refused) } }];
  }
  return found.map((issue) => ({
    severity: issue.severity,
    id: issue.code,
    where: [at, issue.expression?.[0]].filter(Boolean).join(' '),
    text: issue.details?.text ?? issue.diagnostics ?? '',
  }));
}

// References within the bundle as Medplum's server writes them when it takes the bundle in: it knows no urn:uuid.
function resolved(bundle) {
  const entries = (bundle.entry ?? []).filter(({ fullUrl, resource }) => fullUrl && resource?.id);
  const written = new Map(entries.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`]));
  return JSON.parse(JSON.stringify(bundle), (key, value) => (key === 'reference' && written.get(value)) || value);
}

function checked(bundle) {
  const found = issues(bundle, '');
  (bundle.entry ?? []).forEach(({ resource }, index) => {
    for (const canonical of resource?.meta?.profile ?? []) {
      const at = `entry[${index}]`;
      const profile = profiles.get(canonical.split('|')[0]);
      found.push(
        ...(profile
          ? issues(resource, at, { profile })
          : [{ severity: 'warning', id: 'unknown-profile', where: at, text: `Unknown profile ${canonical}` }])
      );
    }
  });
  return found;
}

const files = words.slice(split + 1);
writeFileSync(out, JSON.stringify(Object.fromEntries(files.map((file) => [file, checked(resolved(read(file)))]))));

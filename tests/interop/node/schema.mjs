// The JSON schema of R4: `schema.mjs OUT SCHEMA -- FILES...` writes what it finds as {file: [{severity, id, where, text}]}.

import Ajv from 'ajv';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [out, schema, , ...files] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

const ajv = new Ajv({ strict: false, allErrors: true, discriminator: true });
ajv.addMetaSchema(createRequire(import.meta.url)('ajv/dist/refs/json-schema-draft-06.json'));
const { id, discriminator, oneOf, ...definitions } = read(schema);
// A resource is held to the definition of its type alone; without this each of its faults would be told 148 times.
definitions.definitions.ResourceList = { type: 'object', discriminator: { propertyName: 'resourceType' }, oneOf, required: ['resourceType'] };
const valid = ajv.compile({ ...definitions, $ref: '#/definitions/ResourceList' });

function checked(bundle) {
  return valid(bundle)
    ? []
    : valid.errors.map((error) => ({
        severity: 'error',
        id: error.keyword,
        where: error.instancePath,
        text: `${error.message} ${JSON.stringify(error.params)}`,
      }));
}

writeFileSync(out, JSON.stringify(Object.fromEntries(files.map((file) => [file, checked(read(file))]))));

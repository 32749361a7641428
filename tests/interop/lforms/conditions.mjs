// Reads a Questionnaire on the first line and responses to it on the further ones; writes for each what is enabled and
// what is calculated, as FHIR and SDC have it, with the FHIRPath of the National Library of Medicine.
import {createInterface} from 'node:readline';
import fhirpath from 'fhirpath';
import model from 'fhirpath/fhir-context/r4/index.js';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const compiled = new Map();

function evaluate(expression, node, environment) {
  const base = node.resourceType ? undefined : 'QuestionnaireResponse.item';
  const key = `${base}\n${expression}`;
  if (!compiled.has(key)) compiled.set(key, fhirpath.compile(base ? {base, expression} : expression, model));
  return compiled.get(key)(node, {...environment});
}

const extensions = (item, url) => (item.extension ?? []).filter(one => one.url === url);

function withVariables(holder, node, environment) {
  const inside = {...environment};
  for (const {valueExpression: one} of extensions(holder, `${CORE}variable`)) {
    inside[one.name] = evaluate(one.expression, node, inside);
  }
  return inside;
}

const valueOf = answer => Object.entries(answer).find(([key]) => key.startsWith('value'))?.[1];
const same = (a, b) => typeof a === 'object' ? a.code === b.code && a.system === b.system : a === b;
const size = value => typeof value === 'object' ? value.value : value;

function answersTo(linkId, node) {
  const inner = (node.item ?? []).flatMap(item => answersTo(linkId, item));
  return node.linkId === linkId ? [...(node.answer ?? []).map(valueOf), ...inner] : inner;
}

function met(condition, response, row) {
  const {question, operator} = condition;
  const wanted = Object.entries(condition).find(([key]) => key.startsWith('answer'))[1];
  const near = row && question.startsWith(`${row.linkId}.`) ? row : response;
  const answers = answersTo(question, near);
  if (operator === 'exists') return (answers.length > 0) === wanted;
  const test = {
    '=': answer => same(answer, wanted), '!=': answer => !same(answer, wanted),
    '>': answer => size(answer) > size(wanted), '<': answer => size(answer) < size(wanted),
    '>=': answer => size(answer) >= size(wanted), '<=': answer => size(answer) <= size(wanted),
  }[operator];
  return answers.some(test);
}

function enabled(item, response, row, environment) {
  const [written] = extensions(item, `${SDC}enableWhenExpression`);
  if (written) return evaluate(written.valueExpression.expression, row ?? response, environment)[0] === true;
  const conditions = item.enableWhen ?? [];
  const found = conditions.map(one => met(one, response, row));
  return item.enableBehavior === 'any' ? found.some(Boolean) : found.every(Boolean);
}

function visit(item, response, row, environment, out) {
  if (!enabled(item, response, row, environment)) return;
  out.enabled.push(row ? [item.linkId, answersTo(`${row.linkId}.id`, row)[0] ?? ''] : [item.linkId, '']);
  const [written] = extensions(item, `${SDC}calculatedExpression`);
  if (written) {
    const value = evaluate(written.valueExpression.expression, response, environment);
    out.calculated[item.linkId] = value.map(one => (typeof one === 'object' ? one.toString() : one));
  }
  const rows = item.repeats && item.type === 'group' ? response.item.flatMap(s => s.item ?? []).filter(r => r.linkId === item.linkId) : [row];
  for (const one of rows) {
    const inside = one ? withVariables(item, one, environment) : environment;
    for (const child of item.item ?? []) visit(child, response, one, inside, out);
  }
}

let questionnaire;
for await (const line of createInterface({input: process.stdin})) {
  const given = JSON.parse(line);
  if (given.resourceType === 'Questionnaire') {
    questionnaire = given;
    continue;
  }
  const out = {enabled: [], calculated: {}};
  const environment = withVariables(questionnaire, given, {resource: given});
  for (const item of questionnaire.item) visit(item, given, undefined, environment, out);
  console.log(JSON.stringify(out));
}

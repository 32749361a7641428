// Shows a Questionnaire in LHC-Forms in Chromium, offline. A line in: {questionnaire, response?, picture?}; a line out:
// how long it took, what the console said, the items on the page, and the response that the form gives back.
import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import {extname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import puppeteer from 'puppeteer-core';

const DIST = join(fileURLToPath(new URL('.', import.meta.url)), 'node_modules/lforms/dist/lforms');
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/webcomponent/styles.css">
<script src="/webcomponent/assets/lib/zone.min.js"></script>
<script type="module" src="/webcomponent/lhc-forms.js"></script>
<script defer src="/fhir/R4/lformsFHIR.min.js"></script>
</head><body><div id="form"></div></body></html>`;
const TYPES = {'.js': 'text/javascript', '.css': 'text/css', '.png': 'image/png'};

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  try {
    const body = path === '/' ? PAGE : await readFile(join(DIST, path));
    response.writeHead(200, {'content-type': TYPES[extname(path)] ?? 'text/html; charset=utf-8'}).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise(ready => server.listen(0, '127.0.0.1', ready));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await puppeteer.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-background-networking', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  env: {...process.env, TZ: process.argv[3] ?? 'UTC'},
  protocolTimeout: 300_000,
});

async function show({questionnaire, response, picture}) {
  const page = await browser.newPage();
  const said = [];
  page.on('console', one => { if (one.type()==='log') {const t=one.text(); global.L=(global.L??new Map()); global.L.set(t.slice(0,260),(global.L.get(t.slice(0,260))??0)+1);} });
  page.on('pageerror', one => said.push(`error: ${one.message}`));
  page.on('requestfailed', one => said.push(`error: ${one.url()} could not be loaded`));
  await page.setViewport({width: 1280, height: 1600});
  await page.goto(address, {waitUntil: 'load'});
  const loaded = 'window.LForms?.Util && LForms.FHIR?.R4 && customElements.get("wc-lhc-form") !== undefined';
  await page.waitForFunction(loaded, {polling: 100}).catch(async error => {
    throw new Error(`${error}: ${said.join('; ')} ${await page.evaluate('JSON.stringify([!!window.LForms, Object.keys(window.LForms ?? {}), !!customElements.get("wc-lhc-form")])')}`);
  });
  const client = await page.createCDPSession();
  await client.send('Performance.enable', {timeDomain: 'threadTicks'});
  await client.send('Profiler.enable'); await client.send('Profiler.setSamplingInterval',{interval:1000}); await client.send('Profiler.start');
  const milliseconds = await page.evaluate(async (questionnaire, response) => {
    const begun = performance.now();
    let form = LForms.Util.convertFHIRQuestionnaireToLForms(questionnaire, 'R4');
    if (response) form = LForms.Util.mergeFHIRDataIntoLForms('QuestionnaireResponse', response, form, 'R4');
    await LForms.Util.addFormToPage(form, document.getElementById('form'), {prepopulate: false});
    await new Promise(done => setTimeout(done, 0));
    return performance.now() - begun;
  }, questionnaire, response);
  // Expressions are worked out one after the other; the form is at rest when it has said the same twice.
  let before = '';
  for (let turn = 0; turn < 60; turn++) {
    await new Promise(done => setTimeout(done, 250));
    const now = await page.evaluate(() => JSON.stringify(LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')?.item));
    const ids = await page.evaluate(() => document.querySelectorAll('[id^="item-"]').length);
    if (`${now}${ids}` === before) break;
    before = `${now}${ids}`;
  }
  const m = await client.send('Performance.getMetrics');
  const {profile} = await client.send('Profiler.stop');
  const self = new Map(), byId = new Map(profile.nodes.map(n => [n.id, n]));
  profile.samples.forEach((id, i) => { const n = byId.get(id); const k = `${n.callFrame.functionName}@${n.callFrame.url.split('/').pop()}:${n.callFrame.lineNumber}:${n.callFrame.columnNumber}`; self.set(k, (self.get(k) ?? 0) + profile.timeDeltas[i] / 1000); });
  console.error(JSON.stringify([...self].sort((a, b) => b[1] - a[1]).slice(0, 45), null, 0));
  console.error([...(global.L??[])].slice(0,12), global.L?.size, [...(global.L??[])].reduce((a,b)=>a+b[1],0));
  const found = await page.evaluate(() => ({
    shown: [...document.querySelectorAll('[id^="item-"]')].filter(one => one.offsetParent !== null).map(one => one.id),
    response: LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4'),
  }));
  if (picture) await page.screenshot({path: picture, fullPage: false});
  if (picture) await page.screenshot({path: picture.replace('.png', '.whole.png'), fullPage: true});
  await page.close();
  return {milliseconds, said, ...found};
}

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    answer = await show(JSON.parse(line));
  } catch (error) {
    answer = {failed: String(error.stack ?? error)};
  }
  console.log(JSON.stringify(answer));
}
await browser.close();
server.close();

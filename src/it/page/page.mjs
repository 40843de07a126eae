// The sandbox's page, as a person sees it.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {chromium} from 'playwright-core';

const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

const sandbox = process.env.SANDBOX;
const call = (path, body) =>
  fetch(sandbox + path, {
    method: body ? 'POST' : 'GET',
    headers: {Authorization: 'Bearer any', 'Content-Type': 'application/json'},
    body: body && JSON.stringify(body),
  });
const submit = (prompt, fields) =>
  call('/gemini/image/generate', {prompt, action: 'generate', ...fields});
const read = (id, times) =>
  Array.from({length: times}).reduce(
    (before) => before.then(() => call(`/gemini/task/result?taskId=${id}`)).then((r) => r.text()),
    Promise.resolve());

const browser = await chromium.launch({
  executablePath: process.env.BROWSER,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({viewport: {width: 1100, height: 720}});
  page.setDefaultTimeout(20_000);
  const problems = [];
  const elsewhere = [];
  const pictures = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(`${message.text()} ${message.location().url}`));
  page.on('request', (request) => request.url().startsWith(sandbox) || elsewhere.push(request.url()));
  page.on('request', (request) => request.url().includes('/images/') && pictures.push(request.url()));
  const cards = page.locator('.submit');
  const card = (text) => cards.filter({hasText: text});
  const visible = (locator) => locator.waitFor({state: 'visible'});
  const test = async (name, body) => {
    await body();
    console.log(`  ${name}`);
  };

  await page.goto(sandbox);
  await test('an empty sandbox says so', async () => {
    await visible(page.getByText('Nothing would have been billed yet'));
    await visible(page.getByText('curl ' + sandbox));
  });

  await test('each script has a button', async () => {
    const {kinds} = await (await call('/_sandbox/scripts')).json();
    assert.ok(kinds.length > 15);
    for (const {title} of kinds) {
      await visible(page.getByRole('button', {name: title, exact: true}));
    }
  });

  await test('the keyboard reaches everything, the submits first if asked', async () => {
    const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.id);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the submits');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'filter');
    const unreachable = await page.evaluate(() =>
      [...document.querySelectorAll('button, input, textarea, summary, a')].filter((each) => each.tabIndex < 0).length);
    assert.equal(unreachable, 0);
  });

  await test('a submit appears, and its picture once it is completed', async () => {
    await submit('A fluffy orange cat', {aspect_ratio: '4:3', model: 'nano-banana-fast'});
    await visible(card('A fluffy orange cat').getByText('pending', {exact: true}));
    await visible(page.getByText('This would have been billed once'));
    assert.equal(await card('A fluffy orange cat').locator('dl').innerText().then((text) => text.includes('4:3')), true);
    await read('sandbox-1', 3);
    await visible(card('A fluffy orange cat').getByText('completed'));
    const picture = page.getByAltText('Picture of sandbox-1', {exact: true});
    await picture.evaluate((image) => image.decode());
    assert.ok(await picture.evaluate((image) => image.naturalWidth > image.naturalHeight));
  });

  await test('a scripted fault happens, added by keyboard', async () => {
    await page.getByRole('textbox', {name: 'Only if the prompt contains'}).fill('dog');
    await page.getByRole('button', {name: 'No credit'}).focus();
    await page.keyboard.press('Enter');
    await visible(page.locator('#pending').getByText('No credit, if the prompt contains “dog”'));
    assert.equal((await submit('A dog')).status, 402);
    await visible(card('A dog').getByText('no task'));
    await page.locator('#waiting').waitFor({state: 'hidden'});
  });

  await test('a script is edited, and a wrong one is explained', async () => {
    await page.getByRole('textbox', {name: 'Only if the prompt contains'}).fill('');
    await page.locator('summary', {hasText: '“Fails”'}).click();
    await page.getByRole('textbox', {name: 'errorMessage'}).first().fill('No more cats');
    await page.getByRole('button', {name: 'Fails', exact: true}).click();
    await visible(page.locator('#pending').getByText('Fails, errorMessage "No more cats"'));
    await page.getByRole('spinbutton', {name: 'For how many submits'}).fill('0');
    await page.getByRole('button', {name: 'Key refused'}).click();
    await visible(page.getByRole('alert').getByText('times'));
    await page.getByRole('spinbutton', {name: 'For how many submits'}).fill('1');
    await page.getByRole('alert').waitFor({state: 'hidden'});
    await submit('A failing cat');
    await read('sandbox-2', 1);
    await visible(card('A failing cat').getByText('failed'));
  });

  await test('the same request twice is a warning', async () => {
    await submit('Twin cats');
    await submit('Twin cats');
    await visible(card('Twin cats').getByText('The same request was submitted before, as sandbox-3.'));
    await visible(page.getByText('1 submit repeats an earlier request'));
    await page.waitForFunction(() => // For a screen reader.
      document.querySelector('#said').textContent.endsWith(', one repeats an earlier request'));
    await visible(page.getByText('This would have been billed 4 times'));
  });

  await test('a prompt with HTML stays text', async () => {
    const html = '<script>document.title = "broken"</script><img src=x onerror="document.title = \'broken\'">';
    await submit(html, {'<b>field</b>': '<i>value</i>'});
    await visible(page.getByText(html, {exact: true}));
    await visible(card('<script>').locator('dt', {hasText: '<b>field</b>'}));
    assert.equal(await page.title(), 'Nano Banana sandbox');
    assert.equal(await page.locator('main script, main b, main i').count(), 0);
  });

  await test('the raw request and response are shown, without the key', async () => {
    const raw = card('A failing cat').locator('details');
    await raw.locator('summary').click();
    await visible(raw.getByText('authorization: (redacted)'));
    await visible(raw.getByText('{"taskId":"sandbox-2"}'));
    await visible(raw.getByText('"errorMessage":"No more cats"'));
  });

  await test('a picture that is gone or cut is said to be', async () => {
    await call('/_sandbox/scripts', [{script: 'imageGone'}, {script: 'imageCut'}]);
    for (const [id, prompt] of [['sandbox-6', 'A cat that is gone'], ['sandbox-7', 'Half a cat']]) {
      await submit(prompt);
      await read(id, 1);
      await visible(card(prompt).getByText('The picture can’t be shown'));
    }
  });

  await test('axe finds nothing to improve for a screen reader, in both color schemes', async () => {
    await call('/_sandbox/scripts', {script: 'losesReply', whenPromptContains: 'lighthouse'});
    await visible(page.locator('#pending li'));
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({colorScheme});
      const {violations} = await page.evaluate(`${axe}; axe.run()`);
      assert.deepEqual(violations.map(({id, help, nodes}) => [id, help, nodes.map(({html}) => html)]), []);
    }
    await page.getByRole('button', {name: 'Forget these scripts'}).click();
    await page.locator('#waiting').waitFor({state: 'hidden'});
  });

  if (process.env.SCREENSHOTS) {
    await card('A failing cat').locator('summary').click();
    const lighthouse = ['A lighthouse at dusk, in watercolors', {aspect_ratio: '16:9', model: 'nano-banana-2'}];
    await submit('A bear', {aspectRatio: '1:1'});
    await read('sandbox-8', 3);
    await submit(...lighthouse);
    await read('sandbox-9', 3);
    await submit(...lighthouse);
    await read('sandbox-10', 2);
    await call('/_sandbox/scripts', {script: 'losesReply', whenPromptContains: 'lighthouse'});
    await visible(page.locator('#pending li'));
    await page.getByAltText('Picture of sandbox-9', {exact: true}).evaluate((image) => image.decode());
    await page.locator('summary', {hasText: '“Fails”'}).click();
    await page.evaluate(() => {
      document.activeElement.blur();
      scrollTo(0, 0);
    });
    for (const colorScheme of ['light', 'dark']) {
      await page.mouse.move(0, 0);
      await page.emulateMedia({colorScheme});
      await page.screenshot({path: `${process.env.SCREENSHOTS}/${colorScheme}.png`});
    }
    await page.setViewportSize({width: 380, height: 800});
    await page.reload();
    await visible(card('A lighthouse').first());
    await page.screenshot({path: `${process.env.SCREENSHOTS}/narrow.png`});
    await page.setViewportSize({width: 1100, height: 720});
    await page.reload();
  }

  await test('after a reset it is empty, and no old picture is shown', async () => {
    page.once('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', {name: 'Reset the sandbox'}).click();
    await visible(page.getByText('Nothing was submitted yet.'));
    await submit('A tall tower', {aspect_ratio: '9:16'});
    await read('sandbox-1', 3);
    const picture = page.getByAltText('Picture of sandbox-1', {exact: true});
    await picture.evaluate((image) => image.decode());
    assert.ok(await picture.evaluate((image) => image.naturalWidth < image.naturalHeight));
  });

  await test('1,000 tasks stay usable', async () => {
    await submit('A tall tower', {aspect_ratio: '9:16'});
    await visible(page.getByText('1 submit repeats an earlier request'));
    await call('/_sandbox/scripts', {script: 'completesAfter', reads: 0, times: 1000});
    await page.evaluate(() => {
      window.longestFrame = 0;
      let before = performance.now();
      requestAnimationFrame(function next(now) {
        window.longestFrame = Math.max(window.longestFrame, now - before);
        before = now;
        requestAnimationFrame(next);
      });
    });
    for (let i = 0; i < 1000; i += 100) {
      await Promise.all(Array.from({length: 100}, (_, j) => submit(`Cat ${i + j}`)));
    }
    await Promise.all(Array.from({length: 1000}, (_, i) => read(`sandbox-${3 + i}`, 1)));
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.status')].filter((status) => status.textContent === 'completed').length === 1000);
    const frame = Math.round(await page.evaluate(() => window.longestFrame));
    assert.equal(await cards.count(), 1000); // The oldest of the 1,002 are forgotten, but they count.
    assert.equal(await card('A tall tower').count(), 0);
    await visible(page.getByText('This would have been billed 1,002 times'));
    await visible(page.getByText('1 submit repeats an earlier request'));
    await page.getByRole('searchbox').fill('cat 77');
    assert.equal(await page.locator('.submit:visible').count(), 11);
    const millis = await page.evaluate(() => new Promise((resolve) => {
      const start = performance.now();
      document.querySelector('#filter').value = '';
      document.querySelector('#filter').dispatchEvent(new Event('input'));
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    }));
    assert.ok(pictures.length < 300, `only pictures near the view are loaded, not ${pictures.length}`);
    console.log(`    ${pictures.length} pictures were loaded; the longest frame took ${frame} ms; 1,000 tasks are filtered and laid out in ${Math.round(millis)} ms`);
  });

  assert.deepEqual(elsewhere, [], 'nothing is fetched from elsewhere');
  // The one refused script and the two bad pictures are the page's own; a 402 and the like are answers to Node.
  assert.deepEqual(problems.filter((problem) => !/status of 400|images.sandbox-[67]\.png/.test(problem)), []);
  console.log("The sandbox's page: passed");
} finally {
  await browser.close();
}

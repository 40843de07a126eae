// The sandbox with Node's fetch.
import assert from 'node:assert/strict';

const sandbox = process.env.SANDBOX;
const call = (path, body, method = body ? 'POST' : 'GET') =>
  fetch(sandbox + path, {
    method,
    headers: {Authorization: 'Bearer any', 'Content-Type': 'application/json'},
    body: body && JSON.stringify(body),
  });
const submit = async (prompt) =>
  (await (await call('/gemini/image/generate', {prompt, action: 'generate'})).json()).taskId;
const result = async (taskId) => (await call(`/gemini/task/result?taskId=${taskId}`)).json();

await call('/_sandbox/reset', undefined, 'POST');
assert.equal(await submit('A cat'), 'sandbox-1');
let task = await result('sandbox-1');
while (task.status !== 'completed') task = await result('sandbox-1');
const image = await fetch(task.result.imageUrls[0]);
assert.equal(image.headers.get('Content-Type'), 'image/png');
assert.equal(Buffer.from(await image.arrayBuffer()).subarray(1, 4).toString(), 'PNG');

const added = await call('/_sandbox/scripts', [
  {script: 'losesRequest'},
  {script: 'completesWith', resultJson: '{"images": [{"url": "$imageUrl"}]}'},
]);
assert.equal((await added.json()).pending.length, 2);
await assert.rejects(submit('A lost cat'));
const odd = await result(await submit('A cat'));
assert.equal(odd.result.images[0].url, `${sandbox}/images/sandbox-2.png`);

const refusal = await call('/_sandbox/scripts', {script: 'nonsense'});
assert.equal(refusal.status, 400);
assert.match((await refusal.json()).message, /^No such script: "nonsense"\. There are: completesAfter, /);
const received = await (await call('/_sandbox/requests')).json();
assert.deepEqual(received.map((each) => each.taskId), ['sandbox-1', 'sandbox-2']);

// Many calls at once.
const ids = await Promise.all(Array.from({length: 300}, (_, i) => submit(`Cat ${i}`)));
assert.equal(new Set(ids).size, 300);

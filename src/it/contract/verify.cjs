// Verifies a provider against the pact, with Pact's Rust core.
const pact = require('@pact-foundation/pact-core').default

const [url, file] = process.argv.slice(2)
pact.verifyPacts({
  provider: 'mountsea',
  providerBaseUrl: url,
  providerStatesSetupUrl: url + '/_pact/states',
  pactUrls: [require('node:path').resolve(file)],
  logLevel: 'error',
}).catch(error => {
  console.error(String(error))
  process.exitCode = 1
})

// Runs the patterns of the spec, with and without the flag u, on its own examples and on samples.
import {readFileSync} from 'node:fs'

const [spec, samples] = process.argv.slice(2).map(file => JSON.parse(readFileSync(file, 'utf8')))
const properties = spec.components.schemas.GenerateImageRequest.properties
let checked = 0
for (const [name, {valid, invalid}] of Object.entries(samples)) {
  const schema = properties[name]
  const {pattern} = schema.items ?? schema
  const examples = (schema.examples ?? []).flat()
  for (const flags of ['', 'u']) {
    const regex = new RegExp(pattern, flags)
    for (const [value, expected] of [
      ...[...valid, ...examples].map(value => [value, true]),
      ...invalid.map(value => [value, false])]) {
      if (regex.test(value) !== expected) {
        throw new Error(`${name}, flags "${flags}": ${JSON.stringify(value)} should be ${expected ? '' : 'in'}valid`)
      }
      checked++
    }
  }
}
console.log(`Node agrees with the patterns of the spec: ${checked} values`)

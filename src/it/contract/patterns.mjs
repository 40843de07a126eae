// Runs the patterns of the spec, with and without the flag u, on its own examples and on samples. Then writes them to a
// file for .NET, with the verdict on each, and with every UTF-16 code unit in a prompt and in a URL.
import {readFileSync, writeFileSync} from 'node:fs'

const [specFile, samplesFile, linesFile] = process.argv.slice(2)
const [spec, samples] = [specFile, samplesFile].map(file => JSON.parse(readFileSync(file, 'utf8')))
const properties = spec.components.schemas.GenerateImageRequest.properties
const units = Array.from({length: 0x10000}, (_, unit) => String.fromCharCode(unit))
const lines = []
let checked = 0
for (const [name, {valid, invalid}] of Object.entries(samples)) {
  const schema = properties[name]
  const {pattern} = schema.items ?? schema
  const examples = (schema.examples ?? []).flat()
  const line = (verdict, text) =>
    lines.push(`${name}\t${verdict}\t${Buffer.from(text, 'utf16le').toString('base64')}\n`)
  line('pattern', pattern)
  for (const flags of ['', 'u']) {
    const regex = new RegExp(pattern, flags)
    for (const [value, expected] of [
      ...[...valid, ...examples].map(value => [value, true]),
      ...invalid.map(value => [value, false])]) {
      if (regex.test(value) !== expected) {
        throw new Error(`${name}, flags "${flags}": ${JSON.stringify(value)} should be ${expected ? '' : 'in'}valid`)
      }
      line(expected, value)
      checked++
    }
  }
  const regex = new RegExp(pattern)
  for (const text of units.flatMap(unit => [unit, ` ${unit}`, `http://a/${unit}`, `http://a${unit}`, `http://[::${unit}]`])) {
    line(regex.test(text), text)
  }
}
writeFileSync(linesFile, lines.join(''))
console.log(`Node agrees with the patterns of the spec: ${checked} values`)

"""Runs the patterns of the spec on its own examples and on samples."""
import json
import re
import sys

spec, samples = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
properties = spec["components"]["schemas"]["GenerateImageRequest"]["properties"]
checked = 0
for name, sample in samples.items():
    schema = properties[name]
    pattern = schema.get("items", schema)["pattern"]
    examples = [each for e in schema.get("examples", []) for each in (e if isinstance(e, list) else [e])]
    for value, expected in [(v, True) for v in sample["valid"] + examples] + [(v, False) for v in sample["invalid"]]:
        if (re.search(pattern, value) is not None) != expected:
            sys.exit(f"{name}: {value!r} should be {'' if expected else 'in'}valid")
        checked += 1
print(f"Python agrees with the patterns of the spec: {checked} values")

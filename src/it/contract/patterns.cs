// Runs the patterns of the spec as .NET does, on the values that patterns.mjs wrote, with the verdict of Node on each.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;

static class Patterns {
  static int Main(string[] files) {
    var patterns = new Dictionary<string, Regex>();
    int values = 0;
    foreach (string line in File.ReadLines(files[0])) {
      string[] parts = line.Split('\t');
      string text = Encoding.Unicode.GetString(Convert.FromBase64String(parts[2]));
      if (parts[1] == "pattern") {
        patterns[parts[0]] = new Regex(text);
      } else if (patterns[parts[0]].IsMatch(text).ToString().ToLower() != parts[1]) {
        Console.Error.WriteLine("{0}: \"{1}\" should be {2}valid", parts[0], text, parts[1] == "true" ? "" : "in");
        return 1;
      } else {
        values++;
      }
    }
    Console.WriteLine(".NET agrees with the patterns of the spec: {0} values", values);
    return values > 0 ? 0 : 1;
  }
}

// Writes the pages that are Markdown, the index, and the spec with Redoc inside it. In the project's folder.
import fs from 'node:fs';
import path from 'node:path';
import GithubSlugger from 'github-slugger';
import {Marked} from 'marked';

const [site, spec] = process.argv.slice(2);
const here = import.meta.dirname;
const pom = fs.readFileSync('pom.xml', 'utf8');
const repository = pom.match(/<url>(https:\/\/github\.com\/[^<]*)<\/url>/)[1];
const version = pom.match(/^ {2}<version>(.*)<\/version>/m)[1];
const pages = {
  'README.md': ['readme.html', 'README', 'What it does, how to use it, how to test with it.'],
  'apidocs/index.html': ['apidocs/index.html', 'Javadoc', 'Every class of the library and of the sandbox.'],
  'openapi/nano-banana.yaml': ['spec.html', 'The API', 'The OpenAPI spec that the library is generated from.'],
  'CHANGELOG.md': ['changelog.html', 'Changelog', 'What each version changes for you.'],
  'CONTRIBUTING.md': ['contributing.html', 'Contributing', 'How the project is built, changed and released.'],
};

function page(file, title, body) {
  const links = Object.values(pages).map(([to, name]) =>
    `<a href="${to}"${to === file ? ' aria-current="page"' : ''}>${name}</a>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<nav><a class="home" href="index.html">Nano Banana for Java</a> ${links.join(' ')}</nav>
<main>
${body}
</main>
</body>
</html>
`;
}

// A link to a page of the site stays in it, an image is copied, and any other file is shown in the repository.
function target(href, from) {
  if (/^([a-z]+:|#)/i.test(href)) return href;
  const [file, anchor] = href.split('#');
  const name = path.posix.join(path.posix.dirname(from), file);
  if (!fs.existsSync(name)) throw new Error(`${from} links to ${href}, which doesn't exist`);
  if (name in pages) return pages[name][0] + (anchor ? '#' + anchor : '');
  const kind = fs.statSync(name).isDirectory() ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${name}` + (anchor ? '#' + anchor : '');
}

function image(href, from) {
  if (/^[a-z]+:/i.test(href)) return href;
  const name = path.posix.join(path.posix.dirname(from), href);
  fs.mkdirSync(path.join(site, path.dirname(name)), {recursive: true});
  fs.copyFileSync(name, path.join(site, name));
  return name;
}

function render(markdown, from) {
  const slugger = new GithubSlugger();
  const marked = new Marked({
    renderer: {
      heading({tokens, depth, text}) {
        const plain = text.replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1');
        return `<h${depth} id="${slugger.slug(plain)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      table(token) {
        const row = (cells, tag) => '<tr>' + cells.map(cell =>
          `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('') + '</tr>\n';
        return `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>` +
          token.rows.map(cells => row(cells, 'td')).join('') + '</tbody></table></div>\n';
      },
    },
    walkTokens(token) {
      if (token.type === 'link') token.href = target(token.href, from);
      if (token.type === 'image') token.href = image(token.href, from);
      if (token.type === 'html') {
        token.text = token.text.replace(/\b(src|href)="([^"]*)"/g, (all, name, href) =>
          `${name}="${name === 'src' ? image(href, from) : target(href, from)}"`);
      }
    },
  });
  return marked.parse(markdown);
}

for (const [from, [file, name]] of Object.entries(pages)) {
  if (from.endsWith('.md')) {
    const body = render(fs.readFileSync(from, 'utf8'), from);
    fs.writeFileSync(path.join(site, file), page(file, `${name} - Nano Banana for Java`, body));
  }
}

const example = fs.readFileSync('src/main/javadoc/overview.html', 'utf8').match(/<pre>\{@code\n([^]*?)\n\}<\/pre>/)[1];
const cards = Object.values(pages).map(([to, name, what]) => `<li><a href="${to}">${name}</a><br>${what}</li>`);
fs.writeFileSync(path.join(site, 'index.html'), page('index.html', 'Nano Banana for Java', `
<h1>Nano Banana for Java</h1>
<p>A Java client for Mountsea's Nano Banana image API, version ${version}.</p>
<pre><code>${example.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</code></pre>
<ul class="cards">
${cards.join('\n')}
</ul>
<p><a href="${repository}">The source</a></p>`));
fs.copyFileSync(path.join(here, 'style.css'), path.join(site, 'style.css'));

// Redocly's page imports Redoc from another host. The package has the same file.
const redoc = path.join(here, 'node_modules/@redocly/cli/lib/chunks/redoc.standalone.js');
const [bundle, exported] = fs.readFileSync(redoc, 'utf8').split(/export\{RedocStandalone,hydrate,init\};\s*$/);
const loads = /import \{ hydrate \} from "https:[^"]*";/;
const html = fs.readFileSync(spec, 'utf8').replace(/<link rel="modulepreload"[^>]*>/, '');
// Its logo and icons come from another host, too; a name replaces the logo.
const local = text => text.replace(/https:\/\/cdn\.redoc(ly\.com|\.ly)\//g, 'data:,').replaceAll('API docs by', 'API docs by Redocly');
if (exported === undefined || !loads.test(html)) throw new Error('Redocly makes another page than build.mjs expects');
// Once it runs, Redoc has its pages behind #/.
fs.writeFileSync(path.join(site, 'spec.html'), local(html.replaceAll(' href="/', ' href="#/').replace(loads, () => bundle)));

// A link that JDK 17 writes to the common beginning of the packages, which is nowhere.
const constants = path.join(site, 'apidocs/constant-values.html');
const text = fs.readFileSync(constants, 'utf8');
const first = text.match(/ id="(ai\.mountsea[^"]*)"/)[1];
fs.writeFileSync(constants, text.replaceAll('href="#ai.mountsea"', `href="#${first}"`));

// The Javadoc of JDK 17 has no dark colours.
if (!fs.readFileSync(path.join(site, 'apidocs/stylesheet.css'), 'utf8').includes('prefers-color-scheme')) {
  fs.appendFileSync(path.join(site, 'apidocs/stylesheet.css'),
    '\n@media (prefers-color-scheme: dark) {\n  html { background: #fff; filter: invert(.9) hue-rotate(180deg); }\n}\n');
}

// Fails if a page links to a file or an anchor that doesn't exist, or loads something from another host.
import fs from 'node:fs';
import path from 'node:path';

const site = path.resolve(process.argv[2]);
const pages = new Map();
for (const name of fs.readdirSync(site, {recursive: true})) {
  if (!name.endsWith('.html')) continue;
  const html = fs.readFileSync(path.join(site, name), 'utf8')
    .replace(/<!--[^]*?-->/g, '').replace(/(<script[^>]*>)[^]*?<\/script>/g, '$1</script>');
  const tags = html.match(/<[a-z](?:"[^"]*"|[^">])*>/gi) ?? [];
  const values = (tag, names) =>
    [...tag.matchAll(new RegExp(`\\s(?:${names})="([^"]*)"`, 'g'))].map(found => found[1].replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
  pages.set(path.join(site, name), {
    anchors: new Set(tags.flatMap(tag => values(tag, 'id|name|data-section-id'))),
    links: tags.flatMap(tag => values(tag, 'href|src').map(to => [to, !/^<a\s/i.test(tag)])),
  });
}

let links = 0;
const broken = [];
for (const [file, page] of pages) {
  for (const [to, loaded] of page.links) {
    const wrong = why => broken.push(`${path.relative(site, file)}: ${to} ${why}`);
    if (/^(https?:)?\/\//i.test(to)) {
      if (loaded) wrong('is loaded from another host');
      continue;
    }
    if (/^(mailto|data|javascript):/i.test(to)) continue;
    links++;
    const [name, anchor] = to.split('#');
    let target = name ? path.resolve(path.dirname(file), decodeURIComponent(name.split('?')[0])) : file;
    if (!target.startsWith(site)) wrong('is outside of the site');
    else if (!fs.existsSync(target)) wrong("doesn't exist");
    else {
      if (fs.statSync(target).isDirectory()) target = path.join(target, 'index.html');
      const anchors = pages.get(target)?.anchors;
      // What begins with a slash is Redoc's own.
      if (anchor && !anchor.startsWith('/') && anchors && !anchors.has(anchor) && !anchors.has(decodeURIComponent(anchor))) {
        wrong('has no such anchor');
      }
    }
  }
}
for (const line of new Set(broken)) console.error(line);
if (broken.length > 0) process.exit(1);
console.log(`${path.relative('', site)}: ${pages.size} pages, ${links} links between them, none broken`);

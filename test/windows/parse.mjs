// Parses files of PowerShell, and prints where they are none: LINE:COLUMN of the first error.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, Parser } from 'web-tree-sitter';

await Parser.init();
const parser = new Parser();
const grammar = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
parser.setLanguage(await Language.load(grammar));

// firstError returns the first node that is an error.
function firstError(node) {
  if (node.isError || node.isMissing) {
    return node;
  }
  for (const child of node.children) {
    const found = child.hasError || child.isMissing ? firstError(child) : null;
    if (found) {
      return found;
    }
  }
  return null;
}

for (const file of process.argv.slice(2)) {
  const root = parser.parse(readFileSync(file, 'utf8')).rootNode;
  if (root.hasError) {
    const { row, column } = (firstError(root) ?? root).startPosition;
    console.log(`${file}:${row + 1}:${column + 1}: not PowerShell`);
    process.exitCode = 1;
  }
}

// Reads tap's output: says again what failed, with its diagnostics, where nobody has to look for it among thousands of lines, and sums up.
import { readFileSync } from "node:fs";

const MOST_LINES_OF_A_FAILURE = 60;
const lines = readFileSync(process.argv[2], "utf8").split("\n");

for (let at = 0; at < lines.length; at++) {
  if (!/^\s*not ok /.test(lines[at])) continue;
  console.log(lines[at]);
  if (lines[at + 1]?.trim() !== "---") continue;
  const ends = lines.findIndex((line, n) => n > at && line.trim() === "...");
  for (const line of lines.slice(at + 1, Math.min(ends + 1, at + MOST_LINES_OF_A_FAILURE))) console.log(line);
}

const sum = { total: 0, pass: 0, fail: 0, skip: 0 };
for (const line of lines) {
  const counts = /^# \{ (.*) \}$/.exec(line)?.[1];
  for (const pair of counts?.split(", ") ?? []) {
    const [what, count] = pair.split(": ");
    sum[what] = (sum[what] ?? 0) + Number(count);
  }
}
console.log(`${sum.pass} passed, ${sum.fail} failed, ${sum.skip} skipped`);
process.exit(sum.total > 0 && sum.fail === 0 ? 0 : 1);

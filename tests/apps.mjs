// SPDX-License-Identifier: Apache-2.0
/*
 * apps: has tdev build every request of tests/browser/requests.json into FOLDER/<id>, with the project's own tests run
 * by this Node.js, and prints the folders as APPS wants them, separated by colons.
 *
 *   TDEV=/path/to/tdev node apps.mjs REQUESTS FOLDER
 *
 * What tdev says goes to FOLDER/<id>.log; a build that fails is shown and ends all with exit code 1.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const [file, folder] = process.argv.slice(2);
const { requests } = JSON.parse(fs.readFileSync(file, 'utf8'));
const state = path.join(folder, 'state');
const search = `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`;
const env = { ...process.env, PATH: search, HOME: state, XDG_STATE_HOME: state, TDEV_STATE_DIR: state };

fs.mkdirSync(folder, { recursive: true });
const built = requests.map(({ id, text }) => {
  const to = path.join(folder, id);
  const words = ['build', text, '-o', to, '--force', '--verify'];
  const run = spawnSync(process.env.TDEV, words, { env, encoding: 'utf8', timeout: 60000 });
  const said = `${run.stdout || ''}${run.stderr || ''}${run.error || ''}`;

  fs.writeFileSync(`${to}.log`, said);
  if (run.status !== 0) {
    process.stderr.write(`apps: tdev build "${text}" ended with ${run.status ?? run.signal}\n${said}\n`);
    process.exit(1);
  }
  return to;
});
process.stdout.write(built.join(':'));

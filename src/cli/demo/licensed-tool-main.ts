import { connect } from 'node:net';
import process from 'node:process';
import { text } from 'node:stream/consumers';

/* The demo's licensed tool: a program as any other to the daemon that starts it. Says in JSON how it ended. */
const [socket = '', port = ''] = process.argv.slice(2);
const tool = connect(socket);
tool.write(port);
process.stdout.write(`${await text(tool)}\n`);

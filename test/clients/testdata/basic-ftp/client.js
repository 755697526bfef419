// What every script here begins with: sessions with the server under test.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { Readable, Writable } = require("node:stream");
const { Client, FTPError } = require("basic-ftp");

// session runs work with a session, and ends it.
async function session(work) {
  const client = new Client(60000);
  const { HOST, PORT, USER, PASSWORD, MODE, CA } = process.env;
  try {
    await client.access({
      host: HOST,
      port: Number(PORT),
      user: USER,
      password: PASSWORD,
      secure: MODE === "tls",
      secureOptions: MODE === "tls" ? { ca: fs.readFileSync(CA) } : undefined,
    });
    await work(client);
  } finally {
    client.close();
  }
}

async function put(client, name, data) {
  const reply = await client.uploadFrom(Readable.from([data]), name);
  assert.equal(reply.code, 226, reply.message);
}

async function get(client, name, from = 0) {
  const parts = [];
  const to = new Writable({
    write(part, _, done) {
      parts.push(part);
      done();
    },
  });
  await client.downloadTo(to, name, from);
  return Buffer.concat(parts);
}

async function names(client, path) {
  return (await client.list(path)).map((entry) => entry.name).sort();
}

// same compares contents, and prints neither.
function same(got, want) {
  got = Buffer.from(got);
  want = Buffer.from(want);
  assert.ok(got.equals(want), `got ${got.length} bytes, want ${want.length} others`);
}

async function refused(code, promise) {
  await assert.rejects(promise, (err) => err instanceof FTPError && err.code === code);
}

// again tries again what is answered with code, a few times.
async function again(code, work) {
  for (let left = 100; ; left--) {
    try {
      return await work();
    } catch (err) {
      if (err.code !== code || left === 0) throw err;
    }
  }
}

// run is what a script ends with.
function run(script) {
  script().catch((err) => {
    console.error(err);
    process.exitCode = 1;
  });
}

module.exports = { again, assert, fs, session, put, get, names, same, refused, run };

// Loaded by Node before a program of `fakegemini run`: connections to the API's hosts go to the
// fake, those to other hosts are refused, and those to this machine are left alone. Node's own
// fetch, http and https know no proxy before Node 24, so this looks at what opens a socket.
"use strict";

const net = require("node:net");

const settings = JSON.parse(process.env.FAKEGEMINI_RUN || "null");
const LOOPBACK = /^(localhost|.*\.localhost|127\.[\d.]+|::1|\[::1\]|::ffff:127\.[\d.]+)$/i;
const PORTS = [80, 443];

function fits(host, pattern) {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

function verdict(host, port) {
  const name = host.toLowerCase().replace(/\.$/, "");
  const allowed = settings.allowed.some((pattern) => fits(name, pattern.toLowerCase()));
  const local = LOOPBACK.test(host);
  const api = settings.besides.includes(name) || new RegExp(`^(?:${settings.host})$`, "i").test(host);
  const caught = api && !allowed && !local;
  if (caught) return "catch";
  if (allowed || settings.all_others || local || !PORTS.includes(port)) return "pass";
  return "refuse";
}

function refuse(socket, host, port) {
  // The run hears of it first, by a connection that its proxy refuses; then the program does.
  const text = `fakegemini run refuses ${host}; --allow ${host} lets it through`;
  socket.connecting = true; // what is written meanwhile waits
  const report = new net.Socket();
  report.on("error", () => {});
  report.on("close", () => socket.destroy(new Error(text)));
  open.call(report, { host: "127.0.0.1", port: settings.proxy_port }, () => {
    report.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
    report.resume();
  });
  return socket;
}

const open = net.Socket.prototype.connect;

function connect(...words) {
  const [first] = words;
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options === "object" && options !== null && !options.path) {
    const host = String(options.host || "localhost");
    const decision = verdict(host, Number(options.port));
    if (decision === "refuse") return refuse(this, host, options.port);
    if (decision === "catch") {
      const port = Number(options.port) === 80 ? settings.plain_port : settings.tls_port;
      const moved = { ...options, host: "127.0.0.1", port, lookup: undefined };
      if (Array.isArray(first)) first[0] = moved;
      else words[0] = moved;
    }
  } else if (PORTS.includes(Number(options)) && typeof words[1] === "string") {
    return connect.call(this, { port: Number(options), host: words[1] }, ...words.slice(2));
  }
  return open.apply(this, words);
}

if (settings) net.Socket.prototype.connect = connect;

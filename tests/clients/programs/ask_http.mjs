// Asks with Node's http and https: the address is the first argument, or the live API's.
import http from "node:http";
import https from "node:https";

const base = process.argv[2] ?? "https://generativelanguage.googleapis.com";
for (const stream of [false, true]) {
  const request = (base.startsWith("https") ? https : http).request(`${base}/v1beta/interactions`, { method: "POST" });
  request.end(JSON.stringify({ model: "gemini-3.5-flash", input: "Hi", stream }));
  const answer = await new Promise((resolve, reject) => request.on("response", resolve).on("error", reject));
  let text = "";
  for await (const piece of answer.setEncoding("utf8")) text += piece;
  console.log(text);
}

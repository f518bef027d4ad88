// Asks with Node's fetch: the address is the first argument, or the live API's.
const base = process.argv[2] ?? "https://generativelanguage.googleapis.com";
for (const stream of [false, true]) {
  const body = JSON.stringify({ model: "gemini-3.5-flash", input: "Hi", stream });
  const answer = await fetch(`${base}/v1beta/interactions`, { method: "POST", body });
  console.log(await answer.text());
}

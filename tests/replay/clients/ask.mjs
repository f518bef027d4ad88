// Asks with Node's fetch, or with @google/genai: node ask.mjs fetch|sdk URL…; prints what it saw.
const [kind, ...urls] = process.argv.slice(2);
const model = "gemini-3.5-flash";
const first = {
  model,
  input: "Why are there tides?",
  generation_config: { temperature: 1, max_output_tokens: 100 },
  tools: [
    {
      type: "function",
      name: "read_tide",
      description: "Read a gauge – any one.",
      parameters: { type: "object", properties: { at: { type: "string" } } },
    },
  ],
};
const next = { model, input: [{ type: "text", text: "Go on ☂." }], stream: true };
const textOf = (turn) =>
  turn.steps
    .filter((step) => step.type === "model_output")
    .flatMap((step) => step.content.map((content) => content.text ?? ""))
    .join("");

async function askWithFetch(url) {
  const base = `${url}/v1beta/interactions`;
  const post = (body) =>
    fetch(base, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const turn = await (await post(first)).json();
  const stream = await (await post({ ...next, previous_interaction_id: turn.id })).text();
  const events = stream
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
  const text = events.map((event) => (event.delta?.type === "text" ? event.delta.text : "")).join("");
  const seen = await (await fetch(`${base}/${turn.id}`)).json();
  return [textOf(turn), text, seen.status];
}

async function askWithSdk(url) {
  const { GoogleGenAI } = await import("../../js/node_modules/@google/genai/dist/node/index.mjs");
  const client = new GoogleGenAI({ apiKey: "fake-key", httpOptions: { baseUrl: url } });
  const turn = await client.interactions.create(first);
  const stream = await client.interactions.create({ ...next, previous_interaction_id: turn.id });
  let text = "";
  for await (const event of stream) {
    if (event.delta?.type === "text") text += event.delta.text;
  }
  return [textOf(turn), text, (await client.interactions.get(turn.id)).status];
}

for (const url of urls) {
  console.log(JSON.stringify(await (kind === "sdk" ? askWithSdk : askWithFetch)(url)));
}

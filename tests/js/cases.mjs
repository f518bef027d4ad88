// node cases.mjs NAME...: runs small programs of users; a line of JSON each says what it saw.
// The programs know nothing of the fake: the SDK finds it in the environment.

import { GoogleGenAI } from "@google/genai";
import * as z from "zod";

const ai = new GoogleGenAI({});
const model = "gemini-3.5-flash";
const weather = {
  type: "function",
  name: "get_weather",
  description: "The weather in a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  },
};
const results = (turn) =>
  turn.steps
    .filter((step) => step.type === "function_call")
    .map((step) => ({
      type: "function_result",
      name: step.name,
      call_id: step.id,
      result: `18 °C in ${step.arguments.city}`,
    }));
const textOf = (events) =>
  events
    .filter((event) => event.event_type === "step.delta" && event.delta.type === "text")
    .map((event) => event.delta.text)
    .join("");

async function all(stream, take = Infinity) {
  const events = [];
  for await (const event of stream) {
    events.push(event);
    if (events.length >= take) break;
  }
  return events;
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.status, message: error.message };
  }
  return null;
}

async function outcome(run) {
  try {
    await run();
  } catch (error) {
    return error.constructor.name;
  }
  return "ok";
}

const cases = {
  async text() {
    const turn = await ai.interactions.create({ model, input: "Say hello in French" });
    return { status: turn.status, text: turn.output_text, types: turn.steps.map((s) => s.type) };
  },

  async chain() {
    const first = await ai.interactions.create({ model, input: "I have 2 dogs." });
    const second = await ai.interactions.create({
      model,
      input: "And a cat.",
      previous_interaction_id: first.id,
    });
    return { texts: [first.output_text, second.output_text], fresh: first.id !== second.id };
  },

  async stateless() {
    const history = [{ type: "user_input", content: [{ type: "text", text: "one" }] }];
    const first = await ai.interactions.create({ model, input: history, store: false });
    history.push(...first.steps);
    history.push({ type: "user_input", content: [{ type: "text", text: "two" }] });
    const second = await ai.interactions.create({ model, input: history, store: false });
    return { texts: [first.output_text, second.output_text], id: first.id ?? null };
  },

  async stream() {
    const events = await all(
      await ai.interactions.create({ model, input: "A story", stream: true }),
    );
    const last = events.at(-1);
    return {
      text: textOf(events),
      ends: [events[0].event_type, last.event_type],
      status: last.interaction.status,
      counted: last.interaction.usage.total_tokens > 0,
    };
  },

  async functions() {
    let turn = await ai.interactions.create({
      model,
      input: "Weather in Paris and Oslo?",
      tools: [weather],
    });
    const seen = [turn.status];
    while (turn.status === "requires_action") {
      turn = await ai.interactions.create({
        model,
        input: results(turn).reverse(),
        previous_interaction_id: turn.id,
        tools: [weather],
      });
      seen.push(turn.status);
    }
    return { seen, text: turn.output_text };
  },

  async statelessFunctions() {
    const history = [
      { type: "user_input", content: [{ type: "text", text: "Weather in Rome?" }] },
    ];
    let turn;
    let hops = 0;
    do {
      turn = await ai.interactions.create({ model, input: history, tools: [weather], store: false });
      history.push(...turn.steps, ...results(turn));
      hops += 1;
    } while (results(turn).length > 0 && hops < 5);
    return { hops, text: turn.output_text };
  },

  async continued() {
    const turn = await ai.interactions.create({ model, input: "Count!" });
    const loose = await ai.interactions.create({ model, input: "Count!", store: false });
    const ask = { model, input: "Count!", stream: true };
    const events = await all(await ai.interactions.create(ask));
    return {
      texts: [turn.output_text, loose.output_text, textOf(events)],
      hops: turn.continuation_ids.length,
      status: turn.status,
    };
  },

  async structured() {
    const Recipe = z.object({ name: z.string(), minutes: z.number().int() });
    const turn = await ai.interactions.create({
      model,
      input: "A soup",
      response_format: {
        type: "text",
        mime_type: "application/json",
        schema: z.toJSONSchema(Recipe),
      },
    });
    return { keys: Object.keys(Recipe.parse(JSON.parse(turn.output_text))).sort() };
  },

  async background() {
    let run = await ai.interactions.create({ model, input: "Report", background: true });
    const seen = [run.status];
    while (run.status === "in_progress") {
      run = await ai.interactions.get(run.id);
      seen.push(run.status);
    }
    return { seen, text: run.output_text, types: run.steps.map((step) => step.type) };
  },

  async cancel() {
    const run = await ai.interactions.create({ model, input: "Cancel", background: true });
    const stopped = await ai.interactions.cancel(run.id);
    const found = await ai.interactions.get(run.id);
    const again = await failure(ai.interactions.cancel(run.id));
    return { statuses: [stopped.status, found.status], again: again.status };
  },

  async agents() {
    const report = { agent: "deep-research-preview-04-2026", background: true };
    const settings = { type: "deep-research", visualization: "auto" };
    let run = await ai.interactions.create({ ...report, input: "Tides", agent_config: settings });
    while (run.status === "in_progress") run = await ai.interactions.get(run.id);
    const work = { agent: "antigravity-preview-09-2026" };
    const first = await ai.interactions.create({ ...work, input: "2 + 2", environment: "remote" });
    const again = await ai.interactions.create({
      ...work,
      input: "Go on",
      environment: first.environment_id,
      previous_interaction_id: first.id,
    });
    return {
      research: run.steps.slice(1).map((step) => step.content?.[0].type ?? step.type),
      sandbox: first.steps.filter((s) => s.type === "code_execution_result").map((s) => s.result),
      same: first.environment_id === again.environment_id,
    };
  },

  async remove() {
    const turn = await ai.interactions.create({ model, input: "Delete" });
    await ai.interactions.delete(turn.id);
    return {
      gone: await failure(ai.interactions.get(turn.id)),
      malformed: await failure(ai.interactions.get("v1_bogus")),
      model: await failure(ai.interactions.create({ model: "gemini-of-tomorrow", input: "x" })),
    };
  },

  async resume() {
    const ask = { model, input: "A story", background: true, stream: true };
    const whole = await all(await ai.interactions.create(ask));
    const texts = [];
    for (let cut = 1; cut <= whole.length; cut += 1) {
      const seen = await all(await ai.interactions.create(ask), cut);
      const id = seen[0].interaction.id;
      const query = { stream: true, last_event_id: seen.at(-1).event_id };
      const rest = await all(await ai.interactions.get(id, query));
      texts.push(textOf([...seen, ...rest]));
    }
    return { texts: [...new Set(texts)], many: texts.length > 10 };
  },

  async image() {
    const turn = await ai.interactions.create({ model: "gemini-3.1-flash-image", input: "A boat" });
    const block = turn.output_image;
    return { type: block.mime_type, start: Buffer.from(block.data, "base64").toString("hex", 0, 3) };
  },

  async search() {
    const turn = await ai.interactions.create({
      model,
      input: "Wer gewann in Köln?",
      tools: [{ type: "google_search" }],
    });
    const block = turn.steps.at(-1).content[0];
    const bytes = Buffer.from(block.text);
    const cited = block.annotations.map((note) =>
      bytes.subarray(note.start_index, note.end_index).toString(),
    );
    return { types: turn.steps.map((step) => step.type), cited };
  },

  async tools() {
    const seen = {};
    for (const [name, ask] of Object.entries(JSON.parse(process.env.TOOL_ASKS))) {
      const turn = await ai.interactions.create({ model, ...ask });
      const block = turn.steps.at(-1).content?.[0] ?? {};
      const bytes = Buffer.from(block.text ?? "");
      const cited = (block.annotations ?? []).map((note) =>
        bytes.subarray(note.start_index, note.end_index).toString(),
      );
      const got = await ai.interactions.get(turn.id);
      seen[name] = { status: turn.status, steps: turn.steps, got: got.steps.slice(1), cited };
    }
    return seen;
  },

  async media() {
    const seen = {};
    for (const [name, ask] of Object.entries(JSON.parse(process.env.MEDIUM_ASKS))) {
      const turn = await ai.interactions.create({ model, ...ask });
      const events = await all(await ai.interactions.create({ model, ...ask, stream: true }));
      const blocks = turn.steps.at(-1).content;
      const film = blocks.find((block) => block.uri);
      const headers = { "x-goog-api-key": process.env.GEMINI_API_KEY };
      const fetched = film && (await (await fetch(film.uri, { headers })).arrayBuffer());
      seen[name] = {
        blocks,
        events: events.filter((event) => event.event_type.startsWith("step.")),
        fetched: fetched ? Buffer.from(fetched).toString("latin1", 4, 8) : null,
      };
    }
    return seen;
  },

  async faults() {
    const seen = {};
    for (const name of JSON.parse(process.env.FAULT_CASES)) {
      let events = 0;
      const streamed = await outcome(async () => {
        const ask = { model, input: `stream ${name}`, stream: true };
        for await (const event of await ai.interactions.create(ask)) events += Boolean(event);
      });
      const whole = await outcome(() => ai.interactions.create({ model, input: `whole ${name}` }));
      seen[name] = { streamed: [streamed, events], whole };
    }
    return seen;
  },

  async types() {
    const seen = {};
    for (const name of process.env.STEP_CASES.split(",")) {
      const ask = { model: "gemini-2.5-flash-lite", input: `step ${name}` };
      const turn = await ai.interactions.create(ask);
      const events = await all(await ai.interactions.create({ ...ask, stream: true }));
      const found = await ai.interactions.get(turn.id);
      seen[name] = {
        unary: turn.steps,
        events: events.filter((event) => event.event_type.startsWith("step.")),
        got: found.steps.slice(1),
      };
    }
    return seen;
  },
};

for (const name of process.argv.slice(2)) {
  console.log(JSON.stringify([name, await cases[name]()]));
}

// Types made of the document narrow on `type` and `event_type`; what is wrong is an error.
import type { components } from "./api";

type Schemas = components["schemas"];

export function readSteps(interaction: Schemas["Interaction"]): string {
  let text = "";
  for (const step of interaction.steps ?? []) {
    switch (step.type) {
      case "function_call":
        text += step.name + JSON.stringify(step.arguments);
        break;
      case "model_output":
        for (const block of step.content ?? []) {
          if (block.type === "text") text += block.text;
          else if (block.type === "image") text += block.mime_type ?? "";
        }
        break;
      case "thought":
        text += step.signature ?? "";
        break;
    }
  }
  return text;
}

export function readEvent(event: Schemas["Event"]): string {
  if (event.event_type === "step.delta" && event.delta.type === "text") return event.delta.text;
  if (event.event_type === "step.start" && event.step.type === "function_call") {
    return event.step.name ?? "";
  }
  if (event.event_type === "interaction.completed") return event.interaction.status ?? "";
  return "";
}

export const ask: Schemas["CreateRequest"] = {
  model: "gemini-3.8-flash",
  input: [{ type: "text", text: "When is high tide?" }, { text: "Today." }],
  tools: [{ type: "function", name: "read_tide", parameters: { type: "object" } }],
  response_format: { type: "text", mime_type: "application/json" },
  agent_config: { type: "deep-research", thinking_summaries: "auto" },
};

export const reply: Schemas["ScriptedReply"] = { say: "At six.", call: { name: "read_tide" } };

// @ts-expect-error no step has this type
export const unknownStep: Schemas["Step"] = { type: "no_such_step" };
// @ts-expect-error a call has a name
export const namelessCall: Schemas["Step"] = { type: "function_call", id: "a", arguments: {} };
export function misread(step: Schemas["Step"]): void {
  // @ts-expect-error a thought has no name
  if (step.type === "thought") step.name;
}

// Types that json-schema-to-typescript makes of the components narrow, too.
import type { Event, Interaction } from "./components";

export function readNames(interaction: Interaction): string[] {
  return (interaction.steps ?? []).flatMap((step) => {
    if (step.type !== "function_call") return [];
    const name: string = step.name;
    return [name];
  });
}

export function readText(event: Event): string {
  if (event.event_type === "step.delta" && event.delta.type === "text") return event.delta.text;
  return "";
}

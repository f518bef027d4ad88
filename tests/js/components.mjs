// Write types of three components of an OpenAPI document: components.mjs DOCUMENT OUT
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const [document, out] = process.argv.slice(2);
const { components } = JSON.parse(readFileSync(document, "utf8"));
const names = ["Interaction", "Event", "CreateRequest"];
const properties = Object.fromEntries(
  names.map((name) => [name, { $ref: `#/components/schemas/${name}` }]),
);
writeFileSync(out, await compile({ title: "All", type: "object", properties, components }, "All"));

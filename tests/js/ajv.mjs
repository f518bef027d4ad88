// Compile every schema with ajv as it comes, and print what each says of the documents on stdin:
// [[name of a schema, document], …] → [true, false, …]
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const BASE = "https://schemas.fakegemini.invalid/";
const ajv = new Ajv.default();
addFormats.default(ajv);
for (const file of readdirSync(process.argv[2], { recursive: true, encoding: "utf8" })) {
  const schema = file.endsWith(".json") && JSON.parse(readFileSync(join(process.argv[2], file)));
  if (schema?.$id) ajv.addSchema(schema);
}
const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([name, it]) => ajv.getSchema(`${BASE}${name}.json`)(it))));

// What an administrator and a service do with a client that is generated from docs/openapi.json. scripts/check-openapi
// compiles it, and runs it against a host of its own.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./obj/api.js";

type Problem = components["schemas"]["ProblemDetails"];

const { APIKEYS_URL: baseUrl = "http://localhost:5080", APIKEYS_KEY: key = "" } = process.env;
const client = createClient<paths>({ baseUrl, headers: { "X-API-Key": key } });

/** The answer, or the problem as an error that says what to do. */
function expect<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (data === undefined) throw new Error(`${error?.code}: ${error?.detail} ${JSON.stringify(error?.errors ?? {})}`);
  return data;
}

// Create: the value is shown this once.
const created = expect(
  await client.POST("/api/admin/api-keys", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: {
      name: "Generated client",
      scopes: ["api-keys:verify"],
      expires_in_days: 1,
      rate_limit: { requests: 100, window_seconds: 60 },
    },
  }),
);
assert.match(created.api_key, /^sk_live_/);
const params = { path: { key_id: created.key_id } };

// List, a page at a time.
const names: string[] = [];
for (let cursor: string | null | undefined; cursor !== null; ) {
  const query = { status: "active" as const, limit: 1, ...(cursor === undefined ? {} : { cursor }) };
  const page = expect(await client.GET("/api/admin/api-keys", { params: { query } }));
  names.push(...page.api_keys.map((row) => row.name));
  cursor = page.next_cursor ?? null;
}
assert.ok(names.includes(created.name));

// Edit and rotate.
const edited = expect(await client.PATCH("/api/admin/api-keys/{key_id}", { params, body: { metadata: { team: "soc" } } }));
assert.equal(edited.metadata["team"], "soc");

const rotated = expect(await client.POST("/api/admin/api-keys/{key_id}/rotate", { params, body: { grace_period_days: 0 } }));
assert.notEqual(rotated.api_key, created.api_key);

// Verify, and introspect as a form: the key may ask about itself.
const verifier = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${rotated.api_key}` } });
const verified = expect(
  await verifier.POST("/api/v1/api-keys/verify", { body: { api_key: rotated.api_key, scopes: ["api-keys:verify"] } }),
);
assert.deepEqual([verified.valid, verified.code, verified.rate_limit?.limit], [true, "valid", 100]);

const introspection = await verifier.POST("/oauth2/introspect", {
  body: { token: created.api_key },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
assert.deepEqual(expect(introspection), { active: false });
assert.match(introspection.response.headers.get("RateLimit") ?? "", /^"key";r=\d+;t=\d+$/);

// Revoke: when it is answered, no node accepts the key any more.
const revoked = expect(await client.DELETE("/api/admin/api-keys/{key_id}", { params }));
assert.equal(revoked.status, "revoked");

// Problems have types too.
const refused = await verifier.POST("/api/v1/api-keys/verify", { body: { api_key: rotated.api_key } });
assert.deepEqual([refused.response.status, refused.error?.code], [401, "revoked_key"]);

const invalid = await client.POST("/api/admin/api-keys", { body: { name: "", scopes: ["no:such"] } });
assert.deepEqual([invalid.error?.status, Object.keys(invalid.error?.errors ?? {})], [400, ["name", "scopes"]]);

console.log("The generated client does what it should.");

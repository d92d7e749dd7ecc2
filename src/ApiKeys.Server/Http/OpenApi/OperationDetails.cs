using ApiKeys.AspNetCore;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>Adds to each operation what its endpoint's metadata says: its scope, its security, what its problems mean.</summary>
internal sealed class OperationDetails : IOperationFilter
{
    private static readonly Dictionary<string, string> Meanings = new()
    {
        ["202"] = "Made, and not in force on every node yet. What 200 or 204 would have answered, with these two members more.",
        ["400"] = "`validation_failed`, `malformed_json` or `ambiguous_credentials`",
        ["401"] = "`missing_credentials`, `invalid_key`, `expired_key`, `revoked_key` or `disabled_key`",
        ["403"] = "`insufficient_scope`, `scope_escalation`, `plan_limit_reached` or `ip_not_allowed`",
        ["404"] = "`not_found`: unknown, or another organization's",
        ["409"] = "`key_revoked`; `conflict`, such as a lost race; or `idempotency_mismatch`",
        ["412"] = "`precondition_failed`: `If-Match` does not match",
        ["413"] = "`payload_too_large`: more than 64 KiB",
        ["415"] = "`unsupported_media_type`: not JSON",
        ["429"] = "`rate_limited`: the limit of the key, or of failed attempts from the address, is used up; see `Retry-After`",
        ["503"] = "`unavailable`: the database cannot be reached; see `Retry-After`",
    };

    private static readonly Dictionary<string, (string Name, string Meaning)> Headers = new()
    {
        ["201"] = ("Location", "Where the new thing is."),
        ["401"] = ("WWW-Authenticate", "The challenge of RFC 6750."),
        ["403"] = ("WWW-Authenticate", "With `insufficient_scope`: the scope that is missing."),
        ["429"] = ("Retry-After", "Seconds."),
        ["503"] = ("Retry-After", "Seconds."),
    };

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.Any(item => item is IAuthorizeData or AuthorizationPolicy or RequiredScope))
        {
            operation.Security =
            [
                Requirement(OpenApiSetup.ApiKeyScheme, context.Document),
                Requirement(OpenApiSetup.BearerScheme, context.Document),
            ];
            if (metadata.OfType<BasicCredentials.Accepted>().Any())
                operation.Security.Add(Requirement(OpenApiSetup.BasicScheme, context.Document));
        }

        var scopes = metadata.OfType<RequiredScope>().Select(required => $"`{required.Scope}`").ToList();
        if (scopes.Count > 0)
            operation.Description = $"{operation.Description}\n\nRequires the scope {string.Join(" and ", scopes)}.".Trim();

        if (metadata.OfType<Idempotency.AcceptsIdempotencyKey>().Any())
            AddHeader(operation, Idempotency.HeaderName, "Of your choice, random, 16 to 255 characters. Sent again within 24 hours, the same request gets the same answer, and nothing is done twice.");

        if (metadata.OfType<IfMatch.Heeded>().Any())
            AddHeader(operation, "If-Match", "The `ETag` that was read with the key.");

        if (metadata.OfType<KnownEverywhere.Waits>().Any())
            AddHeader(operation, KnownEverywhere.HeaderName, "`wait=N`: after so many seconds the answer is 202 where some node may not know of the change yet (RFC 7240). Without it, the answer waits until all do.");

        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (Meanings.TryGetValue(status, out var meaning))
                response.Description = meaning;

            if (Headers.TryGetValue(status, out var header) && response is OpenApiResponse concrete)
                (concrete.Headers ??= new Dictionary<string, IOpenApiHeader>())[header.Name] = HeaderOf(header.Meaning);
        }
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description) => (operation.Parameters ??= []).Add(
        new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    private static OpenApiHeader HeaderOf(string meaning) =>
        new() { Description = meaning, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiSecurityRequirement Requirement(string scheme, OpenApiDocument document) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
}

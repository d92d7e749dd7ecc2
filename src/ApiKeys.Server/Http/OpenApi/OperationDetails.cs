using ApiKeys.AspNetCore;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>Adds to each operation what its endpoint's metadata says beside keys and scopes: its headers, what its problems mean.</summary>
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
        ["415"] = "`unsupported_media_type`: the body is of another type than those listed",
        ["429"] = "`rate_limited`: the limit of the key, or of failed attempts from the address, is used up; see `Retry-After`",
        ["500"] = "`internal_error`: a fault on our side; tell the operator the `trace_id`",
        ["503"] = "`unavailable`: the database cannot be reached; see `Retry-After`",
    };

    private static readonly Dictionary<string, (string Name, string Meaning, OpenApiSchema Schema)> Headers = new()
    {
        ["201"] = ("Location", "Where the new thing is.", Text("uri-reference")),
        ["401"] = ("WWW-Authenticate", "The challenge of RFC 6750.", Text()),
        ["403"] = ("WWW-Authenticate", "With `insufficient_scope`: the scope that is missing.", Text()),
        ["429"] = ("Retry-After", "Seconds.", Seconds()),
        ["503"] = ("Retry-After", "Seconds.", Seconds()),
    };

    /// <summary>Those of a key's rate limit.</summary>
    private static readonly Dictionary<string, string> LimitHeaders = new()
    {
        ["RateLimit"] = "Where the key has a limit: what is left of it, such as `\"key\";r=50;t=30`, 50 requests in the next 30 seconds.",
        ["RateLimit-Policy"] = "The limit, such as `\"key\";q=100;w=60`, 100 requests in each 60 seconds.",
    };

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<BasicCredentials.Accepted>().Any())
            operation.Security!.Add(new() { [new OpenApiSecuritySchemeReference(OpenApiSetup.BasicScheme, context.Document)] = [.. metadata.OfType<RequiredScope>().Select(required => required.Scope)] });

        if (metadata.OfType<Idempotency.AcceptsIdempotencyKey>().Any())
        {
            AddHeader(operation, Idempotency.HeaderName, "Of your choice, random, 16 to 255 characters. Sent again within 24 hours, the same request gets the same answer, and nothing is done twice.",
                new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Pattern = Idempotency.Pattern,
                    MinLength = Idempotency.MinLength,
                    MaxLength = Idempotency.MaxLength,
                });
        }

        if (metadata.OfType<IfMatch.Heeded>().Any())
            AddHeader(operation, "If-Match", "The `ETag` that was read with the key.", Text());

        if (metadata.OfType<KnownEverywhere.Waits>().Any())
            AddHeader(operation, KnownEverywhere.HeaderName, "`wait=N`: after so many seconds the answer is 202 where some node may not know of the change yet (RFC 7240). Without it, the answer waits until all do.", Text());

        foreach (var (status, response) in (operation.Responses ??= []).ToList())
        {
            if (Meanings.TryGetValue(status, out var meaning))
                response.Description = meaning;

            if (response is not OpenApiResponse concrete)
                continue;

            concrete.Headers = new Dictionary<string, IOpenApiHeader>();
            if (Headers.TryGetValue(status, out var header))
                concrete.Headers[header.Name] = new OpenApiHeader { Description = header.Meaning, Schema = header.Schema };

            if (status is not ("401" or "413" or "500" or "503")) // no key was accepted, or a fault takes all headers back
                AddLimitHeaders(concrete.Headers);

            if (concrete.Content?.ContainsKey("application/problem+json") == true)
                operation.Responses[status] = Shared($"Problem{status}", concrete, context.Document);
        }

        CompletePending(operation);
    }

    /// <summary>A problem is the same wherever it is answered, and stands in the document once.</summary>
    private static OpenApiResponseReference Shared(string name, OpenApiResponse response, OpenApiDocument document)
    {
        document.AddComponent(name, response);
        return new OpenApiResponseReference(name, document);
    }

    private static void AddLimitHeaders(IDictionary<string, IOpenApiHeader> headers)
    {
        foreach (var (name, meaning) in LimitHeaders)
            headers[name] = new OpenApiHeader { Description = meaning, Schema = Text() };
    }

    /// <summary>What is pending is answered with all that 200 would have said.</summary>
    private static void CompletePending(OpenApiOperation operation)
    {
        if (operation.Responses?.GetValueOrDefault("202")?.Content?["application/json"] is { } pending
            && operation.Responses.GetValueOrDefault("200")?.Content?["application/json"].Schema is { } done)
        {
            pending.Schema = new OpenApiSchema { AllOf = [done, pending.Schema!] };
        }
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description, OpenApiSchema schema) => (operation.Parameters ??= []).Add(
        new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = schema,
        });

    private static OpenApiSchema Text(string? format = null) => new() { Type = JsonSchemaType.String, Format = format };

    private static OpenApiSchema Seconds() => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0" };
}

using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>What reflection cannot see: that unknown members are refused, and the members that every problem has.</summary>
internal sealed class SchemaDetails : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema concrete)
            return;

        if (context.Type == typeof(ProblemDetails))
            DescribeProblem(concrete);
        else if (context.Type.Name.EndsWith("Request", StringComparison.Ordinal) || context.Type.Name.StartsWith("RateLimit", StringComparison.Ordinal))
            concrete.AdditionalPropertiesAllowed = false;

        AllowNullReferences(concrete, context.Type);
    }

    /// <summary>A reference to another schema cannot say of itself that it may be null.</summary>
    private static void AllowNullReferences(OpenApiSchema schema, Type type)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var property in type.GetProperties())
        {
            var name = JsonSetup.NameOf(property.Name);
            if (schema.Properties is { } properties
                && properties.TryGetValue(name, out var described) && described is OpenApiSchemaReference reference
                && nullability.Create(property).ReadState == NullabilityState.Nullable)
            {
                properties[name] = new OpenApiSchema
                {
                    OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, reference],
                };
            }
        }
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.Description = "RFC 9457, `application/problem+json`.";
        schema.Required = new HashSet<string> { "type", "title", "status", "detail", "code", "trace_id" };
        schema.AdditionalProperties = null;
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("One for each code.", "urn:problem-type:apikeys:insufficient_scope"),
            ["title"] = Text("The same words for every problem of this code.", "Insufficient scope"),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status.", Examples = [403] },
            ["detail"] = Text("What to do next.", "API key does not have the required scope: incidents:read"),
            ["code"] = Text("Stable and machine-readable.", "insufficient_scope"),
            ["trace_id"] = Text("Tell it to the operator.", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "With `validation_failed`: messages for each field, by its name in JSON.",
                AdditionalProperties = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            },
        };
    }

    private static OpenApiSchema Text(string description, string example) =>
        new() { Type = JsonSchemaType.String, Description = description, Examples = [JsonValue.Create(example)] };
}

using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>What reflection cannot see: that unknown members are refused, what texts are, and the members that every problem has.</summary>
internal sealed class SchemaDetails : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema concrete)
            return;

        var isRequest = context.Type.Name.EndsWith("Request", StringComparison.Ordinal);
        if (context.Type == typeof(ProblemDetails))
            DescribeProblem(concrete);
        else if (concrete.Properties is { Count: > 0 }) // an answer may get more members, and a form has what it has
            concrete.AdditionalPropertiesAllowed = !isRequest && !context.Type.Name.StartsWith("RateLimit", StringComparison.Ordinal);

        foreach (var (property, described) in PropertiesOf(concrete, context.Type))
            DescribeTexts(property, described, isRequest);

        AllowNullReferences(concrete, context.Type);
    }

    public static List<JsonNode> ValuesOf(AllowedValuesAttribute allowed) => [.. allowed.Values.Select(value => JsonValue.Create((string)value!))];

    private static IEnumerable<(PropertyInfo Property, IOpenApiSchema Described)> PropertiesOf(OpenApiSchema schema, Type type)
    {
        foreach (var property in type.GetProperties())
        {
            if (schema.Properties?.TryGetValue(JsonSetup.NameOf(property.Name), out var described) == true)
                yield return (property, described);
        }
    }

    private static void DescribeTexts(PropertyInfo property, IOpenApiSchema described, bool isRequest)
    {
        if (property.GetCustomAttribute<EachTextAttribute>() is { } each)
            KnownTexts.TextIn(described)!.MaxLength = each.MaxLength;

        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            ((OpenApiSchema)described).Enum = ValuesOf(allowed);

        if (property.DeclaringType!.IsDefined(typeof(TakesAnyTextAttribute)))
            return;

        KnownTexts.Describe(JsonSetup.NameOf(property.Name), described);
        if (isRequest)
            KnownTexts.DescribePlain(described);
    }

    /// <summary>A reference to another schema cannot say of itself that it may be null.</summary>
    private static void AllowNullReferences(OpenApiSchema schema, Type type)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var (property, described) in PropertiesOf(schema, type).ToList())
        {
            if (described is OpenApiSchemaReference reference && nullability.Create(property).ReadState == NullabilityState.Nullable)
            {
                schema.Properties![JsonSetup.NameOf(property.Name)] = new OpenApiSchema
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
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "400", Maximum = "599", Description = "The HTTP status.", Examples = [403] },
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

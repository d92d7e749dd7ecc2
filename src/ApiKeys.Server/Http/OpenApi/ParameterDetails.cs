using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>What a key id is, what its text may be, and the values that a parameter may have where it is annotated with them.</summary>
internal sealed class ParameterDetails : IParameterFilter
{
    private static readonly Dictionary<string, string> InPaths = new()
    {
        ["key_id"] = "The public name of the key, such as `k_7Fq2mZ81xY4c`.",
        ["slug"] = "The organization's name in URLs, such as `acme`.",
    };

    public void Apply(IOpenApiParameter parameter, ParameterFilterContext context)
    {
        if (parameter.In == ParameterLocation.Path && InPaths.TryGetValue(parameter.Name ?? "", out var description))
            parameter.Description = description;

        KnownTexts.Describe(parameter.Name ?? "", parameter.Schema);
        if (context.PropertyInfo is null)
            return;

        if (context.PropertyInfo.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed && parameter.Schema is OpenApiSchema schema)
            schema.Enum = SchemaDetails.ValuesOf(allowed);

        KnownTexts.DescribePlain(parameter.Schema);
    }
}

using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>Says what each group of operations is for.</summary>
internal sealed class DocumentDetails : IDocumentFilter
{
    private static readonly Dictionary<string, string> Tags = new()
    {
        ["API keys"] = "Create, list, rotate and revoke the keys of an organization.",
        ["Sample API"] = "A small security-operations API, to see scopes at work. Served in Development only, or with `SampleApi:Enabled`.",
    };

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        foreach (var tag in swaggerDoc.Tags ?? new HashSet<OpenApiTag>())
            tag.Description = Tags[tag.Name!];
    }
}

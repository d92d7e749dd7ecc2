using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>Says what each group of operations is for.</summary>
internal sealed class DocumentDetails : IDocumentFilter
{
    private static readonly Dictionary<string, string> Tags = new()
    {
        ["API keys"] = "Create, list, edit, rotate and revoke the keys of an organization.",
        ["Catalog"] = "The scopes and roles that keys can be given.",
        ["Members"] = "The people of an organization, whom administration keys act for.",
        ["Organizations"] = "The tenants that own keys. For operators.",
        ["Audit trail"] = "Who did what, and who was refused.",
        ["Verification"] = "For other services and gateways: is this key accepted?",
        ["The key itself"] = "What whoever holds a key can ask and do with it.",
        ["Sample API"] = "A small security-operations API, to see scopes at work. Served in Development only, or with `SampleApi:Enabled`.",
    };

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        foreach (var tag in swaggerDoc.Tags ?? new HashSet<OpenApiTag>())
            tag.Description = Tags[tag.Name!];
    }
}

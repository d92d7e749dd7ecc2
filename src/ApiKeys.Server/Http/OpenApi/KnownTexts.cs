using ApiKeys.Server.Catalog;
using ApiKeys.Server.Model;
using Microsoft.OpenApi;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>What a text is whose name means the same everywhere, in paths, queries and JSON; of a list or a map, each text in it.</summary>
internal static class KnownTexts
{
    private static readonly Dictionary<string, (string Pattern, int? MaxLength)> ByName = new()
    {
        ["key_id"] = (KeyIds.Pattern, KeyIds.Length),
        ["api_key"] = (ApiKeyValue.Pattern, ApiKeyValue.MaxLength),
        ["slug"] = (Organization.SlugPattern, Organization.MaxSlugLength),
        ["organization"] = (Organization.SlugPattern, Organization.MaxSlugLength),
        ["email"] = (TextRules.EmailPattern, Member.MaxEmailLength),
        ["owner"] = (TextRules.EmailPattern, Member.MaxEmailLength),
        ["scopes"] = (CatalogConfiguration.ScopePattern, null),
        ["roles"] = (CatalogConfiguration.NamePattern, null),
        ["plan"] = (CatalogConfiguration.NamePattern, null),
        ["allowed_ips"] = (Networks.Pattern, Networks.MaxTextLength),
        ["cursor"] = (PageCursor.Pattern, PageCursor.TextLength),
        ["next_cursor"] = (PageCursor.Pattern, PageCursor.TextLength),
    };

    public static void Describe(string name, IOpenApiSchema? schema)
    {
        if (TextIn(schema) is { } text && ByName.TryGetValue(name, out var known))
        {
            text.Pattern = known.Pattern;
            text.MaxLength ??= known.MaxLength;
        }
    }

    /// <summary>Of what is known no better: control characters are refused everywhere.</summary>
    public static void DescribePlain(IOpenApiSchema? schema)
    {
        if (TextIn(schema) is { Pattern: null, Format: null, Enum: null } text)
            text.Pattern = TextRules.PlainPattern;
    }

    /// <summary>The schema itself where it is of a text, else that of the texts in it.</summary>
    public static OpenApiSchema? TextIn(IOpenApiSchema? schema) => schema switch
    {
        OpenApiSchema { Type: { } type } text when type.HasFlag(JsonSchemaType.String) => text,
        OpenApiSchema { Type: { } type } list when type.HasFlag(JsonSchemaType.Array) => TextIn(list.Items),
        OpenApiSchema { Type: { } type } map when type.HasFlag(JsonSchemaType.Object) => TextIn(map.AdditionalProperties),
        _ => null,
    };
}

/// <summary>How long each text of a list or a map may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EachTextAttribute(int maxLength) : Attribute
{
    public int MaxLength => maxLength;
}

/// <summary>Of a request whose texts are judged and not refused, whatever they are.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TakesAnyTextAttribute : Attribute;

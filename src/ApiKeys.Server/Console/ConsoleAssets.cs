using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Console;

/// <summary>
/// The style sheet, the script and the pictures, which are in the program itself. A hash of its content is part of the address of each, so that
/// browsers keep it for ever and still have the right one.
/// </summary>
internal static class ConsoleAssets
{
    public const string Path = ConsoleSetup.Path + "/assets";

    private const string Prefix = "ApiKeys.Server.Console.Assets.";
    private const string Forever = "public, max-age=31536000, immutable";

    private static readonly FrozenDictionary<string, Asset> Assets = typeof(ConsoleAssets).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => Read(name[Prefix.Length..]))
        .ToFrozenDictionary(asset => asset.Name);

    /// <param name="name">Such as <c>console.css</c>.</param>
    public static string UrlOf(string name) => $"{Path}/{Assets[name].Hash}/{name}";

    public static void MapConsoleAssets(this IEndpointRouteBuilder routes) => routes
        .MapGet(Path + "/{hash}/{name}", Get)
        .ExcludeFromDescription();

    private static Results<FileContentHttpResult, NotFound> Get(string hash, string name, HttpResponse response)
    {
        if (!Assets.TryGetValue(name, out var asset) || asset.Hash != hash)
            return TypedResults.NotFound();

        response.Headers.CacheControl = Forever;
        return TypedResults.File(asset.Content, asset.ContentType);
    }

    private static Asset Read(string name)
    {
        using var stream = typeof(ConsoleAssets).Assembly.GetManifestResourceStream(Prefix + name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new Asset(name, ContentTypeOf(name), Convert.ToHexStringLower(SHA256.HashData(content))[..16], content);
    }

    private static string ContentTypeOf(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not an asset."),
    };

    private sealed record Asset(string Name, string ContentType, string Hash, byte[] Content);
}

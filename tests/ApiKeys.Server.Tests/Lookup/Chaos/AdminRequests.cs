using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>What an administrator sends.</summary>
internal static class AdminRequests
{
    /// <summary>Clients need the first of them, and lose it where a scope is taken.</summary>
    private static readonly string[] Scopes = ["incidents:read", "search:read"];

    public static HttpRequestMessage CreateKey(string? organization) => new(HttpMethod.Post, "/api/admin/api-keys")
    {
        Content = JsonContent.Create(new { name = "Under fire", scopes = Scopes, organization }),
    };

    public static HttpRequestMessage CreateVerifier() => new(HttpMethod.Post, "/api/admin/api-keys")
    {
        Content = JsonContent.Create(new { name = "APIs under fire", roles = new[] { "verifier" } }),
    };

    public static HttpRequestMessage CreateOrganization(string slug) => new(HttpMethod.Post, "/api/admin/organizations")
    {
        Content = JsonContent.Create(new { slug, name = slug, plan = "enterprise" }),
    };

    /// <param name="kind">What is taken.</param>
    /// <param name="key">From whom.</param>
    /// <param name="organization">Where it is taken from all keys of one.</param>
    /// <param name="once">The same for each repetition, so that a rotation is done once.</param>
    public static HttpRequestMessage Cut(CutKind kind, TrialKey key, string? organization, string once)
    {
        var path = $"/api/admin/api-keys/{key.KeyId}";
        return kind switch
        {
            CutKind.Revoked => new(HttpMethod.Delete, path),
            CutKind.RevokedByItself => new(HttpMethod.Post, "/api/v1/me/revoke"),
            CutKind.Disabled => Patch(path, new { enabled = false }),
            CutKind.ScopeTaken => Patch(path, new { scopes = Scopes[1..] }),
            CutKind.OrganizationSuspended => Patch($"/api/admin/organizations/{organization}", new { suspended = true }),
            CutKind.Rotated => new(HttpMethod.Post, $"{path}/rotate")
            {
                Headers = { { "Idempotency-Key", once } },
                Content = JsonContent.Create(new { grace_period_days = 0 }),
            },
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static HttpRequestMessage Patch<T>(string path, T patch) => new(HttpMethod.Patch, path)
    {
        Content = JsonContent.Create(patch, new MediaTypeHeaderValue("application/merge-patch+json")),
    };
}

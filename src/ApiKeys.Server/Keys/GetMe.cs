using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Database;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Keys;

/// <summary>Tells the holder of a key whose it is and what it may do.</summary>
internal static class GetMe
{
    /// <summary>The member who owns the key, and the key itself. Of a key that nobody owns, the member's four are null.</summary>
    public sealed record Response
    {
        /// <summary>The member's id.</summary>
        public Guid? Uuid { get; init; }

        /// <example>carol@example.com</example>
        public string? Email { get; init; }

        /// <example>Carol</example>
        public string? Firstname { get; init; }

        /// <example>Doe</example>
        public string? Lastname { get; init; }

        [Required]
        public required OwnOrganization Organization { get; init; }

        [Required]
        public required OwnKey Key { get; init; }
    }

    /// <summary>The organization that owns the key.</summary>
    /// <param name="Slug" example="default">Its name in URLs and in JSON.</param>
    /// <param name="Name" example="Default">Its name.</param>
    /// <param name="Plan" example="enterprise">Its plan.</param>
    public sealed record OwnOrganization(string Slug, string Name, string Plan);

    /// <summary>A key as its holder sees it.</summary>
    public record OwnKey
    {
        /// <example>k_7Fq2mZ81xY4c</example>
        [Required]
        public required string KeyId { get; init; }

        /// <example>SOAR Integration</example>
        [Required]
        public required string Name { get; init; }

        /// <summary>Everything it may do, its roles' scopes included.</summary>
        /// <example>["incidents:read"]</example>
        [Required]
        public required IEnumerable<string> Scopes { get; init; }

        /// <example>[]</example>
        [Required]
        public required IReadOnlyList<string> Roles { get; init; }

        public required DateTimeOffset? ExpiresAt { get; init; }

        [Required]
        public required KeyStatus Status { get; init; }

        public static OwnKey Of(ApiKey key, Caller caller, DateTimeOffset now) => new()
        {
            KeyId = key.KeyId,
            Name = key.Name,
            Scopes = caller.Scopes.Order(StringComparer.Ordinal),
            Roles = key.Roles,
            ExpiresAt = key.ExpiresAt,
            Status = key.StatusAt(now),
        };
    }

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Caller caller, ApiKeysDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = await db.FindKeyAsync(caller.KeyId, caller, cancellationToken);
        if (key is null)
            return Problems.KeyNotFound();

        return TypedResults.Ok(new Response
        {
            Uuid = key.Owner?.Id,
            Email = key.Owner?.Email,
            Firstname = key.Owner?.FirstName,
            Lastname = key.Owner?.LastName,
            Organization = new OwnOrganization(key.Organization.Slug, key.Organization.Name, key.Organization.Plan),
            Key = OwnKey.Of(key, caller, time.Now()),
        });
    }
}

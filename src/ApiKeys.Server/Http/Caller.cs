using System.Diagnostics;
using System.Net;
using System.Security.Claims;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;

namespace ApiKeys.Server.Http;

/// <summary>Who makes the present request: the key it came with, the member that the key acts for, and from where.</summary>
internal sealed record Caller
{
    public required string KeyId { get; init; }

    /// <summary>The slug of the caller's organization.</summary>
    public required string Organization { get; init; }

    /// <summary>The email of the caller's member; null where the key has no owner.</summary>
    public string? Member { get; init; }

    public required IReadOnlySet<string> Scopes { get; init; }

    public IPAddress? Address { get; init; }

    public string? TraceId { get; init; }

    /// <summary>How a change by this caller is signed.</summary>
    public string Name => Member ?? KeyId;

    /// <summary>May act for every organization.</summary>
    public bool IsOperator => Scopes.Contains(BuiltIn.OrganizationsWrite);

    /// <summary>Holds all that an administrator holds.</summary>
    public bool IsAdministrator => BuiltIn.Admin.Scopes.All(Scopes.Contains);

    public bool MayActFor(string organization) => IsOperator || organization == Organization;

    /// <summary>Whether the caller may have a value of a key that acts for this member: his own, or anybody's to an administrator.</summary>
    public bool MayActAs(string? owner) =>
        owner is null || IsAdministrator || Model.Member.Normalize(owner) == Member;

    /// <summary>Of these, the scopes that the caller may not give to anybody, sorted.</summary>
    public IReadOnlyList<string> Beyond(IEnumerable<string> scopes, ScopeCatalog catalog) =>
        [.. scopes.Where(scope => !MayGrant(catalog.Scopes[scope])).Order(StringComparer.Ordinal)];

    /// <summary>
    /// The same of all that a key was granted. What the catalog does not know may come back: a scope as one of the product, a role
    /// as anything.
    /// </summary>
    public IReadOnlyList<string> Beyond(IEnumerable<string> scopes, IEnumerable<string> roles, ScopeCatalog catalog) =>
    [
        .. Beyond(catalog.Expand(scopes, roles), catalog),
        .. scopes.Where(scope => !IsAdministrator && !catalog.Scopes.ContainsKey(scope)),
        .. roles.Where(role => !IsOperator && !catalog.Roles.ContainsKey(role)),
    ];

    public static Caller Of(HttpContext context) => Of(context.User, context);

    /// <summary>For handlers that take one, without an accessor that every request would pay for.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => new(Of(context));

    /// <summary>Who asks, whether or not he was let in; null where nobody knows.</summary>
    public static Caller? Known(HttpContext context) =>
        context.User.Identity?.IsAuthenticated == true ? Of(context)
        : context.Features.Get<ApiKeyDecision>() is { RefusedIdentity: { } refused } ? Of(refused.Principal, context)
        : null;

    private static Caller Of(ClaimsPrincipal key, HttpContext context) => new()
    {
        KeyId = key.FindFirstValue(ApiKeyClaimTypes.KeyId)!,
        Organization = key.FindFirstValue(ApiKeyClaimTypes.Organization)!,
        Member = key.FindFirstValue(ApiKeyClaimTypes.Owner),
        Scopes = key.FindAll(ApiKeyClaimTypes.Scope).Select(claim => claim.Value).ToHashSet(),
        Address = context.Connection.RemoteIpAddress,
        TraceId = Activity.Current?.TraceId.ToString(),
    };

    /// <summary>
    /// Nobody grants what he does not hold, but an administrator grants every scope of the product; and an operator the one to verify,
    /// which is told of every organization's keys.
    /// </summary>
    private bool MayGrant(Scope scope) => Scopes.Contains(scope.Name)
        || (scope.Name == BuiltIn.KeysVerify ? IsOperator : IsAdministrator && !scope.IsManagement);
}

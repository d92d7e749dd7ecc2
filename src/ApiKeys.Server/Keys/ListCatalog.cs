using System.ComponentModel.DataAnnotations;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Http;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Keys;

/// <summary>What keys can be given: scopes one by one, and roles.</summary>
internal static class ListCatalog
{
    public sealed record Query
    {
        /// <summary>A part of the name or the description, in any case.</summary>
        [FromQuery(Name = "search"), MaxLength(100)]
        public string? Search { get; init; }
    }

    /// <summary>By name.</summary>
    public sealed record ScopesResponse([property: Required] IEnumerable<ScopeResponse> Scopes);

    /// <summary>One permission.</summary>
    /// <param name="Name" example="incidents:read"><c>resource:action</c>.</param>
    /// <param name="Description" example="Read incidents">For whoever chooses it.</param>
    /// <param name="Endpoints">What it opens, where <c>*</c> stands for one segment of a path.</param>
    /// <param name="Management">Whether it is about keys, members and organizations rather than about the product.</param>
    public sealed record ScopeResponse(
        [property: Required] string Name, [property: Required] string Description,
        [property: Required] IReadOnlyList<string> Endpoints, [property: Required] bool Management);

    /// <summary>By name.</summary>
    public sealed record RolesResponse([property: Required] IEnumerable<RoleResponse> Roles);

    /// <summary>A named bundle of scopes.</summary>
    /// <param name="Name" example="soc_viewer">In lowercase.</param>
    /// <param name="Description" example="Looks, and touches nothing">For whoever chooses it.</param>
    /// <param name="Scopes">What it holds, now; keys with the role follow it when it changes.</param>
    public sealed record RoleResponse(
        [property: Required] string Name, [property: Required] string Description, [property: Required] IReadOnlyList<string> Scopes);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Search).TrimmedText(0, 100);
    }

    public static Ok<ScopesResponse> HandleScopes([AsParameters] Query query, ScopeCatalog catalog) => TypedResults.Ok(new ScopesResponse(
        catalog.Scopes.Values
            .Where(scope => Matches(query, scope.Name, scope.Description))
            .OrderBy(scope => scope.Name, StringComparer.Ordinal)
            .Select(scope => new ScopeResponse(scope.Name, scope.Description, scope.Endpoints, scope.IsManagement))));

    public static Ok<RolesResponse> HandleRoles([AsParameters] Query query, ScopeCatalog catalog) => TypedResults.Ok(new RolesResponse(
        catalog.Roles.Values
            .Where(role => Matches(query, role.Name, role.Description))
            .OrderBy(role => role.Name, StringComparer.Ordinal)
            .Select(role => new RoleResponse(role.Name, role.Description, role.Scopes))));

    private static bool Matches(Query query, params ReadOnlySpan<string> texts)
    {
        var search = query.Search?.Trim() ?? "";
        foreach (var text in texts)
        {
            if (text.Contains(search, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}

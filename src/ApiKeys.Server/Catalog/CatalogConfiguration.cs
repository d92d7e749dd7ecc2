using System.Globalization;
using System.Text.RegularExpressions;
using ApiKeys.Server.Model;

namespace ApiKeys.Server.Catalog;

/// <summary>
/// Reads the sections <c>Scopes</c>, <c>Roles</c> and <c>Plans</c>. A scope's colon is also what configuration puts between the parts of a
/// path, so that <c>Scopes</c> holds resources and each resource holds actions, however it was written.
/// </summary>
internal static partial class CatalogConfiguration
{
    public const string ScopePattern = "^" + ScopeForm + "$";

    /// <summary>Of roles and plans.</summary>
    public const string NamePattern = "^" + NameForm + "$";

    private const string ScopeForm = "[a-z0-9][a-z0-9_.-]*:[a-z0-9][a-z0-9_.-]*";
    private const string NameForm = "[a-z0-9][a-z0-9_-]*";

    /// <param name="configuration">Where the sections are.</param>
    /// <param name="errors">Gets everything that is wrong, each as one sentence; what is returned then is of no use.</param>
    public static ScopeCatalog Load(IConfiguration configuration, List<string> errors)
    {
        var scopes = ReadScopes(configuration.GetSection("Scopes"), errors);
        var all = BuiltIn.Scopes.Concat(scopes).ToList();
        var roles = ReadRoles(configuration.GetSection("Roles"), all.ConvertAll(scope => scope.Name), errors);

        var plans = ReadPlans(configuration.GetSection("Plans"), errors);

        return errors.Count == 0
            ? new ScopeCatalog(all, BuiltIn.Roles.Concat(roles), BuiltIn.Plans.ExceptBy(plans.Select(plan => plan.Name), plan => plan.Name).Concat(plans))
            : new ScopeCatalog(BuiltIn.Scopes, BuiltIn.Roles, BuiltIn.Plans);
    }

    private static List<Scope> ReadScopes(IConfigurationSection section, List<string> errors)
    {
        var scopes = new List<Scope>();
        foreach (var resource in section.GetChildren())
        {
            if (!resource.GetChildren().Any())
                errors.Add($"Scopes: '{resource.Key}' is not of the form resource:action with a description.");

            foreach (var action in resource.GetChildren())
            {
                var name = $"{resource.Key}:{action.Key}";
                if (!ScopeName.IsMatch(name))
                    errors.Add($"Scopes: '{name}' is not of the form resource:action, in lowercase letters, digits, '-', '_' and '.'.");
                else if (BuiltIn.Scopes.Any(scope => scope.Name == name))
                    errors.Add($"Scopes: '{name}' is built in and cannot be defined again.");

                OnlyKnown(action, $"Scopes: '{name}'", errors, "description", "endpoints");
                scopes.Add(new Scope(name, Description(action, $"Scopes: '{name}'", errors), ReadEndpoints(name, action, errors)));
            }
        }

        return scopes;
    }

    private static List<string> ReadEndpoints(string scope, IConfigurationSection section, List<string> errors)
    {
        var endpoints = ReadList(section, "endpoints", $"Scopes: '{scope}'", errors);
        errors.AddRange(endpoints.Where(endpoint => !EndpointPatterns.IsPattern(endpoint)).Select(endpoint =>
            $"Scopes: '{scope}' opens '{endpoint}', which is not a method and a path such as 'GET /api/v1/incidents/*'."));
        return endpoints;
    }

    /// <summary>A list of texts. The framework's own binder passes over what is none.</summary>
    private static List<string> ReadList(IConfigurationSection section, string member, string what, List<string> errors)
    {
        var list = section.GetSection(member);
        var items = list.GetChildren().ToList();
        if (!string.IsNullOrEmpty(list.Value) || items.Exists(item => item.Value is null || !int.TryParse(item.Key, out _)))
            errors.Add($"{what} has '{member}' that are not a list of texts.");

        return [.. items.Where(item => item.Value is not null).Select(item => item.Value!)];
    }

    private static void OnlyKnown(IConfigurationSection section, string what, List<string> errors, params string[] known) =>
        errors.AddRange(section.GetChildren().Select(member => member.Key)
            .Except(known, StringComparer.OrdinalIgnoreCase)
            .Select(member => $"{what} has '{member}', which is not known here."));

    private static List<Role> ReadRoles(IConfigurationSection section, List<string> scopes, List<string> errors)
    {
        var roles = new List<Role>();
        foreach (var role in section.GetChildren())
        {
            if (!RoleName.IsMatch(role.Key))
                errors.Add($"Roles: '{role.Key}' is not in lowercase letters, digits, '-' and '_'.");
            else if (BuiltIn.Roles.Any(known => known.Name == role.Key))
                errors.Add($"Roles: '{role.Key}' is built in and cannot be defined again.");

            OnlyKnown(role, $"Roles: '{role.Key}'", errors, "description", "scopes");
            var held = ReadList(role, "scopes", $"Roles: '{role.Key}'", errors);
            if (held.Count == 0)
                errors.Add($"Roles: '{role.Key}' holds no scope.");

            errors.AddRange(held.Except(scopes).Select(scope => $"Roles: '{role.Key}' holds the scope '{scope}', which is not defined."));
            roles.Add(new Role(role.Key, Description(role, $"Roles: '{role.Key}'", errors), held));
        }

        return roles;
    }

    /// <summary>One of the configuration takes the place of a built-in one of the same name.</summary>
    private static List<Plan> ReadPlans(IConfigurationSection section, List<string> errors)
    {
        var plans = new List<Plan>();
        foreach (var plan in section.GetChildren())
        {
            if (!RoleName.IsMatch(plan.Key))
                errors.Add($"Plans: '{plan.Key}' is not in lowercase letters, digits, '-' and '_'.");

            OnlyKnown(plan, $"Plans: '{plan.Key}'", errors, "max_keys", "rate_limit");
            var rate = ReadRateLimit(plan, errors);
            var limit = plan.GetChildren().FirstOrDefault(member => member.Key.Equals("max_keys", StringComparison.OrdinalIgnoreCase));
            if (limit is null)
                errors.Add($"Plans: '{plan.Key}' has no max_keys; null means any number.");
            else if (limit.Value is null or "null" && !limit.GetChildren().Any())
                plans.Add(new Plan(plan.Key, MaxKeys: null, rate));
            else if (int.TryParse(limit.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var maxKeys))
                plans.Add(new Plan(plan.Key, maxKeys, rate));
            else
                errors.Add($"Plans: '{plan.Key}' has max_keys '{limit.Value}', which is not a whole number from 0, nor null.");
        }

        return plans;
    }

    private static RateLimit? ReadRateLimit(IConfigurationSection plan, List<string> errors)
    {
        var section = plan.GetSection("rate_limit");
        if (section.Value is null or "" or "null" && !section.GetChildren().Any())
            return null;

        OnlyKnown(section, $"Plans: '{plan.Key}' in its rate_limit", errors, "requests", "window_seconds");
        if (IsWithin(section["requests"], RateLimit.MaxRequests, out var requests)
            && IsWithin(section["window_seconds"], RateLimit.MaxWindowSeconds, out var seconds))
            return new RateLimit(requests, seconds);

        errors.Add($"Plans: '{plan.Key}' has a rate_limit without 'requests' from 1 to {RateLimit.MaxRequests} and 'window_seconds' from 1 to {RateLimit.MaxWindowSeconds}.");
        return null;
    }

    private static bool IsWithin(string? text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most;

    private static string Description(IConfigurationSection section, string what, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(section["description"]))
            errors.Add($"{what} has no description.");

        return section["description"] ?? "";
    }

    [GeneratedRegex("^" + ScopeForm + @"\z", RegexOptions.NonBacktracking)]
    private static partial Regex ScopeName { get; }

    [GeneratedRegex("^" + NameForm + @"\z", RegexOptions.NonBacktracking)]
    private static partial Regex RoleName { get; }
}

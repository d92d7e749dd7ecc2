using System.Runtime.CompilerServices;

namespace ApiKeys.Server.Http;

/// <summary>
/// A JSON merge patch (RFC 7396): what is left out stays, and null removes. Each member is
/// <c>get; init => field = Given(value)</c>, so that the two can be told apart.
/// </summary>
internal abstract record Patch
{
    private readonly HashSet<string> _given = [];

    /// <summary>Not public, so that JSON does not know it.</summary>
    internal bool Has(string property) => _given.Contains(property);

    protected T Given<T>(T value, [CallerMemberName] string property = "")
    {
        _given.Add(property);
        return value;
    }
}

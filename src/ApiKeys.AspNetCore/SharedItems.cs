using System.Collections.ObjectModel;
using Microsoft.AspNetCore.Authentication;

namespace ApiKeys.AspNetCore;

/// <summary>
/// What stands in the properties of a ticket that requests share: nothing, and nothing can be put there. Who wants to, as a sign-in with
/// another scheme does, clones the properties, the ticket or the result, and has ordinary ones.
/// </summary>
internal sealed class SharedItems<TValue>() : ReadOnlyDictionary<string, TValue>(new Dictionary<string, TValue>()), IDictionary<string, TValue>
{
    TValue IDictionary<string, TValue>.this[string key]
    {
        get => this[key];
        set => throw Shared();
    }

    void IDictionary<string, TValue>.Add(string key, TValue value) => throw Shared();

    void ICollection<KeyValuePair<string, TValue>>.Add(KeyValuePair<string, TValue> item) => throw Shared();

    /// <summary>There is nothing to remove: a property that is set to null is removed.</summary>
    bool IDictionary<string, TValue>.Remove(string key) => false;

    private static InvalidOperationException Shared() => new(
        "All requests with the same API key share these authentication properties, and what one sets would be seen by all. "
        + "Clone() them, and change the copy.");
}

internal static class SharedProperties
{
    /// <summary>Of every accepted key.</summary>
    public static readonly AuthenticationProperties Empty = new(new SharedItems<string?>(), new SharedItems<object?>());
}

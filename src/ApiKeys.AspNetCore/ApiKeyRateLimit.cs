using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace ApiKeys.AspNetCore;

/// <summary>
/// What a rate limit allows. Made once and used for every request, it prepares its field <c>RateLimit-Policy</c>
/// (draft-ietf-httpapi-ratelimit-headers): <c>"key";q=100;w=60</c>.
/// </summary>
public sealed class ApiKeyRatePolicy
{
    internal const string HeaderName = "RateLimit-Policy";

    /// <summary>Makes one.</summary>
    /// <param name="name">What is limited: <c>key</c>, or <c>address</c>.</param>
    /// <param name="requests">How many requests in each window, 1 or more.</param>
    /// <param name="windowSeconds">The length of a window, 1 or more.</param>
    public ApiKeyRatePolicy(string name, int requests, int windowSeconds)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(requests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowSeconds, 1);
        (Name, Requests, WindowSeconds) = (name, requests, windowSeconds);
        Field = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={requests};w={windowSeconds}");
    }

    /// <summary>What is limited.</summary>
    public string Name { get; }

    /// <summary>How many requests in each window.</summary>
    public int Requests { get; }

    /// <summary>The length of a window.</summary>
    public int WindowSeconds { get; }

    internal string Field { get; }
}

/// <summary>What is left of a rate limit after a request, as its field <c>RateLimit</c> says: <c>"key";r=50;t=30</c>.</summary>
/// <param name="Policy">What it allows.</param>
/// <param name="Remaining">How many more requests in this window, as far as is known.</param>
/// <param name="ResetSeconds">The seconds until the next window begins, rounded up.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ApiKeyRateLimit(ApiKeyRatePolicy Policy, int Remaining, int ResetSeconds)
{
    internal const string HeaderName = "RateLimit";

    /// <summary>It may be longer.</summary>
    private const int LikelyLength = 48;

    internal void SetOn(HttpResponse response)
    {
        response.Headers[ApiKeyRatePolicy.HeaderName] = Policy.Field;
        response.Headers[HeaderName] = string.Create(
            CultureInfo.InvariantCulture, stackalloc char[LikelyLength], $"\"{Policy.Name}\";r={Remaining};t={ResetSeconds}");
    }
}

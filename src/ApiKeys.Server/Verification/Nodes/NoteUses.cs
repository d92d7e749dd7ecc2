using System.Text.Json;
using ApiKeys.Server.Http;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Verification.Usage;

namespace ApiKeys.Server.Verification.Nodes;

/// <summary>What keys were used for where answers are remembered: it counts as if each had been asked here.</summary>
internal static class NoteUses
{
    public static async Task<IResult> HandleAsync(
        HttpRequest request, KeyLookup lookup, UsageLog usage, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
            return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);

        var known = new List<(RememberedUse Use, KeyFound Found)>(); // all of them or none: who is refused tells all again
        foreach (var use in await ReadAsync(request, cancellationToken))
        {
            if (use is null || use.Uses < 1 || !Enum.IsDefined(use.Outcome) || !PackedKeyId.TryOf(use.KeyId, out var id))
                return Problems.Invalid("uses", "must name a key, an outcome and how often.");

            var found = await lookup.FindAsync(id, cancellationToken);
            if (!found.IsKnown)
                return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);

            known.Add((use, found));
        }

        foreach (var (use, found) in known)
            if (found.Key is { } key)
                usage.Record(key, SecretOf(key, use.SecretNumber), use.Outcome, Networks.TryParseAddress(use.Address, out var address) ? address : null, found.Now, use.Uses);

        return TypedResults.NoContent();
    }

    private static async Task<IReadOnlyList<RememberedUse>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.ReadFromJsonAsync(LeaseJson.Default.IReadOnlyListRememberedUse, cancellationToken) ?? [];
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException("The body is malformed.", exception); // as the framework does
        }
    }

    /// <summary>What it is now: meanwhile the key may have been rotated.</summary>
    private static SecretUsed SecretOf(KeySnapshot key, int number) =>
        number == key.SecretNumber ? SecretUsed.Current
        : number == key.SecretNumber - 1 ? SecretUsed.Previous
        : SecretUsed.Neither;
}

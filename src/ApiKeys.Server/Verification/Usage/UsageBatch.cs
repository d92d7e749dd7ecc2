using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Verification.Usage;

/// <summary>Uses to be written, added up; up to a limit, since the database may be away for long.</summary>
internal sealed class UsageBatch
{
    /// <summary>Of each sort of rows. What comes on top is lost, and counted.</summary>
    public const int MaxRows = 100_000;

    private static readonly Dictionary<ApiKeyOutcome, string> OutcomeNames =
        Enum.GetValues<ApiKeyOutcome>().ToDictionary(outcome => outcome, outcome => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{outcome}"));

    private readonly Dictionary<CountKey, KeyUse.Count> _counts = [];
    private readonly Dictionary<AddressKey, KeyUse.Address> _addresses = [];
    private long _lost;

    /// <summary>In the order of their rows, so that nodes which write the same ones never wait for each other in a circle.</summary>
    public IEnumerable<KeyValuePair<CountKey, KeyUse.Count>> Counts =>
        _counts.OrderBy(row => row.Key.KeyId).ThenBy(row => row.Key.Day).ThenBy(row => row.Key.SecretNumber).ThenBy(row => row.Key.Outcome);

    public IEnumerable<KeyValuePair<AddressKey, KeyUse.Address>> Addresses =>
        _addresses.OrderBy(row => row.Key.KeyId).ThenBy(row => row.Key.SecretNumber).ThenBy(row => row.Key.From, StringComparer.Ordinal);

    public bool IsEmpty => _counts.Count == 0 && _addresses.Count == 0;

    public void Add(KeyUse use)
    {
        var (counts, addresses) = (new List<KeyUse.Count>(), new List<KeyUse.Address>());
        use.Take(counts, addresses);
        foreach (var count in counts)
            Add(_counts, new CountKey(use.KeyId, use.Day, count.SecretNumber, count.Outcome), count, Sum);

        foreach (var address in addresses)
            Add(_addresses, new AddressKey(use.KeyId, address.SecretNumber, Plain(address.From)), address, (one, other) => other.At > one.At ? other : one);
    }

    /// <summary>How many notes of uses found no room since the last time.</summary>
    public long TakeLost() => Interlocked.Exchange(ref _lost, 0);

    /// <summary>What has been written.</summary>
    public void Remove(IEnumerable<CountKey> counts, IEnumerable<AddressKey> addresses)
    {
        foreach (var count in counts)
            _counts.Remove(count);

        foreach (var address in addresses)
            _addresses.Remove(address);
    }

    public static string NameOf(ApiKeyOutcome outcome) => OutcomeNames[outcome];

    private void Add<TKey, TRow>(Dictionary<TKey, TRow> rows, TKey key, TRow row, Func<TRow, TRow, TRow> merge)
        where TKey : notnull
    {
        if (rows.TryGetValue(key, out var known))
            rows[key] = merge(known, row);
        else if (rows.Count < MaxRows)
            rows.Add(key, row);
        else
            _lost++;
    }

    private static KeyUse.Count Sum(KeyUse.Count one, KeyUse.Count other) => one with
    {
        Uses = one.Uses + other.Uses,
        First = other.First < one.First ? other.First : one.First,
        Last = other.Last > one.Last ? other.Last : one.Last,
    };

    private static string Plain(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    [StructLayout(LayoutKind.Auto)]
    public readonly record struct CountKey(Guid KeyId, int Day, int SecretNumber, ApiKeyOutcome Outcome);

    [StructLayout(LayoutKind.Auto)]
    public readonly record struct AddressKey(Guid KeyId, int SecretNumber, string From);
}

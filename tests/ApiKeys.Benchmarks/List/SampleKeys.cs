using System.Buffers.Binary;

namespace ApiKeys.Benchmarks.List;

/// <summary>
/// Keys as an organization may have them after two years, the same on every run:
/// <list type="bullet">
/// <item>made evenly over two years; 20 % live 30 days, 30 % 180 days, 30 % 365 days, 20 % for ever</item>
/// <item>10 % for the environment test, 5 % revoked, 1 % disabled</item>
/// <item>scopes: incidents:read 60 %, search:read 30 %, investigations:read 20 %, investigations:write 5 %, graph:read 0.3 %;
/// roles: soc_viewer 3 %, soc_analyst 0.2 %</item>
/// <item>names of a team, a system and a purpose, some with a number: "integration" is in 20 % of them, "forwarder" in 2 %,
/// "zanzibar" in 0.03 %, and "quetzalcoatl" in one</item>
/// <item>last used: 20 % more than 90 days ago (if they are that old), 5 % never, the others mostly in the last days</item>
/// <item>0.1 % (3 at least) rotated in the last days and in grace, half of these used with the previous secret since</item>
/// </list>
/// </summary>
internal sealed class SampleKeys(int count, DateTimeOffset now)
{
    public const string CommonWord = "integration";
    public const string MiddlingWord = "forwarder";
    public const string RareWord = "zanzibar";
    public const string UniqueName = "quetzalcoatl";

    private const int Days = 730;

    private static readonly string[] Teams =
    [
        "SOC", "Payments", "Fraud", "Platform", "Risk", "Cloud", "Network", "Endpoint", "Email", "Identity", "Berlin", "Austin",
        "Lyon", "Osaka", "Oslo", "Retail", "Treasury", "Support", "Data", "Mobile",
    ];

    private static readonly string[] Systems =
    [
        "Splunk", "Sentinel", "XSOAR", "QRadar", "Elastic", "ServiceNow", "Jira", "Slack", "Grafana", "Kafka", "Snowflake", "Tines",
        "Cortex", "Datadog", "PagerDuty", "Chronicle",
    ];

    private static readonly (double Share, string Word)[] Purposes =
    [
        (0.20, "Integration"), (0.16, "Export"), (0.14, "Dashboard"), (0.12, "Enrichment"), (0.10, "Playbook"), (0.10, "Import"),
        (0.08, "Report"), (0.05, "Webhook"), (0.03, "Backup"), (0.02, "Forwarder"),
    ];

    private readonly Random _random = new(20_260_101);
    private readonly DateTimeOffset _start = now.AddDays(-Days);

    public IEnumerable<SampleKey> All()
    {
        for (var i = 0; i < count; i++)
            yield return Next(i);
    }

    private SampleKey Next(int index)
    {
        var at = _start.AddMilliseconds(Math.Floor((index + 0.5) * Days * 86_400_000d / count));
        var isRevoked = Happens(0.05);
        DateTimeOffset? expires = Lifetime() is { } days ? at.AddDays(days) : null;
        var name = Name(index);
        var key = new SampleKey
        {
            Id = Id(at),
            KeyId = KeyId(),
            CreatedAt = at,
            IsTest = Happens(0.10),
            IsEnabled = !Happens(0.01),
            Name = name,
            Description = Happens(0.3) ? null : $"Key of {Pick(Teams)} for {Pick(Systems)}, ticket {_random.Next(10_000, 99_999)}",
            Scopes = Scopes(),
            Roles = Happens(0.002) ? ["soc_analyst"] : Happens(0.03) ? ["soc_viewer"] : [],
            ExpiresAt = expires,
            RevokedAt = isRevoked ? Between(at, now) : null,
            LastUsedAt = LastUse(at),
            Salt = Bytes(SecretHash.SaltLength),
            Hash = Bytes(SecretHash.HashLength),
        };
        return !isRevoked && !(expires <= now) && now - at > TimeSpan.FromDays(8) && Happens(Math.Max(0.001, 3d / count) * 2)
            ? InGrace(key) // of some 40 %, with the chance doubled
            : key;
    }

    private SampleKey InGrace(SampleKey key)
    {
        var rotated = now.AddDays(-6 * _random.NextDouble());
        var end = rotated.AddDays(7);
        return key with
        {
            RotatedAt = Whole(rotated),
            PreviousExpiresAt = Whole(end < key.ExpiresAt || key.ExpiresAt is null ? end : key.ExpiresAt.Value),
            PreviousHash = Bytes(SecretHash.HashLength),
            PreviousSalt = Bytes(SecretHash.SaltLength),
            PreviousLastUsedAt = Happens(0.5) ? Between(rotated, now) : null,
            LastUsedAt = Between(rotated, now),
        };
    }

    private int? Lifetime() => _random.NextDouble() switch { < 0.2 => 30, < 0.5 => 180, < 0.8 => 365, _ => null };

    private string[] Scopes()
    {
        var scopes = new List<string>(5);
        Add("graph:read", 0.003);
        Add("incidents:read", 0.6);
        Add("investigations:read", 0.2);
        Add("investigations:write", 0.05);
        Add("search:read", 0.3);
        return scopes.Count > 0 ? [.. scopes] : ["incidents:read"];

        void Add(string scope, double share)
        {
            if (Happens(share))
                scopes.Add(scope);
        }
    }

    private string Name(int index)
    {
        if (index == count / 2)
            return "Quetzalcoatl bridge";

        var name = $"{(Happens(0.0003) ? "Zanzibar" : Pick(Teams))} {Pick(Systems)} {Purpose()}";
        return Happens(0.5) ? $"{name} {_random.Next(1, 100)}" : name;
    }

    private string Purpose()
    {
        var left = _random.NextDouble();
        foreach (var (share, word) in Purposes)
            if ((left -= share) < 0)
                return word;

        return Purposes[0].Word;
    }

    private DateTimeOffset? LastUse(DateTimeOffset created)
    {
        var idle = now.AddDays(-90);
        return _random.NextDouble() switch
        {
            < 0.05 => null,
            < 0.25 when created < idle => Between(created, idle),
            _ => Later(created, Whole(now.AddDays(-Math.Min(89, -3 * Math.Log(1 - _random.NextDouble()))))),
        };
    }

    /// <summary>Version 7 as the host's, but the same when all are made once more.</summary>
    private Guid Id(DateTimeOffset at)
    {
        var bytes = Bytes(16);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (at.ToUnixTimeMilliseconds() << 16) | 0x7000 | (uint)_random.Next(0x1000));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    private string KeyId() => "k_" + string.Create(12, _random, (text, random) => random.GetItems(Base62.Alphabet, text));

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private bool Happens(double share) => _random.NextDouble() < share;

    private string Pick(string[] words) => words[_random.Next(words.Length)];

    private DateTimeOffset Between(DateTimeOffset from, DateTimeOffset to) => Whole(from + ((to - from) * _random.NextDouble()));

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Whole(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));
}

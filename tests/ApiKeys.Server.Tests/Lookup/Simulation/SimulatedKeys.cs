using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>What was taken away from a key: it is accepted as long as that is nothing.</summary>
[Flags]
internal enum Cut
{
    None = 0,
    Revoked = 1,
    Suspended = 2,
    Narrowed = 4,
}

/// <summary>The keys of every run, in each state that they can come to: two organizations, of two keys each.</summary>
internal static class SimulatedKeys
{
    public const int Count = 4;
    public const string Scope = "incidents:read";

    public static readonly Guid[] Organizations = [new(1, 0, 0, new byte[8]), new(2, 0, 0, new byte[8])];
    public static readonly Guid[] Members = [new(3, 0, 0, new byte[8]), new(4, 0, 0, new byte[8])];
    public static readonly string[] KeyIds = ["k_AAAAAAAAAAAA", "k_BBBBBBBBBBBB", "k_CCCCCCCCCCCC", "k_DDDDDDDDDDDD"];
    public static readonly PackedKeyId[] Packed = Array.ConvertAll(KeyIds, PackedKeyId.Of);

    private static readonly HashSet<string> All = [Scope];
    private static readonly HashSet<string> Nothing = [];
    private static readonly SecretHash Secret = new(new byte[SecretHash.SaltLength], new byte[SecretHash.HashLength]);
    private static readonly KeySnapshot[] Snapshots = [.. from key in Enumerable.Range(0, Count) from cut in Enumerable.Range(0, 8) select Make(key, (Cut)cut)];

    public static int OrganizationOf(int key) => key / 2;

    public static KeySnapshot Snapshot(int key, Cut cut) => Snapshots[(key * 8) + (int)cut];

    public static bool IsAccepted(KeySnapshot key) => !key.IsRevoked && !key.Tenancy.IsSuspended && key.Scopes.Contains(Scope);

    private static KeySnapshot Make(int key, Cut cut) => new()
    {
        Id = Guid.Empty,
        KeyId = Packed[key],
        Name = KeyIds[key],
        Secret = Secret,
        IsRevoked = cut.HasFlag(Cut.Revoked),
        Tenancy = new Tenancy(Organizations[OrganizationOf(key)], "organization", cut.HasFlag(Cut.Suspended), Members[key % 2], "owner"),
        Scopes = cut.HasFlag(Cut.Narrowed) ? Nothing : All,
    };
}

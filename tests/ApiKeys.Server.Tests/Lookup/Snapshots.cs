using ApiKeys.Server.Lookup;

namespace ApiKeys.Server.Tests.Lookup;

/// <summary>Snapshots and what is around them, without a database.</summary>
internal static class Snapshots
{
    private static readonly SecretHash Secret = new(new byte[SecretHash.SaltLength], new byte[SecretHash.HashLength]);

    public static PackedKeyId KeyId(int number) => PackedKeyId.Of($"k_{number:000000000000}");

    public static KeySnapshot Of(int number, Guid organization = default, Guid? owner = null) => new()
    {
        Id = Guid.Empty,
        KeyId = KeyId(number),
        Name = $"Key {number}",
        Secret = Secret,
        Tenancy = new Tenancy(organization, "default", IsSuspended: false, owner, Owner: null),
        Scopes = new HashSet<string>(),
    };

    public static Invalidation Change(InvalidationKind kind, string target = "", long seq = 1) =>
        new() { Seq = seq, Kind = kind, Target = target, At = DateTimeOffset.UnixEpoch };
}

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>The ways to take something from a key.</summary>
internal enum CutKind
{
    Revoked,
    RevokedByItself,
    Disabled,
    ScopeTaken,
    Rotated,
    OrganizationSuspended,
}

internal static class CutKinds
{
    /// <summary>What a key is told after it.</summary>
    public static (int Status, string? Code) Refusal(this CutKind kind) => kind switch
    {
        CutKind.Revoked or CutKind.RevokedByItself => (401, "revoked_key"),
        CutKind.Disabled or CutKind.OrganizationSuspended => (401, "disabled_key"),
        CutKind.ScopeTaken => (403, "insufficient_scope"),
        CutKind.Rotated => (401, "invalid_key"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

namespace ApiKeys.Server.Model;

/// <summary>The secret before the last rotation, accepted while <c>now &lt; ExpiresAt</c>: its grace period.</summary>
internal sealed record PreviousSecret
{
    public required SecretHash Secret { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

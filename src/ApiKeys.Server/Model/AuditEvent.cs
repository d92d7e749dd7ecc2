using System.Net;

namespace ApiKeys.Server.Model;

/// <summary>Who did what to what, written in the transaction of the change itself and never changed afterwards.</summary>
internal sealed class AuditEvent
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required Guid OrganizationId { get; init; }

    /// <summary>One of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>The key that acted; null where the command line did.</summary>
    public string? ActorKeyId { get; init; }

    /// <summary>The email of the member the key acts for.</summary>
    public string? ActorMember { get; init; }

    public IPAddress? ActorAddress { get; init; }

    public required string TargetType { get; init; }

    public required string TargetId { get; init; }

    /// <summary>A JSON object of the members that changed; never a secret.</summary>
    public required string Changes { get; init; }

    /// <summary>The W3C trace id of the request, 32 hexadecimal digits.</summary>
    public string? TraceId { get; init; }
}

internal static class AuditActions
{
    public const string KeyCreated = "key.created";
    public const string KeyRotated = "key.rotated";
    public const string KeyRevoked = "key.revoked";
}

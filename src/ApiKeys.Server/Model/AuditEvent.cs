using System.Net;

namespace ApiKeys.Server.Model;

/// <summary>Who did what to what, or tried to; written in the transaction of the change itself and never changed afterwards.</summary>
internal sealed class AuditEvent
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Whose trail it belongs to; null where nobody knows who called.</summary>
    public required Guid? OrganizationId { get; init; }

    /// <summary>One of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }

    public required AuditOutcome Outcome { get; init; }

    /// <summary>The <c>code</c> of the problem that a refused call was answered with.</summary>
    public string? Code { get; init; }

    /// <summary>The key that acted; null where the command line did, or where nobody knows.</summary>
    public string? ActorKeyId { get; init; }

    /// <summary>The email of the member the key acts for.</summary>
    public string? ActorMember { get; init; }

    public IPAddress? ActorAddress { get; init; }

    public required string TargetType { get; init; }

    /// <summary>A key id, an email, a slug; null where the call was refused before there was one.</summary>
    public string? TargetId { get; init; }

    /// <summary>A JSON object of the members that changed; never a secret.</summary>
    public required string Changes { get; init; }

    /// <summary>The W3C trace id of the request, 32 hexadecimal digits.</summary>
    public string? TraceId { get; init; }
}

internal enum AuditOutcome
{
    /// <summary>It was done.</summary>
    Success,

    /// <summary>It was asked for and not done.</summary>
    Refused,
}

/// <summary>What can be done. Reading is told only where it was refused.</summary>
internal static class AuditActions
{
    public const string KeyCreated = "key.created";
    public const string KeyUpdated = "key.updated";
    public const string KeyRotated = "key.rotated";
    public const string KeyRevoked = "key.revoked";
    public const string KeyRead = "key.read";
    public const string KeysListed = "key.listed";
    public const string CatalogRead = "catalog.read";
    public const string MemberCreated = "member.created";
    public const string MemberUpdated = "member.updated";
    public const string MemberRead = "member.read";
    public const string MemberRemoved = "member.removed";
    public const string MembersListed = "member.listed";
    public const string OrganizationCreated = "organization.created";
    public const string OrganizationUpdated = "organization.updated";
    public const string OrganizationRead = "organization.read";
    public const string OrganizationsListed = "organization.listed";
    public const string AuditRead = "audit.read";
    public const string SessionStarted = "session.started";
}

internal static class AuditTargets
{
    public const string Key = "api_key";
    public const string Member = "member";
    public const string Organization = "organization";
    public const string Catalog = "catalog";
    public const string Audit = "audit_event";
}

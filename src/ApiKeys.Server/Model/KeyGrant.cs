namespace ApiKeys.Server.Model;

/// <summary>
/// A scope or a role that a key was given, in a row of its own. A trigger keeps it beside the key's row, so that keys with a
/// scope are counted in an index alone.
/// </summary>
internal sealed class KeyGrant
{
    public required string Name { get; init; }

    public required Guid OrganizationId { get; init; }

    public required Guid ApiKeyId { get; init; }
}

namespace ApiKeys.Server.Model;

/// <summary>
/// A key of ASP.NET Core's data protection, which seals the console's cookies and form tokens: the same on every node, and after a restart.
/// </summary>
internal sealed class DataProtectionKey
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required string Xml { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

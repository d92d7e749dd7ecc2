namespace ApiKeys.Server.Lookup;

/// <summary>Reads keys from the primary: what it answers was committed after it was asked.</summary>
internal interface IKeySource
{
    /// <returns>Null where there is no such key.</returns>
    Task<KeySnapshot?> ReadAsync(PackedKeyId id, CancellationToken cancellationToken);
}

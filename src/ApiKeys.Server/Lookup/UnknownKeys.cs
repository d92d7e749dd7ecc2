namespace ApiKeys.Server.Lookup;

/// <summary>
/// Key ids that are well-formed and that nobody has, so that asking for the same one again costs no read. A table of a fixed size,
/// in which a newer one takes the place of an older; for a few seconds, since somebody may import keys.
/// </summary>
internal sealed class UnknownKeys(MonotonicClock clock)
{
    private const int Size = 8192;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private readonly Unknown?[] _table = new Unknown?[Size];

    /// <param name="id">What is asked for.</param>
    /// <param name="generation">Of the cache, now.</param>
    public bool Contains(PackedKeyId id, long generation) =>
        Volatile.Read(ref PlaceOf(id)) is { } unknown
        && unknown.Id == id
        && unknown.Generation == generation
        && clock.GetElapsedTime(unknown.Since) < Lifetime;

    /// <summary>Whether nobody had it the last time, however long ago, if that is remembered.</summary>
    public bool HasSeen(PackedKeyId id) => Volatile.Read(ref PlaceOf(id)) is { } unknown && unknown.Id == id;

    /// <param name="id">What was not found.</param>
    /// <param name="generation">Of the cache, before it was looked for.</param>
    public void Add(PackedKeyId id, long generation) =>
        Volatile.Write(ref PlaceOf(id), new Unknown(id, generation, clock.GetTimestamp()));

    private ref Unknown? PlaceOf(PackedKeyId id) => ref _table[id.GetHashCode() & (Size - 1)];

    private sealed record Unknown(PackedKeyId Id, long Generation, long Since);
}

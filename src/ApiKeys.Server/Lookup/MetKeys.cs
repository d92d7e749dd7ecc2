namespace ApiKeys.Server.Lookup;

/// <summary>
/// Ids of keys that there were when they were last read, whatever has become of them: somebody who asks for one is not guessing. A table of
/// a fixed size, in which a newer one takes the place of an older.
/// </summary>
internal sealed class MetKeys
{
    private const int Size = 1 << 16;

    /// <summary>Most of an id's random characters, which is enough to tell one from another.</summary>
    private readonly ulong[] _table = new ulong[Size];

    public bool Contains(PackedKeyId id) => Volatile.Read(ref PlaceOf(id)) == id.First;

    public void Add(PackedKeyId id) => Volatile.Write(ref PlaceOf(id), id.First);

    private ref ulong PlaceOf(PackedKeyId id) => ref _table[id.GetHashCode() & (Size - 1)];
}

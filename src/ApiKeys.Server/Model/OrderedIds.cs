namespace ApiKeys.Server.Model;

/// <summary>
/// UUIDs of version 7 that this process makes in ascending order, also within a millisecond: the 12 bits after the version count
/// (RFC 9562 §6.2, method 1). The rest is random, so that no two processes make the same.
/// </summary>
internal static class OrderedIds
{
    private const int MaxCount = 0xFFF;
    private static readonly Lock Turn = new();
    private static long _millisecond;
    private static int _count;

    public static Guid Next(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        var count = Count(now.ToUnixTimeMilliseconds());
        bytes[6] = (byte)(0x70 | (count >> 8));
        bytes[7] = (byte)count;
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>After 4,096 in one millisecond there is no order among the rest.</summary>
    private static int Count(long millisecond)
    {
        lock (Turn)
        {
            _count = millisecond == _millisecond ? Math.Min(_count + 1, MaxCount) : 0;
            _millisecond = millisecond;
            return _count;
        }
    }
}

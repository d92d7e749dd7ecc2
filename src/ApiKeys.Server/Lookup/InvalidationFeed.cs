using System.Collections.Concurrent;
using System.Threading.Channels;

namespace ApiKeys.Server.Lookup;

/// <summary>
/// Passes on what the database notifies of, to readers of the log that have no connection to it. Who does not keep up misses some, and reads the
/// log: the next that he is told is not the one that he expects.
/// </summary>
internal sealed class InvalidationFeed
{
    private const int MaxWaiting = 64;
    private readonly ConcurrentDictionary<Channel<string>, bool> _readers = new();

    /// <param name="payload">As it was notified; empty where it is known only that the log has grown.</param>
    public void Publish(string payload)
    {
        foreach (var (reader, _) in _readers)
            reader.Writer.TryWrite(payload);
    }

    /// <summary>What is published from now on, and not from when it is first read.</summary>
    public Subscription Subscribe()
    {
        var reader = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _readers[reader] = true;
        return new Subscription(reader, _readers);
    }

    internal sealed class Subscription(Channel<string> reader, ConcurrentDictionary<Channel<string>, bool> readers) : IDisposable
    {
        public ChannelReader<string> Payloads => reader.Reader;

        public void Dispose() => readers.TryRemove(reader, out _);
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>
/// Stands between one node and the database's socket, on a port of the loopback. What goes through can be reset, made to disappear,
/// or held back until later.
/// </summary>
internal sealed class DatabaseProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly UnixDomainSocketEndPoint _database;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Passage, Task> _passages = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _gate = Opened();
    private volatile bool _refuses;

    /// <param name="socket">The path of the socket that PostgreSQL listens on.</param>
    public DatabaseProxy(string socket)
    {
        _database = new UnixDomainSocketEndPoint(socket);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets all connections, and every new one.</summary>
    public void Reset()
    {
        _refuses = true;
        ResetAll();
    }

    /// <summary>Nothing arrives any more, and nobody is told so; who connects is let in, and hears nothing.</summary>
    public void HoldBack() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on everything goes through.</summary>
    /// <param name="deliversLate">Whether what was held back arrives now, or never.</param>
    public void Heal(bool deliversLate)
    {
        if (!deliversLate)
            ResetAll();

        _refuses = false;
        _gate.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        ResetAll();
        _gate.TrySetResult();
        await _accepting;
        await Task.WhenAll(_passages.Values);
        _end.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var passage = new Passage(await _listener.AcceptSocketAsync(_end.Token));
                var ended = new TaskCompletionSource();
                _passages[passage] = ended.Task;
                if (_refuses)
                    passage.Dispose();

                _ = RunAsync(passage, ended);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task RunAsync(Passage passage, TaskCompletionSource ended)
    {
        try
        {
            await passage.RunAsync(_database, () => _gate.Task);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Reset, by us or by one of the two sides.
        }
        finally
        {
            passage.Dispose();
            _passages.TryRemove(passage, out _);
            ended.SetResult();
        }
    }

    private void ResetAll()
    {
        foreach (var passage in _passages.Keys)
            passage.Dispose();
    }

    /// <summary>One connection of the node, and ours to the database for it.</summary>
    private sealed class Passage(Socket node) : IDisposable
    {
        private readonly Socket _server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public async Task RunAsync(EndPoint database, Func<Task> gate)
        {
            node.NoDelay = true;
            await gate();
            await _server.ConnectAsync(database);
            await Task.WhenAny(PumpAsync(node, _server, gate), PumpAsync(_server, node, gate)).Unwrap();
        }

        /// <summary>Whoever closes one side has closed both: nobody here says good-bye by halves.</summary>
        public void Dispose()
        {
            node.Close(timeout: 0); // RST, not FIN
            _server.Dispose();
        }

        private static async Task PumpAsync(Socket from, Socket to, Func<Task> gate)
        {
            var buffer = new byte[8192];
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await gate();
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
    }
}

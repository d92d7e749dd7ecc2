using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>
/// Stands between one process and what it needs, a node and the database or an API and the nodes, on a port of the loopback. What goes
/// through can be reset, made to disappear, or held back until later.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<EndPoint> _destination;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Passage, Task> _passages = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _gate = Opened();
    private volatile bool _refuses;

    /// <param name="destination">Where the next connection leads.</param>
    public TcpProxy(Func<EndPoint> destination)
    {
        _destination = destination;
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
            await passage.RunAsync(_destination, () => _gate.Task);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
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

    /// <summary>One connection of the process, and ours for it.</summary>
    private sealed class Passage(Socket client) : IDisposable
    {
        private readonly CancellationTokenSource _end = new();

        public async Task RunAsync(Func<EndPoint> destination, Func<Task> gate)
        {
            client.NoDelay = true;
            await gate();
            var to = destination();
            using var server = new Socket(to.AddressFamily, SocketType.Stream, to.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            await server.ConnectAsync(to, _end.Token);
            await Task.WhenAny(PumpAsync(client, server, gate), PumpAsync(server, client, gate)).Unwrap();
        }

        /// <summary>Whoever closes one side has closed both: nobody here says good-bye by halves.</summary>
        public void Dispose()
        {
            client.Close(timeout: 0); // RST, not FIN
            _end.Cancel();
        }

        private async Task PumpAsync(Socket from, Socket to, Func<Task> gate)
        {
            var buffer = new byte[8192];
            while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and var count)
            {
                await gate();
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
            }
        }
    }
}

using System.Threading.Channels;

namespace ApiKeys.AspNetCore.Leases;

/// <summary>Lets one loop wait for a time or for somebody's sign, whichever comes first. A sign given while it works is kept.</summary>
internal sealed class WakeUp : IDisposable
{
    private readonly Channel<bool> _signs = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ITimer _timer;

    public WakeUp(TimeProvider clock) =>
        _timer = clock.CreateTimer(_ => Wake(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Wake() => _signs.Writer.TryWrite(true);

    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        if (time <= TimeSpan.Zero)
            return;

        _timer.Change(time, Timeout.InfiniteTimeSpan);
        await _signs.Reader.ReadAsync(cancellationToken);
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}

using ApiKeys.Server.Database;

namespace ApiKeys.Server.Lookup;

/// <summary>Runs the node while the host runs: registered before the first request, gone after the last.</summary>
internal sealed partial class NodeService(
    Node node, Notifications notifications, CleanUp cleanUp, ILogger<NodeService> logger) : BackgroundService
{
    private Task? _leaving;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await node.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await (_leaving ??= LeaveAsync(cancellationToken)); // once: a host may be stopped from two sides
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(node.RunAsync(stoppingToken), notifications.RunAsync(stoppingToken), cleanUp.RunAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await node.LeaveAsync(cancellationToken);
        }
        catch (Exception exception) when (DatabaseFaults.IsUnavailable(exception))
        {
            LogNotLeft(logger, exception.GetBaseException().Message);
        }
    }

    [LoggerMessage(503, LogLevel.Warning, "The database cannot be told that this node stops; its lease ends by itself. {Reason}")]
    private static partial void LogNotLeft(ILogger logger, string reason);
}

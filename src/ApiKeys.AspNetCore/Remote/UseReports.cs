using System.Net;
using ApiKeys.AspNetCore.Leases;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>Tells the service every few seconds how often remembered answers were given. A crash loses what was not told yet.</summary>
internal sealed class UseReports(RemoteApiKeyVerifier remote, MonotonicClock clock)
{
    private const int MaxUses = 200; // in 64 KiB
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<RememberedUse> untold = [];
        try
        {
            while (true)
            {
                await Task.Delay(Interval, clock, cancellationToken);
                untold = await TellAsync(untold);
            }
        }
        finally
        {
            await TellAsync(untold);
        }
    }

    /// <returns>What could not be told, and is tried again: if only the answer was lost, it counts twice.</returns>
    private async Task<IReadOnlyList<RememberedUse>> TellAsync(IReadOnlyList<RememberedUse> untold)
    {
        while (true)
        {
            var uses = untold.Count > 0 ? untold : remote.Answers.TakeUses(MaxUses);
            if (uses.Count == 0)
                return [];

            using var patience = new CancellationTokenSource(Patience, clock);
            try
            {
                using var answer = await remote.Service.SendAsync(
                    HttpMethod.Post, $"{LeaseCalls.Path.TrimStart('/')}/{LeaseCalls.Uses}", uses, LeaseJson.Default.IReadOnlyListRememberedUse, patience.Token);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                    return uses;

                untold = [];
            }
            catch (LeaseRefusedException)
            {
                return []; // nobody counts for who may not ask
            }
#pragma warning disable CA1031 // whatever it is: else no use is ever told again, and they are gathered for ever
            catch (Exception)
            {
                return uses;
            }
#pragma warning restore CA1031
        }
    }
}

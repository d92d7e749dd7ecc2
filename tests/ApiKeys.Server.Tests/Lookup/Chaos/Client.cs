namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>
/// An integration that asks one node again and again, at a bounded rate. While that one stands still it goes on asking: those requests
/// are the first that it meets when it goes on.
/// </summary>
internal sealed class Client(ChaosNode node, TrialKeys keys, History history, Random random)
{
    private const int MaxUnderWay = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var underWay = new List<Task>();
        while (!cancellationToken.IsCancellationRequested)
        {
            var call = CallAsync(node, keys.Pick(random), history);
            underWay.Add(call);
            await Task.WhenAny(call, Task.Delay(Patience, CancellationToken.None));
            underWay.RemoveAll(task => task.IsCompletedSuccessfully);
            if (underWay.Count >= MaxUnderWay)
                await Task.WhenAny(underWay);

            await Task.Delay(random.Next(10, 70), CancellationToken.None);
        }

        await Task.WhenAll(underWay);
    }

    public static async Task<Call> CallAsync(ChaosNode node, TrialKey key, History history)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, node.Path);
        var began = history.Now;
        var answer = await node.SendAsync(request, key.Value, CancellationToken.None);
        var call = new Call(node.Name, key.Number, began, history.Now, answer.Status, answer.Code, answer.HasRetryAfter);
        history.Add(call);
        return call;
    }
}

using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Lookup.Chaos;

/// <summary>One of several who make keys, let them be used for a while, and end them; again and again.</summary>
internal sealed class Administrator(string name, ChaosCluster cluster, TrialKeys keys, History history, Storm storm, Random random)
{
    /// <summary>A 202 names its instant by the wall clock, which somebody may set right meanwhile.</summary>
    private static readonly TimeSpan WallClockAllowance = TimeSpan.FromMilliseconds(50);

    /// <summary>Clients go on asking for a key that was ended for as long as any lease may last.</summary>
    private static readonly TimeSpan Afterwards = ChaosCluster.Lease * 3;

    private int _numbers;

    /// <param name="ending">No further key is made; what was begun is ended.</param>
    /// <param name="patience">Nothing goes on.</param>
    public async Task RunAsync(CancellationToken ending, CancellationToken patience)
    {
        while (!ending.IsCancellationRequested)
        {
            // Half of all are plain ends.
            var kind = random.Next(2) == 0 ? CutKind.Revoked : (CutKind)random.Next(Enum.GetValues<CutKind>().Length);
            var organization = kind == CutKind.OrganizationSuspended ? await MakeOrganizationAsync(patience) : null;
            var made = new List<TrialKey> { await MakeKeyAsync(organization, patience) };
            if (organization is not null)
                made.Add(await MakeKeyAsync(organization, patience));

            await UseAsync(patience);
            var answer = await CutAsync(kind, made, organization, patience);
            if (kind != CutKind.Rotated)
                continue;

            var rotated = keys.Add(made[0].KeyId, answer.Json.Text("api_key")!);
            await UseAsync(patience);
            await CutAsync(CutKind.Revoked, [rotated], organization: null, patience);
        }
    }

    public async Task<TrialKey> MakeKeyAsync(string? organization, CancellationToken patience)
    {
        var answer = await InsistAsync(() => AdminRequests.CreateKey(organization), patience);
        return keys.Add(answer.Json.Text("key_id")!, answer.Json.Text("api_key")!);
    }

    private async Task<string> MakeOrganizationAsync(CancellationToken patience)
    {
        var slug = "";
        await InsistAsync(() => AdminRequests.CreateOrganization(slug = $"{name}-{_numbers++}"), patience);
        return slug;
    }

    /// <summary>For a while, or until something is about to happen: then a change should be under way.</summary>
    private async Task UseAsync(CancellationToken patience)
    {
        await Task.WhenAny(storm.Imminent, Task.Delay(random.Next(200, 1000), patience));
        patience.ThrowIfCancellationRequested();
        if (storm.Imminent.IsCompleted)
            await Task.Delay(random.Next(60), patience);
    }

    /// <summary>Asked for until it is answered with 200, of another node each time perhaps.</summary>
    private async Task<NodeAnswer> CutAsync(CutKind kind, List<TrialKey> ended, string? organization, CancellationToken patience)
    {
        var attempts = new List<Attempt>();
        var once = $"chaos-{name}-{_numbers++}-once-and-no-more";
        keys.End(ended);
        try
        {
            while (true)
            {
                // Who has ended itself cannot say it again: an administrator does.
                var how = kind == CutKind.RevokedByItself && attempts.Count > 0 ? CutKind.Revoked : kind;
                var answer = await TryCutAsync(how, ended[0], organization, once, attempts, patience);
                if (answer.Status == 200)
                    return answer;

                await Task.Delay(random.Next(20, 150), patience);
            }
        }
        finally
        {
            if (attempts.Count > 0)
                history.Add(new Cut(kind, [.. ended.Select(key => key.Number)], attempts));

            _ = ForgetLaterAsync(ended);
        }
    }

    private async Task<NodeAnswer> TryCutAsync(
        CutKind how, TrialKey key, string? organization, string once, List<Attempt> attempts, CancellationToken patience)
    {
        var node = cluster.Pick(random);
        using var request = AdminRequests.Cut(how, key, organization, once);
        if (random.Next(5) == 0)
            request.Headers.Add("Prefer", "wait=1");

        var sent = history.Now;
        attempts.Add(new Attempt(node.Name, $"{how}", sent, TimeSpan.MaxValue, 0, InForce: null)); // until there is an answer
        history.BeginChange();
        var answer = await node.SendAsync(request, how == CutKind.RevokedByItself ? key.Value : cluster.OperatorKey, patience);
        history.EndChange();
        if (answer.Status == 500)
            history.AddFailure($"{how} was answered with 500 by {node.Name}, which had logged:\n{node.Output}");

        var ended = history.Now;
        TimeSpan? inForce = answer.Status switch
        {
            200 => ended,
            202 => ended + (answer.Json.Instant("effective_by")!.Value - TimeProvider.System.GetUtcNow()) + WallClockAllowance,
            _ => null,
        };
        attempts[^1] = new Attempt(node.Name, $"{how}", sent, ended, answer.Status, inForce);
        return answer;
    }

    /// <summary>What changes nothing for anybody else is sent anew until it is done.</summary>
    private async Task<NodeAnswer> InsistAsync(Func<HttpRequestMessage> create, CancellationToken patience)
    {
        while (true)
        {
            using var request = create();
            var answer = await cluster.Pick(random).SendAsync(request, cluster.OperatorKey, patience);
            if (answer.Status == 201)
                return answer;

            Assert.True(answer.Status is 0 or 503, $"{request.RequestUri}: {answer}");
            await Task.Delay(random.Next(20, 150), patience);
        }
    }

    private async Task ForgetLaterAsync(List<TrialKey> ended)
    {
        await Task.Delay(Afterwards);
        keys.Forget(ended);
    }
}

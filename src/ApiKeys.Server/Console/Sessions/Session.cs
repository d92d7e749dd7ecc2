using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>The session of a request, for an answer that lasts.</summary>
internal sealed class Session(Func<ValueTask<ApiKeyDecision>> judge)
{
    /// <summary>Whether its key would be accepted at this moment.</summary>
    public async ValueTask<bool> IsGoodAsync() => (await judge()).Identity is not null;
}

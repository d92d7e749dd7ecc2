using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Console.Sessions;

/// <summary>The session of a request, for whatever it does one after another, and for an answer that lasts.</summary>
internal sealed class Session(Func<ValueTask<ApiKeyDecision>> judge)
{
    /// <summary>Whether its key would be accepted at this moment.</summary>
    public ValueTask<ApiKeyDecision> JudgeAsync() => judge();
}

namespace ApiKeys.Server.Http;

/// <summary>Among a request's features where its key was accepted by the secret before the current one.</summary>
internal sealed class PreviousSecretUsed
{
    public static readonly PreviousSecretUsed Instance = new();
}

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>The same over a real socket, for what only a real server enforces.</summary>
public class KestrelTestServer : TestServer
{
    public KestrelTestServer() => UseKestrel(port: 0);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Address = Operator.BaseAddress!;
    }

    public Uri Address { get; private set; } = null!;
}

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>Two hosts in this process on one database, as two nodes are.</summary>
public sealed class TestCluster : IAsyncLifetime
{
    public TestServer One { get; private set; } = null!;

    public TestServer Other { get; private set; } = null!;

    public IEnumerable<TestServer> Nodes => [One, Other];

    public async Task InitializeAsync()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        One = await StartAsync(database);
        Other = await StartAsync(database);
    }

    public async Task DisposeAsync()
    {
        await One.DisposeAsync();
        await Other.DisposeAsync();
    }

    public static async Task<TestServer> StartAsync(string database, IReadOnlyDictionary<string, string>? settings = null)
    {
        var server = new TestServerOn(database, settings);
        await server.InitializeAsync();
        return server;
    }
}

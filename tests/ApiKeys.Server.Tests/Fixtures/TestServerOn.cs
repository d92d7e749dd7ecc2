namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>On a database that is given, not on one that is made for the class.</summary>
internal sealed class TestServerOn(string connectionString) : TestServer
{
    protected override Task<string> CreateDatabaseAsync() => Task.FromResult(connectionString);
}

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>On a database that is given, not on one that is made for the class.</summary>
internal sealed class TestServerOn(string connectionString, IReadOnlyDictionary<string, string>? settings = null) : TestServer
{
    protected override IReadOnlyDictionary<string, string> Settings => settings ?? base.Settings;

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult(connectionString);
}

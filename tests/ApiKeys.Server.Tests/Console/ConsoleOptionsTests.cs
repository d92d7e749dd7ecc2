using ApiKeys.Server.Console;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

public sealed class ConsoleOptionsTests(ConsoleOptionsTests.WithoutConsole server) : IClassFixture<ConsoleOptionsTests.WithoutConsole>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/console")]
    [InlineData("/console/keys")]
    [InlineData("/console/sign-in")]
    public async Task Where_it_is_switched_off_there_is_nothing(string path)
    {
        using var client = server.CreateClient();

        await client.GetAsync(path).ShouldBeProblemAsync(404, "not_found");
        await server.Operator.GetAsync("/api/admin/api-keys").ShouldBeAcceptedAsync();
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(1440, 168, 0)]
    [InlineData(0, 12, 1)]
    [InlineData(1441, 12, 1)]
    [InlineData(30, 0, 1)]
    [InlineData(30, 169, 1)]
    [InlineData(0, 0, 2)]
    public void What_is_wrong_is_told(int idleMinutes, int sessionHours, int errors) =>
        Assert.Equal(errors, new ConsoleOptions { IdleMinutes = idleMinutes, SessionHours = sessionHours }.Errors().Count());

    [Fact]
    public async Task What_is_wrong_stops_the_start()
    {
        var settings = new Dictionary<string, string?> { ["Console:IdleMinutes"] = "0", ["Console:SessionHours"] = "169" };

        var (exitCode, output) = await HostProcess.RunAsync(settings);

        Assert.Equal(1, exitCode);
        Assert.Contains("Console:IdleMinutes is 0 and must be 1 to 1440.", output, StringComparison.Ordinal);
        Assert.Contains("Console:SessionHours is 169 and must be 1 to 168.", output, StringComparison.Ordinal);
    }

    public sealed class WithoutConsole : TestServer
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Console:Enabled"] = "false" };
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Bootstrap;

/// <summary>The real program, as a newcomer starts it: nothing configured but where its data goes.</summary>
public sealed partial class FirstStartTests
{
    [Fact]
    public async Task The_first_start_in_Development_prints_an_operator_key_once_and_not_through_the_log()
    {
        await using var data = new DataFolder();
        var settings = new Dictionary<string, string?>(data.Settings) { ["ASPNETCORE_ENVIRONMENT"] = "Development" };
        await using (var first = await HostProcess.StartAsync(settings))
        {
            var key = HostProcess.FirstKey.Match(await first.LineAsync(HostProcess.FirstKey)).Groups["value"].Value;
            using var listed = await first.GetAsync("/api/admin/api-keys", key);
            Assert.Equal("admin@example.com", (await listed.ReadJsonAsync(200)).GetProperty("api_keys")[0].Text("created_by"));
            Assert.Equal(0, await first.StopAsync());
            Assert.Equal(2, Value.Count(first.Output)); // alone, and in the command to try
        }

        Assert.False(data.IsServerRunning);
        await using var second = await HostProcess.StartAsync(settings);
        Assert.Equal("healthy", (await Eventually.AnswersAsync(200, () => second.GetAsync("/health/ready"))).Text("status"));
        await second.StopAsync();
        Assert.Equal(0, Value.Count(second.Output));
    }

    [Fact]
    public async Task Outside_Development_no_key_is_printed_and_create_admin_makes_one_while_the_host_runs()
    {
        await using var data = new DataFolder();
        await using var host = await HostProcess.StartAsync(data.Settings);

        var (exitCode, output) = await HostProcess.RunAsync(data.Settings, "create-admin", "--email", "Ada@Example.com");

        Assert.Equal(0, exitCode);
        var key = output.Split('\n')[^1];
        Assert.Matches("^sk_live_k_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$", key);
        using var listed = await host.GetAsync("/api/admin/api-keys", key);
        Assert.Equal("ada@example.com", (await listed.ReadJsonAsync(200)).GetProperty("api_keys")[0].Text("owner"));
        await host.StopAsync();
        Assert.Equal(0, Value.Count(host.Output));
    }

    [Theory]
    [InlineData("create-admin", "Option '--email' is required.")]
    [InlineData("create-admin --email nobody", "--email is not an email address.")]
    [InlineData("create-amdin", "'create-amdin' was not matched.")]
    [InlineData("--urls http://127.0.0.1:0 create-admin --email a@b.c", "Unrecognized command or argument '--urls'.")]
    [InlineData("create-admin --email sk_live_k_7Fq2mZ81xY4c_0123456789@c.d", "--email is not an email address.")]
    [InlineData("create-admin --email a\u202eb@c.d", "--email is not an email address.")]
    [InlineData("migrate now", "Unrecognized command or argument 'now'.")]
    public async Task A_wrong_command_is_told_and_does_nothing(string command, string message)
    {
        await using var data = new DataFolder();

        var (exitCode, output) = await HostProcess.RunAsync(data.Settings, command.Split(' '));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data.Cluster));
    }

    [Theory]
    [InlineData("KeyPolicy:Prefix", "SK", "KeyPolicy:Prefix is 'SK' and must be 2 to 8 lowercase letters.")]
    [InlineData("KeyPolicy:DefaultExpiresInDays", "0", "KeyPolicy:DefaultExpiresInDays is 0 and must be 1 to 365.")]
    [InlineData("Roles:viewer:scopes:0", "a:b", "Roles: 'viewer' holds the scope 'a:b', which is not defined.")]
    [InlineData("KeyPolicy:DefaultExpiresInDays", "abc", "KeyPolicy:DefaultExpiresInDays")]
    [InlineData("Serilog:MinimumLevel:Default", "Nonsense", "Serilog: The value Nonsense is not a valid Serilog level.")]
    [InlineData("SampleApi:Enabled", "maybe", "SampleApi:Enabled is 'maybe' and must be true or false.")]
    [InlineData("EmbeddedPostgres:StartTimeoutSeconds", "-5", "EmbeddedPostgres:StartTimeoutSeconds is -5 and must be 1 to 86400.")]
    [InlineData("EmbeddedPostgres:DataDirectory", "/dev/null/x", "EmbeddedPostgres:DataDirectory cannot be used")]
    [InlineData("EmbeddedPostgres:DataDirectory", "/tmp/a$b", "has a character")]
    [InlineData("ConnectionStrings:ApiKeys", "Hast=x", "ConnectionStrings__ApiKeys is no connection string")]
    [InlineData("ConnectionStrings:ApiKeys", "Database=x", "ConnectionStrings__ApiKeys names no Host.")]
    [InlineData("URLS", "http://127.0.0.1:70000", "Choose another address: --urls")]
    [InlineData("URLS", "nonsense", "Choose another address: --urls")]
    [InlineData("URLS", "https://localhost:0", "Choose another address: --urls")]
    [InlineData("EmbeddedPostgres:ProgramDirectory", "/nowhere", "apt-get install postgresql")]
    public async Task A_wrong_setting_stops_the_start_in_words(string name, string value, string message)
    {
        await using var data = new DataFolder();

        var (exitCode, output) = await HostProcess.RunAsync(new Dictionary<string, string?>(data.Settings) { [name] = value });

        Assert.Equal(1, exitCode);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_told_and_the_first_key_is_kept_for_the_next_start()
    {
        await using var data = new DataFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var settings = new Dictionary<string, string?>(data.Settings) { ["ASPNETCORE_ENVIRONMENT"] = "Development" };

        var (exitCode, output) = await HostProcess.RunAsync(
            new Dictionary<string, string?>(settings) { ["URLS"] = $"http://{taken.LocalEndpoint}" });
        Assert.Equal(1, exitCode);
        Assert.Contains("address already in use. Choose another address", output, StringComparison.Ordinal);
        Assert.Equal(0, Value.Count(output));

        await using var host = await HostProcess.StartAsync(settings);
        await host.LineAsync(HostProcess.FirstKey);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_clean_stop_writes_the_last_uses()
    {
        await using var data = new DataFolder();
        var (_, output) = await HostProcess.RunAsync(data.Settings, "create-admin", "--email", "admin@example.com");
        var key = output.Split('\n')[^1];
        await using (var host = await HostProcess.StartAsync(data.Settings))
        {
            using var used = await host.GetAsync("/api/admin/api-keys", key);
            await used.ReadJsonAsync(200);
            Assert.Equal(0, await host.StopAsync());
        }

        await using var again = await HostProcess.StartAsync(data.Settings);
        using var listed = await again.GetAsync("/api/admin/api-keys", key);
        Assert.NotNull((await listed.ReadJsonAsync(200)).GetProperty("api_keys")[0].Instant("last_used_at"));
        await again.StopAsync();
    }

    [Fact]
    public async Task Nothing_that_was_presented_or_issued_is_in_a_log_or_a_table_however_much_is_logged()
    {
        await using var data = new DataFolder();
        var settings = new Dictionary<string, string?>(data.Settings)
        {
            ["SampleApi:Enabled"] = "true",
            ["Serilog:MinimumLevel:Default"] = "Verbose",
            ["Serilog:MinimumLevel:Override:Microsoft"] = "Verbose",
            ["Serilog:MinimumLevel:Override:Microsoft.AspNetCore.DataProtection"] = "Verbose",
            ["Serilog:MinimumLevel:Override:Npgsql"] = "Verbose",
            ["Serilog:MinimumLevel:Override:System"] = "Verbose",
            ["EmbeddedPostgres:Settings:log_statement"] = "all",
        };
        var (_, created) = await HostProcess.RunAsync(data.Settings, "create-admin", "--email", "admin@example.com");
        await using var host = await HostProcess.StartAsync(settings);
        var secrets = new Canaries(host, created.Split('\n')[^1]);

        await secrets.ExerciseAsync();

        await secrets.AssertNowhereAsync(data);
    }

    [GeneratedRegex("sk_live_k_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", RegexOptions.NonBacktracking)]
    private static partial Regex Value { get; }
}

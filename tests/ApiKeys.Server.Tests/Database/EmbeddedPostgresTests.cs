using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Database;

/// <summary>The real program on its own PostgreSQL, ended in every way.</summary>
public sealed class EmbeddedPostgresTests
{
    [Fact]
    public async Task A_host_that_is_killed_leaves_no_server_and_loses_no_row()
    {
        await using var data = new DataFolder();
        var key = await CreateAdminAsync(data);
        await using (var host = await HostProcess.StartAsync(data.Settings))
        {
            await host.KillAsync();
        }

        await data.ServerHasGoneAsync();
        await using var again = await HostProcess.StartAsync(data.Settings);
        await AssertWorksAsync(again, key);
    }

    [Fact]
    public async Task A_server_that_is_killed_with_its_host_is_recovered()
    {
        await using var data = new DataFolder();
        var key = await CreateAdminAsync(data);
        await using (var host = await HostProcess.StartAsync(data.Settings))
        {
            // As when the power goes: nobody has time to do anything, and postmaster.pid stays behind.
            KillServer(data);
            await host.KillAsync();
        }

        await using var again = await HostProcess.StartAsync(data.Settings);
        await AssertWorksAsync(again, key);
    }

    [Fact]
    public async Task A_second_host_joins_the_server_and_keeps_it_when_the_first_is_killed()
    {
        await using var data = new DataFolder();
        var key = await CreateAdminAsync(data);
        await using var first = await HostProcess.StartAsync(data.Settings);
        await using var second = await HostProcess.StartAsync(data.Settings);
        Assert.Contains("Started PostgreSQL", first.Output, StringComparison.Ordinal);
        Assert.Contains("Joined the PostgreSQL", second.Output, StringComparison.Ordinal);

        await first.KillAsync();
        await AssertWorksAsync(second, key);
        await second.StopAsync();

        Assert.False(data.IsServerRunning);
    }

    [Fact]
    public async Task Hosts_that_start_together_share_one_server()
    {
        await using var data = new DataFolder();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => HostProcess.StartAsync(data.Settings)));

        Assert.Single(hosts, host => host.Output.Contains("Started PostgreSQL", StringComparison.Ordinal));
        await Task.WhenAll(hosts.Select(host => host.StopAsync()));
        Assert.False(data.IsServerRunning);
    }

    [Fact]
    public async Task A_folder_whose_path_is_too_long_for_a_socket_and_has_spaces_works()
    {
        await using var data = new DataFolder();
        var settings = new Dictionary<string, string?>(data.Settings)
        {
            ["EmbeddedPostgres:DataDirectory"] = Path.Combine(data.Path, $"it's a long path {new string('x', 100)}"),
        };
        Open(data.Path);

        var (exitCode, output) = await HostProcess.RunAsync(settings, "migrate");

        Assert.True(exitCode == 0, output);
    }

    /// <summary>Where the tests run as root, as they do in a container, the host is also run as somebody else.</summary>
    [Fact]
    public async Task An_ordinary_user_needs_no_other_account()
    {
        await using var data = new DataFolder();
        await using var program = new DataFolder();
        CopyProgram(program.Path);
        Open(program.Path);
        if (Environment.IsPrivilegedProcess)
            Own(data.Path, "nobody");

        await using var host = await HostProcess.StartAsync(
            data.Settings, Path.Combine(program.Path, "ApiKeys.Server.dll"), Environment.IsPrivilegedProcess ? "nobody" : null);

        await Eventually.AnswersAsync(200, () => host.GetAsync("/health/ready"));
        await host.StopAsync();
        Assert.False(data.IsServerRunning);
    }

    private static async Task<string> CreateAdminAsync(DataFolder data)
    {
        var (exitCode, output) = await HostProcess.RunAsync(data.Settings, "create-admin", "--email", "admin@example.com");
        Assert.True(exitCode == 0, output);
        return output.Split('\n')[^1];
    }

    private static async Task AssertWorksAsync(HostProcess host, string key)
    {
        using var listed = await host.GetAsync("/api/admin/api-keys", key);
        Assert.Equal(1, (await listed.ReadJsonAsync(200)).GetProperty("total").GetInt32());
    }

    private static void KillServer(DataFolder data)
    {
        var postmaster = Server.Database.EmbeddedPostgres.Postmaster.Read(data.Cluster)!;
        using var server = System.Diagnostics.Process.GetProcessById(postmaster.ProcessId);
        server.Kill();
    }

    private static void CopyProgram(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static void Open(string folder) => Run("chmod", "-R", "go+rX", folder);

    private static void Own(string folder, string user) => Run("chown", user, folder);

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

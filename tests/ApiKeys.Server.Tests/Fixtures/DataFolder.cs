using System.Diagnostics;
using ApiKeys.Server.Database.EmbeddedPostgres;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>An empty place for an embedded PostgreSQL, removed with all that is in it once its server has gone.</summary>
internal sealed class DataFolder : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = TempFolder.Create("apikeys-data-");

    public string Path => _folder.FullName;

    public string Cluster => System.IO.Path.Combine(Path, "cluster");

    public Dictionary<string, string?> Settings => new()
    {
        ["ConnectionStrings:ApiKeys"] = null,
        ["EmbeddedPostgres:DataDirectory"] = Path,
    };

    public bool IsServerRunning => File.Exists(Postmaster.FileIn(Cluster));

    public async Task ServerHasGoneAsync()
    {
        var started = Stopwatch.StartNew();
        while (IsServerRunning)
        {
            Assert.True(started.Elapsed < TimeSpan.FromSeconds(30), "PostgreSQL still runs.");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ServerHasGoneAsync();
        _folder.Delete(recursive: true);
    }
}

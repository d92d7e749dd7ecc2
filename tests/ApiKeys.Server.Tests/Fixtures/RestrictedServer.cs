using System.Text.RegularExpressions;
using Npgsql;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>The host as the database role that docs/OPERATIONS.md recommends, made by the very lines that stand there.</summary>
public sealed partial class RestrictedServer : TestServer
{
    private readonly string _role = $"apikeys_app_{Environment.ProcessId}";
    private string _owner = "";

    protected override async Task<string> CreateDatabaseAsync()
    {
        _owner = await TestPostgres.CreateDatabaseAsync();
        var documented = RoleSql.Match(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/OPERATIONS.md"))).Groups["sql"].Value;
        await ExecuteAsync(documented.Replace("apikeys_app", _role, StringComparison.Ordinal));
        return new NpgsqlConnectionStringBuilder(_owner) { Username = _role, Password = "change-me" }.ConnectionString;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_owner.Length > 0)
            await ExecuteAsync($"drop owned by {_role}; drop role {_role}");

        _owner = "";
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_owner);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex("```sql\n(?<sql>create role .*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoleSql { get; }
}

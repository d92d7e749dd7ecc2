#if TESTCONTAINERS
using Testcontainers.PostgreSql;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>PostgreSQL in a container, removed when the test process has ended.</summary>
internal static class PostgresContainer
{
    public static async Task<string> StartAsync()
    {
        var container = new PostgreSqlBuilder().WithImage("postgres:17").Build();
        await container.StartAsync();
        return container.GetConnectionString();
    }
}
#endif

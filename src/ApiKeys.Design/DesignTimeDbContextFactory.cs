using ApiKeys.Server.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ApiKeys.Design;

/// <summary>Tells <c>dotnet ef</c> how to make the context; it never connects.</summary>
internal sealed class DesignTimeDbContextFactory : IDesignTimeDbContextFactory<ApiKeysDbContext>
{
    public ApiKeysDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<ApiKeysDbContext>().UseApiKeysPostgres("Host=localhost").Options);
}

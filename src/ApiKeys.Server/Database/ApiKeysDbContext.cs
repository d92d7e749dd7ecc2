using System.Text.Json;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Server.Database;

/// <summary>The tables. Each is mapped in a file of its own beside this one; columns are named in snake_case.</summary>
internal sealed class ApiKeysDbContext : DbContext
{
    public ApiKeysDbContext(DbContextOptions<ApiKeysDbContext> options)
        : base(options) =>
        Database.AutoSavepointsEnabled = false; // nobody goes on after a failure: two statements less

    public DbSet<Organization> Organizations => Set<Organization>();

    public DbSet<Member> Members => Set<Member>();

    public DbSet<ApiKey> Keys => Set<ApiKey>();

    public DbSet<KeyUsage> KeyUsage => Set<KeyUsage>();

    public DbSet<KeyUsageDay> KeyUsageDays => Set<KeyUsageDay>();

    public DbSet<KeyUsageAddress> KeyUsageAddresses => Set<KeyUsageAddress>();

    public DbSet<KeyGrant> KeyGrants => Set<KeyGrant>();

    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();

    public DbSet<IdempotentAnswer> IdempotentAnswers => Set<IdempotentAnswer>();

    public DbSet<ConsoleSession> ConsoleSessions => Set<ConsoleSession>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasPostgresExtension("pg_trgm");
        modelBuilder.HasDbFunction(() => ApiKeyTable.Lower(""));
        modelBuilder.HasDbFunction(() => Primary.IsInRecovery());
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ApiKeysDbContext).Assembly);

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
            foreach (var property in entity.GetProperties())
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }
}

using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

internal sealed class ConsoleSessionTable : IEntityTypeConfiguration<ConsoleSession>
{
    public void Configure(EntityTypeBuilder<ConsoleSession> builder)
    {
        builder.ToTable("console_sessions", table => table.HasCheckConstraint("console_sessions_id_check", "octet_length(id) = 32"));
        builder.HasKey(s => s.Id).HasName("console_sessions_pkey");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.HasIndex(s => s.ExpiresAt).HasDatabaseName("console_sessions_expires_at_idx");
    }
}

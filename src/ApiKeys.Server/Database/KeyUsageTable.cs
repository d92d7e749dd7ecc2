using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

/// <summary>Written by traffic, in batches; a table of its own, so that traffic never touches a key's row.</summary>
internal sealed class KeyUsageTable : IEntityTypeConfiguration<KeyUsage>
{
    public void Configure(EntityTypeBuilder<KeyUsage> builder)
    {
        builder.ToTable("key_usage");
        builder.HasKey(u => u.ApiKeyId).HasName("key_usage_pkey");
        builder.Property(u => u.ApiKeyId).ValueGeneratedNever();
        builder.Property(u => u.IdleSince).HasComputedColumnSql("greatest(created_at, last_used_at)", stored: true);
        builder.HasOne<ApiKey>().WithOne(k => k.Usage).HasForeignKey<KeyUsage>(u => u.ApiKeyId)
            .HasConstraintName("key_usage_api_key_id_fkey").OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(u => new { u.OrganizationId, u.IdleSince }).IncludeProperties(u => u.ApiKeyId)
            .HasDatabaseName("key_usage_idle_since_idx");
        builder.HasIndex(u => u.PreviousLastUsedAt).HasFilter("previous_last_used_at is not null").IncludeProperties(u => u.ApiKeyId)
            .HasDatabaseName("key_usage_previous_last_used_at_idx");
    }
}

internal sealed class KeyUsageDayTable : IEntityTypeConfiguration<KeyUsageDay>
{
    public void Configure(EntityTypeBuilder<KeyUsageDay> builder)
    {
        builder.ToTable("key_usage_days");
        builder.HasKey(u => new { u.ApiKeyId, u.Day, u.SecretNumber, u.Outcome }).HasName("key_usage_days_pkey");
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(u => u.ApiKeyId)
            .HasConstraintName("key_usage_days_api_key_id_fkey").OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(u => u.Day).HasDatabaseName("key_usage_days_day_idx");
    }
}

internal sealed class KeyUsageAddressTable : IEntityTypeConfiguration<KeyUsageAddress>
{
    public void Configure(EntityTypeBuilder<KeyUsageAddress> builder)
    {
        builder.ToTable("key_usage_addresses");
        builder.HasKey(u => new { u.ApiKeyId, u.SecretNumber, u.Address }).HasName("key_usage_addresses_pkey");
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(u => u.ApiKeyId)
            .HasConstraintName("key_usage_addresses_api_key_id_fkey").OnDelete(DeleteBehavior.Cascade);
    }
}

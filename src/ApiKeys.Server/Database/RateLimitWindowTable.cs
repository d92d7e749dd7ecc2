using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

/// <summary>Written by the function <c>take_allowances</c> alone. One row for each key that has a limit and is used.</summary>
internal sealed class RateLimitWindowTable : IEntityTypeConfiguration<RateLimitWindow>
{
    public void Configure(EntityTypeBuilder<RateLimitWindow> builder)
    {
        builder.ToTable("rate_limit_windows");
        builder.HasKey(w => w.ApiKeyId).HasName("rate_limit_windows_pkey");
        builder.Property(w => w.ApiKeyId).ValueGeneratedNever();
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(w => w.ApiKeyId)
            .HasConstraintName("rate_limit_windows_api_key_id_fkey").OnDelete(DeleteBehavior.Cascade);
    }
}

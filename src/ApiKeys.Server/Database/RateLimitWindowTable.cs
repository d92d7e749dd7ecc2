using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

/// <summary>Written by the functions <c>take_allowances</c> and <c>give_back_allowances</c> alone. One row for each key that has a limit and is used.</summary>
internal sealed class RateLimitWindowTable : IEntityTypeConfiguration<RateLimitWindow>
{
    public void Configure(EntityTypeBuilder<RateLimitWindow> builder)
    {
        builder.ToTable("rate_limit_windows");
        builder.HasKey(w => new { w.ApiKeyId, w.WindowSeconds }).HasName("rate_limit_windows_pkey");
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(w => w.ApiKeyId)
            .HasConstraintName("rate_limit_windows_api_key_id_fkey").OnDelete(DeleteBehavior.Cascade);
    }
}

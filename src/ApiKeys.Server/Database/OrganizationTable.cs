using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

internal sealed class OrganizationTable : IEntityTypeConfiguration<Organization>
{
    public void Configure(EntityTypeBuilder<Organization> builder)
    {
        builder.ToTable("organizations", table =>
        {
            table.HasCheckConstraint("organizations_slug_check", "slug ~ '^[a-z0-9](-?[a-z0-9])*$' and length(slug) <= 64");
            table.HasCheckConstraint("organizations_rate_limit_check",
                "num_nonnulls(rate_limit_requests, rate_limit_window_seconds) in (0, 2) "
                + "and rate_limit_requests > 0 and rate_limit_window_seconds > 0");
        });
        builder.ComplexProperty(o => o.RateLimit, limit =>
        {
            limit.Property(l => l.Requests).HasColumnName("rate_limit_requests");
            limit.Property(l => l.WindowSeconds).HasColumnName("rate_limit_window_seconds");
        });
        builder.HasKey(o => o.Id).HasName("organizations_pkey");
        builder.Property(o => o.Id).ValueGeneratedNever();
        builder.HasIndex(o => o.Slug).IsUnique().HasDatabaseName("organizations_slug_key");
    }
}

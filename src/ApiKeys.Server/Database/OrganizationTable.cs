using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

internal sealed class OrganizationTable : IEntityTypeConfiguration<Organization>
{
    public void Configure(EntityTypeBuilder<Organization> builder)
    {
        builder.ToTable("organizations", table =>
            table.HasCheckConstraint("organizations_slug_check", "slug ~ '^[a-z0-9](-?[a-z0-9])*$' and length(slug) <= 64"));
        builder.HasKey(o => o.Id).HasName("organizations_pkey");
        builder.Property(o => o.Id).ValueGeneratedNever();
        builder.HasIndex(o => o.Slug).IsUnique().HasDatabaseName("organizations_slug_key");
    }
}

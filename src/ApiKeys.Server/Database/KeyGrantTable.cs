using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

/// <summary>Written by the trigger <c>api_keys_grants</c> and by nobody else.</summary>
internal sealed class KeyGrantTable : IEntityTypeConfiguration<KeyGrant>
{
    public void Configure(EntityTypeBuilder<KeyGrant> builder)
    {
        builder.ToTable("key_grants");
        builder.HasKey(g => new { g.Name, g.OrganizationId, g.ApiKeyId }).HasName("key_grants_pkey");
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(g => g.ApiKeyId)
            .HasConstraintName("key_grants_api_key_id_fkey").OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(g => g.ApiKeyId).HasDatabaseName("key_grants_api_key_id_idx");
    }
}

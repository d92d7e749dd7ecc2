using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

internal sealed class IdempotentAnswerTable : IEntityTypeConfiguration<IdempotentAnswer>
{
    public void Configure(EntityTypeBuilder<IdempotentAnswer> builder)
    {
        builder.ToTable("idempotent_answers", table => table.HasCheckConstraint(
            "idempotent_answers_check", "octet_length(id) = 32 and octet_length(request_hash) = 32 and octet_length(sealed) > 28"));
        builder.HasKey(a => a.Id).HasName("idempotent_answers_pkey");
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.HasIndex(a => a.ExpiresAt).HasDatabaseName("idempotent_answers_expires_at_idx");
    }
}

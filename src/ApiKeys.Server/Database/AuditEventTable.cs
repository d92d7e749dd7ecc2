using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

internal sealed class AuditEventTable : IEntityTypeConfiguration<AuditEvent>
{
    public void Configure(EntityTypeBuilder<AuditEvent> builder)
    {
        builder.ToTable("audit_events");
        builder.HasKey(e => e.Id).HasName("audit_events_pkey");
        builder.Property(e => e.Id).ValueGeneratedNever();
        builder.Property(e => e.Changes).HasColumnType("jsonb");
        builder.HasOne<Organization>().WithMany().HasForeignKey(e => e.OrganizationId)
            .HasConstraintName("audit_events_organization_id_fkey").OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(e => new { e.OrganizationId, e.At, e.Id }).IsDescending(false, true, true)
            .HasDatabaseName("audit_events_organization_id_at_idx");
    }
}

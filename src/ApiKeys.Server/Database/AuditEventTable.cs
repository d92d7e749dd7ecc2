using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

internal sealed class AuditEventTable : IEntityTypeConfiguration<AuditEvent>
{
    public void Configure(EntityTypeBuilder<AuditEvent> builder)
    {
        builder.ToTable("audit_events", table => table.HasCheckConstraint(
            "audit_events_outcome_check",
            "outcome in ('success', 'refused') and (outcome = 'refused') = (code is not null) and (outcome = 'refused' or target_id is not null)"));
        builder.HasKey(e => e.Id).HasName("audit_events_pkey");
        builder.Property(e => e.Id).ValueGeneratedNever();
        builder.Property(e => e.Outcome).HasConversion(outcome => outcome == AuditOutcome.Success ? "success" : "refused",
            text => text == "success" ? AuditOutcome.Success : AuditOutcome.Refused);
        builder.Property(e => e.Changes).HasColumnType("json");
        builder.HasOne<Organization>().WithMany().HasForeignKey(e => e.OrganizationId)
            .HasConstraintName("audit_events_organization_id_fkey").OnDelete(DeleteBehavior.Restrict);

        builder.HasIndex(e => new { e.At, e.Id }).IsDescending().HasDatabaseName("audit_events_at_idx");
        builder.HasIndex(e => new { e.OrganizationId, e.At, e.Id }).IsDescending(false, true, true)
            .HasDatabaseName("audit_events_organization_id_at_idx");
        builder.HasIndex(e => new { e.TargetId, e.At, e.Id }).IsDescending(false, true, true)
            .HasDatabaseName("audit_events_target_id_at_idx");
        builder.HasIndex(e => new { e.ActorKeyId, e.At, e.Id }).IsDescending(false, true, true)
            .HasDatabaseName("audit_events_actor_key_id_at_idx");
        builder.HasIndex(e => new { e.ActorMember, e.At, e.Id }).IsDescending(false, true, true)
            .HasDatabaseName("audit_events_actor_member_at_idx");
    }
}

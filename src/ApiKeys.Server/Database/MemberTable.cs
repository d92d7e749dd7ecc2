using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

internal sealed class MemberTable : IEntityTypeConfiguration<Member>
{
    public void Configure(EntityTypeBuilder<Member> builder)
    {
        builder.ToTable("members", table =>
            table.HasCheckConstraint("members_email_check", "length(email) between 3 and 254"));
        builder.HasKey(m => m.Id).HasName("members_pkey");
        builder.Property(m => m.Id).ValueGeneratedNever();
        builder.Property(m => m.Role).HasConversion(role => role == MemberRole.Admin ? "admin" : "member",
            text => text == "admin" ? MemberRole.Admin : MemberRole.Member);
        builder.HasOne<Organization>().WithMany().HasForeignKey(m => m.OrganizationId)
            .HasConstraintName("members_organization_id_fkey").OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(m => new { m.OrganizationId, m.Email }).IsUnique().HasDatabaseName("members_organization_id_email_key");
    }
}

using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

/// <summary>
/// Written by the triggers <c>api_keys_invalidate</c>, <c>organizations_invalidate</c> and <c>members_invalidate</c>, which run when
/// their transaction commits: the lock on the head is then the last that it takes, and held for no longer than the commit lasts. A
/// thousand of one transaction are told one by one; a <c>truncate</c>, and what comes after the thousand, by one entry for everything.
/// </summary>
internal sealed class InvalidationTable : IEntityTypeConfiguration<Invalidation>
{
    /// <summary>What LISTEN names.</summary>
    public const string Channel = "apikeys_invalidations";

    public void Configure(EntityTypeBuilder<Invalidation> builder)
    {
        builder.ToTable("invalidations");
        builder.HasKey(i => i.Seq).HasName("invalidations_pkey");
        builder.Property(i => i.Seq).ValueGeneratedNever();
        builder.Property(i => i.Kind).HasConversion(
            kind => kind.ToString().ToLowerInvariant(), text => Enum.Parse<InvalidationKind>(text, ignoreCase: true));
    }
}

internal sealed class InvalidationHeadTable : IEntityTypeConfiguration<InvalidationHead>
{
    public void Configure(EntityTypeBuilder<InvalidationHead> builder)
    {
        builder.ToTable("invalidation_head", table => table.HasCheckConstraint("invalidation_head_id_check", "id = 1"));
        builder.HasKey(h => h.Id).HasName("invalidation_head_pkey");
        builder.Property(h => h.Id).ValueGeneratedNever();
    }
}

internal sealed class NodeLeaseTable : IEntityTypeConfiguration<NodeLease>
{
    public void Configure(EntityTypeBuilder<NodeLease> builder)
    {
        builder.ToTable("node_leases");
        builder.HasKey(l => l.Id).HasName("node_leases_pkey");
        builder.Property(l => l.Id).ValueGeneratedNever();
    }
}

using System.Text.Json;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ApiKeys.Server.Database;

/// <summary>
/// Its checks hold whatever writes to it: a hash that is not 32 bytes, a previous secret without an end, a name that is
/// empty are refused by the database itself.
/// </summary>
internal sealed class ApiKeyTable : IEntityTypeConfiguration<ApiKey>
{
    /// <summary>The name of the column that a search looks into: name, description and key id, in lowercase.</summary>
    public const string SearchText = "SearchText";

    /// <summary>The database's own <c>lower</c>: it has to spell a text as it spelled <see cref="SearchText"/>.</summary>
    [DbFunction("lower", IsBuiltIn = true)]
    public static string Lower(string text) => throw new InvalidOperationException($"Only the database computes {text}.");

    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys", AddChecks);
        builder.HasKey(k => k.Id).HasName("api_keys_pkey");
        builder.Property(k => k.Id).ValueGeneratedNever();
        builder.Property(k => k.Version).IsConcurrencyToken();
        builder.Property(k => k.Environment).HasConversion(environment => environment.Name(),
            text => KeyEnvironments.Of(text));
        builder.Property(k => k.Metadata).HasColumnType("jsonb")
            .HasConversion(map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default),
                text => JsonSerializer.Deserialize<Dictionary<string, string>>(text, JsonSerializerOptions.Default)!,
                new ValueComparer<IReadOnlyDictionary<string, string>>(
                    (one, other) => one!.Count == other!.Count && !one.Except(other).Any(), map => map.Count));
        builder.Property<string>(SearchText).HasComputedColumnSql(
            "lower(name || chr(10) || coalesce(description, '') || chr(10) || key_id)", stored: true);

        builder.ComplexProperty(k => k.Secret, secret =>
        {
            secret.Property(s => s.Salt).HasColumnName("secret_salt");
            secret.Property(s => s.Hash).HasColumnName("secret_hash");
        });
        builder.ComplexProperty(k => k.Previous, previous =>
        {
            previous.Property(p => p.ExpiresAt).HasColumnName("previous_expires_at");
            previous.ComplexProperty(p => p.Secret, secret =>
            {
                secret.Property(s => s.Salt).HasColumnName("previous_salt");
                secret.Property(s => s.Hash).HasColumnName("previous_hash");
            });
        });
        builder.ComplexProperty(k => k.RateLimit, limit =>
        {
            limit.Property(l => l.Requests).HasColumnName("rate_limit_requests");
            limit.Property(l => l.WindowSeconds).HasColumnName("rate_limit_window_seconds");
        });

        builder.HasOne(k => k.Organization).WithMany().HasForeignKey(k => k.OrganizationId)
            .HasConstraintName("api_keys_organization_id_fkey").OnDelete(DeleteBehavior.Restrict);
        builder.HasOne(k => k.Owner).WithMany().HasForeignKey(k => k.OwnerId)
            .HasConstraintName("api_keys_owner_id_fkey").OnDelete(DeleteBehavior.Restrict);

        AddIndexes(builder);
    }

    /// <summary>
    /// Pages go by (created_at, id), newest first. A filter that many keys pass finds its page along that order; one that few
    /// pass has an index that holds only those, or a range of them. A search goes by trigrams: a substring has no order. What
    /// an index includes is there so that counting, and walking past what does not match, never visits the table.
    /// </summary>
    private static void AddIndexes(EntityTypeBuilder<ApiKey> builder)
    {
        builder.HasIndex(k => k.KeyId).IsUnique().HasDatabaseName("api_keys_key_id_key");
        builder.HasIndex(k => k.OwnerId).HasFilter("owner_id is not null").HasDatabaseName("api_keys_owner_id_idx");

        builder.HasIndex(k => new { k.CreatedAt, k.Id }).IsDescending().HasDatabaseName("api_keys_created_at_idx")
            .IncludeProperties(k => new { k.OrganizationId, k.Environment, k.Enabled, k.ExpiresAt, k.RevokedAt });
        builder.HasIndex(k => new { k.OrganizationId, k.CreatedAt, k.Id }).IsDescending(false, true, true)
            .HasDatabaseName("api_keys_organization_id_created_at_idx")
            .IncludeProperties(k => new { k.Environment, k.Enabled, k.ExpiresAt, k.RevokedAt });

        AddFilterIndex("api_keys_revoked_idx", "revoked_at is not null");
        AddFilterIndex("api_keys_disabled_idx", "not enabled and revoked_at is null");
        AddFilterIndex("api_keys_test_idx", "environment = 'test'");
        builder.HasIndex(k => k.ExpiresAt, "api_keys_expires_at_idx").HasFilter("revoked_at is null")
            .IncludeProperties(k => k.OrganizationId);
        builder.HasIndex(k => k.Scopes).HasMethod("gin").HasDatabaseName("api_keys_scopes_idx");
        builder.HasIndex(k => k.Roles).HasMethod("gin").HasDatabaseName("api_keys_roles_idx");
        builder.HasIndex(SearchText).HasMethod("gin").HasOperators("gin_trgm_ops").HasDatabaseName("api_keys_search_text_idx");

        void AddFilterIndex(string name, string filter) => builder.HasIndex(k => new { k.CreatedAt, k.Id }, name)
            .IsDescending().HasFilter(filter).IncludeProperties(k => new { k.OrganizationId, k.ExpiresAt });
    }

    private static void AddChecks(TableBuilder<ApiKey> table)
    {
        table.HasCheckConstraint("api_keys_key_id_check", "key_id ~ '^k_[0-9A-Za-z]{12}$'");
        table.HasCheckConstraint("api_keys_prefix_check", "prefix ~ '^[a-z]{2,8}$'");
        table.HasCheckConstraint("api_keys_environment_check", "environment in ('live', 'test')");
        table.HasCheckConstraint("api_keys_name_check", "char_length(name) between 1 and 100");
        table.HasCheckConstraint("api_keys_description_check", "char_length(description) between 10 and 100");
        table.HasCheckConstraint("api_keys_scopes_check", "cardinality(scopes) + cardinality(roles) > 0");
        table.HasCheckConstraint("api_keys_secret_hash_check", "octet_length(secret_hash) = 32 and octet_length(secret_salt) = 16");
        table.HasCheckConstraint("api_keys_previous_check",
            "num_nonnulls(previous_hash, previous_salt, previous_expires_at) in (0, 3) "
            + "and octet_length(previous_hash) = 32 and octet_length(previous_salt) = 16 "
            + "and (expires_at is null or previous_expires_at <= expires_at)");
        table.HasCheckConstraint("api_keys_secret_number_check", "secret_number > 0");
        table.HasCheckConstraint("api_keys_rate_limit_check",
            "num_nonnulls(rate_limit_requests, rate_limit_window_seconds) in (0, 2) "
            + "and rate_limit_requests > 0 and rate_limit_window_seconds > 0");
        table.HasCheckConstraint("api_keys_revoked_check",
            "num_nonnulls(revoked_at, revoked_by) in (0, 2) and (revoked_at is null or previous_hash is null)");
        table.HasCheckConstraint("api_keys_metadata_check", "jsonb_typeof(metadata) = 'object'");
    }
}

using System;
using System.Net;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ApiKeys.Server.Database.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:PostgresExtension:pg_trgm", ",,");

            migrationBuilder.CreateTable(
                name: "organizations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    slug = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    plan = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("organizations_pkey", x => x.id);
                    table.CheckConstraint("organizations_slug_check", "slug ~ '^[a-z0-9](-?[a-z0-9])*$' and length(slug) <= 64");
                });

            migrationBuilder.CreateTable(
                name: "audit_events",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    actor_key_id = table.Column<string>(type: "text", nullable: true),
                    actor_member = table.Column<string>(type: "text", nullable: true),
                    actor_address = table.Column<IPAddress>(type: "inet", nullable: true),
                    target_type = table.Column<string>(type: "text", nullable: false),
                    target_id = table.Column<string>(type: "text", nullable: false),
                    changes = table.Column<string>(type: "jsonb", nullable: false),
                    trace_id = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("audit_events_pkey", x => x.id);
                    table.ForeignKey(
                        name: "audit_events_organization_id_fkey",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "members",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    email = table.Column<string>(type: "text", nullable: false),
                    first_name = table.Column<string>(type: "text", nullable: false),
                    last_name = table.Column<string>(type: "text", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("members_pkey", x => x.id);
                    table.CheckConstraint("members_email_check", "length(email) between 3 and 254");
                    table.ForeignKey(
                        name: "members_organization_id_fkey",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    key_id = table.Column<string>(type: "text", nullable: false),
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner_id = table.Column<Guid>(type: "uuid", nullable: true),
                    prefix = table.Column<string>(type: "text", nullable: false),
                    environment = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: true),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    roles = table.Column<string[]>(type: "text[]", nullable: false),
                    allowed_ips = table.Column<string[]>(type: "text[]", nullable: false),
                    metadata = table.Column<string>(type: "jsonb", nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_rotated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_by = table.Column<string>(type: "text", nullable: true),
                    revoked_reason = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false),
                    search_text = table.Column<string>(type: "text", nullable: true, computedColumnSql: "lower(name || chr(10) || coalesce(description, '') || chr(10) || key_id)", stored: true),
                    previous_expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    previous_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    previous_salt = table.Column<byte[]>(type: "bytea", nullable: true),
                    rate_limit_requests = table.Column<int>(type: "integer", nullable: true),
                    rate_limit_window_seconds = table.Column<int>(type: "integer", nullable: true),
                    secret_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    secret_salt = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("api_keys_pkey", x => x.id);
                    table.CheckConstraint("api_keys_description_check", "char_length(description) between 10 and 100");
                    table.CheckConstraint("api_keys_environment_check", "environment in ('live', 'test')");
                    table.CheckConstraint("api_keys_key_id_check", "key_id ~ '^k_[0-9A-Za-z]{12}$'");
                    table.CheckConstraint("api_keys_metadata_check", "jsonb_typeof(metadata) = 'object'");
                    table.CheckConstraint("api_keys_name_check", "char_length(name) between 1 and 100");
                    table.CheckConstraint("api_keys_prefix_check", "prefix ~ '^[a-z]{2,8}$'");
                    table.CheckConstraint("api_keys_previous_check", "num_nonnulls(previous_hash, previous_salt, previous_expires_at) in (0, 3) and octet_length(previous_hash) = 32 and octet_length(previous_salt) = 16 and (expires_at is null or previous_expires_at <= expires_at)");
                    table.CheckConstraint("api_keys_rate_limit_check", "num_nonnulls(rate_limit_requests, rate_limit_window_seconds) in (0, 2) and rate_limit_requests > 0 and rate_limit_window_seconds > 0");
                    table.CheckConstraint("api_keys_revoked_check", "num_nonnulls(revoked_at, revoked_by) in (0, 2) and (revoked_at is null or previous_hash is null)");
                    table.CheckConstraint("api_keys_scopes_check", "cardinality(scopes) + cardinality(roles) > 0");
                    table.CheckConstraint("api_keys_secret_hash_check", "octet_length(secret_hash) = 32 and octet_length(secret_salt) = 16");
                    table.ForeignKey(
                        name: "api_keys_organization_id_fkey",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "api_keys_owner_id_fkey",
                        column: x => x.owner_id,
                        principalTable: "members",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "key_usage",
                columns: table => new
                {
                    api_key_id = table.Column<Guid>(type: "uuid", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("key_usage_pkey", x => x.api_key_id);
                    table.ForeignKey(
                        name: "key_usage_api_key_id_fkey",
                        column: x => x.api_key_id,
                        principalTable: "api_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "api_keys_created_at_idx",
                table: "api_keys",
                columns: new[] { "created_at", "id" },
                descending: new bool[0]);

            migrationBuilder.CreateIndex(
                name: "api_keys_disabled_idx",
                table: "api_keys",
                columns: new[] { "organization_id", "created_at", "id" },
                descending: new[] { false, true, true },
                filter: "not enabled");

            migrationBuilder.CreateIndex(
                name: "api_keys_expires_at_idx",
                table: "api_keys",
                columns: new[] { "organization_id", "expires_at" },
                filter: "revoked_at is null");

            migrationBuilder.CreateIndex(
                name: "api_keys_key_id_key",
                table: "api_keys",
                column: "key_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "api_keys_organization_id_created_at_idx",
                table: "api_keys",
                columns: new[] { "organization_id", "created_at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "api_keys_owner_id_idx",
                table: "api_keys",
                column: "owner_id",
                filter: "owner_id is not null");

            migrationBuilder.CreateIndex(
                name: "api_keys_revoked_idx",
                table: "api_keys",
                columns: new[] { "organization_id", "created_at", "id" },
                descending: new[] { false, true, true },
                filter: "revoked_at is not null");

            migrationBuilder.CreateIndex(
                name: "api_keys_search_text_idx",
                table: "api_keys",
                column: "search_text")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "gin_trgm_ops" });

            migrationBuilder.CreateIndex(
                name: "audit_events_organization_id_at_idx",
                table: "audit_events",
                columns: new[] { "organization_id", "at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "members_organization_id_email_key",
                table: "members",
                columns: new[] { "organization_id", "email" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "organizations_slug_key",
                table: "organizations",
                column: "slug",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_events");

            migrationBuilder.DropTable(
                name: "key_usage");

            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "members");

            migrationBuilder.DropTable(
                name: "organizations");
        }
    }
}

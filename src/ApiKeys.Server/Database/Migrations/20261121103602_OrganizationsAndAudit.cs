using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ApiKeys.Server.Database.Migrations
{
    /// <inheritdoc />
    public partial class OrganizationsAndAudit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "api_keys_created_at_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_disabled_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_expires_at_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_organization_id_created_at_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_revoked_idx",
                table: "api_keys");

            migrationBuilder.AddColumn<bool>(
                name: "suspended",
                table: "organizations",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "last_used_at",
                table: "key_usage",
                type: "timestamp with time zone",
                nullable: true,
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "created_at",
                table: "key_usage",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<Guid>(
                name: "organization_id",
                table: "key_usage",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "previous_last_used_at",
                table: "key_usage",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "target_id",
                table: "audit_events",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<Guid>(
                name: "organization_id",
                table: "audit_events",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");

            migrationBuilder.AlterColumn<string>(
                name: "changes",
                table: "audit_events",
                type: "json",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "jsonb");

            migrationBuilder.AddColumn<string>(
                name: "code",
                table: "audit_events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "outcome",
                table: "audit_events",
                type: "text",
                nullable: false,
                defaultValue: "success");

            // What is there already: every event was of something done, and every key has a row of its use.
            migrationBuilder.Sql(
                """
                alter table audit_events alter column outcome drop default;
                update key_usage set organization_id = key.organization_id, created_at = key.created_at from api_keys as key where key.id = api_key_id;
                alter table key_usage alter column organization_id drop default, alter column created_at drop default;
                insert into key_usage (api_key_id, organization_id, created_at) select id, organization_id, created_at from api_keys on conflict do nothing;
                """);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "idle_since",
                table: "key_usage",
                type: "timestamp with time zone",
                nullable: false,
                computedColumnSql: "greatest(created_at, last_used_at)",
                stored: true);

            migrationBuilder.CreateTable(
                name: "idempotent_answers",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "bytea", nullable: false),
                    request_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "bytea", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("idempotent_answers_pkey", x => x.id);
                    table.CheckConstraint("idempotent_answers_check", "octet_length(id) = 32 and octet_length(request_hash) = 32 and octet_length(sealed) > 28");
                });

            migrationBuilder.CreateTable(
                name: "key_grants",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    api_key_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("key_grants_pkey", x => new { x.name, x.organization_id, x.api_key_id });
                    table.ForeignKey(
                        name: "key_grants_api_key_id_fkey",
                        column: x => x.api_key_id,
                        principalTable: "api_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "key_usage_idle_since_idx",
                table: "key_usage",
                columns: new[] { "organization_id", "idle_since" })
                .Annotation("Npgsql:IndexInclude", new[] { "api_key_id" });

            migrationBuilder.CreateIndex(
                name: "key_usage_previous_last_used_at_idx",
                table: "key_usage",
                column: "previous_last_used_at",
                filter: "previous_last_used_at is not null")
                .Annotation("Npgsql:IndexInclude", new[] { "api_key_id" });

            migrationBuilder.CreateIndex(
                name: "audit_events_actor_key_id_at_idx",
                table: "audit_events",
                columns: new[] { "actor_key_id", "at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "audit_events_actor_member_at_idx",
                table: "audit_events",
                columns: new[] { "actor_member", "at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "audit_events_at_idx",
                table: "audit_events",
                columns: new[] { "at", "id" },
                descending: new bool[0]);

            migrationBuilder.CreateIndex(
                name: "audit_events_target_id_at_idx",
                table: "audit_events",
                columns: new[] { "target_id", "at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.AddCheckConstraint(
                name: "audit_events_outcome_check",
                table: "audit_events",
                sql: "outcome in ('success', 'refused') and (outcome = 'refused') = (code is not null) and (outcome = 'refused' or target_id is not null)");

            migrationBuilder.CreateIndex(
                name: "api_keys_created_at_idx",
                table: "api_keys",
                columns: new[] { "created_at", "id" },
                descending: new bool[0])
                .Annotation("Npgsql:IndexInclude", new[] { "organization_id", "environment", "enabled", "expires_at", "revoked_at" });

            migrationBuilder.CreateIndex(
                name: "api_keys_disabled_idx",
                table: "api_keys",
                columns: new[] { "created_at", "id" },
                descending: new bool[0],
                filter: "not enabled and revoked_at is null")
                .Annotation("Npgsql:IndexInclude", new[] { "organization_id", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "api_keys_expires_at_idx",
                table: "api_keys",
                column: "expires_at",
                filter: "revoked_at is null")
                .Annotation("Npgsql:IndexInclude", new[] { "organization_id" });

            migrationBuilder.CreateIndex(
                name: "api_keys_organization_id_created_at_idx",
                table: "api_keys",
                columns: new[] { "organization_id", "created_at", "id" },
                descending: new[] { false, true, true })
                .Annotation("Npgsql:IndexInclude", new[] { "environment", "enabled", "expires_at", "revoked_at" });

            migrationBuilder.CreateIndex(
                name: "api_keys_revoked_idx",
                table: "api_keys",
                columns: new[] { "created_at", "id" },
                descending: new bool[0],
                filter: "revoked_at is not null")
                .Annotation("Npgsql:IndexInclude", new[] { "organization_id", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "api_keys_roles_idx",
                table: "api_keys",
                column: "roles")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "api_keys_scopes_idx",
                table: "api_keys",
                column: "scopes")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "api_keys_test_idx",
                table: "api_keys",
                columns: new[] { "created_at", "id" },
                descending: new bool[0],
                filter: "environment = 'test'")
                .Annotation("Npgsql:IndexInclude", new[] { "organization_id", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "idempotent_answers_expires_at_idx",
                table: "idempotent_answers",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "key_grants_api_key_id_idx",
                table: "key_grants",
                column: "api_key_id");

            migrationBuilder.Sql(
                """
                create function write_key_grants() returns trigger language plpgsql as $$
                begin
                    delete from key_grants where api_key_id = new.id;
                    insert into key_grants (name, organization_id, api_key_id)
                    select distinct unnest(new.scopes || new.roles), new.organization_id, new.id;
                    return null;
                end $$;
                create trigger api_keys_grants after insert or update of scopes, roles on api_keys for each row execute function write_key_grants();
                insert into key_grants (name, organization_id, api_key_id)
                select distinct unnest(scopes || roles), organization_id, id from api_keys;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop trigger api_keys_grants on api_keys; drop function write_key_grants();");

            migrationBuilder.DropTable(
                name: "idempotent_answers");

            migrationBuilder.DropTable(
                name: "key_grants");

            migrationBuilder.DropIndex(
                name: "key_usage_idle_since_idx",
                table: "key_usage");

            migrationBuilder.DropIndex(
                name: "key_usage_previous_last_used_at_idx",
                table: "key_usage");

            migrationBuilder.DropIndex(
                name: "audit_events_actor_key_id_at_idx",
                table: "audit_events");

            migrationBuilder.DropIndex(
                name: "audit_events_actor_member_at_idx",
                table: "audit_events");

            migrationBuilder.DropIndex(
                name: "audit_events_at_idx",
                table: "audit_events");

            migrationBuilder.DropIndex(
                name: "audit_events_target_id_at_idx",
                table: "audit_events");

            migrationBuilder.DropCheckConstraint(
                name: "audit_events_outcome_check",
                table: "audit_events");

            migrationBuilder.DropIndex(
                name: "api_keys_created_at_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_disabled_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_expires_at_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_organization_id_created_at_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_revoked_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_roles_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_scopes_idx",
                table: "api_keys");

            migrationBuilder.DropIndex(
                name: "api_keys_test_idx",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "idle_since",
                table: "key_usage");

            migrationBuilder.DropColumn(
                name: "suspended",
                table: "organizations");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "key_usage");

            migrationBuilder.DropColumn(
                name: "organization_id",
                table: "key_usage");

            migrationBuilder.DropColumn(
                name: "previous_last_used_at",
                table: "key_usage");

            migrationBuilder.DropColumn(
                name: "code",
                table: "audit_events");

            migrationBuilder.DropColumn(
                name: "outcome",
                table: "audit_events");

            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "last_used_at",
                table: "key_usage",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)),
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "target_id",
                table: "audit_events",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<Guid>(
                name: "organization_id",
                table: "audit_events",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "changes",
                table: "audit_events",
                type: "jsonb",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "json");

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
                name: "api_keys_organization_id_created_at_idx",
                table: "api_keys",
                columns: new[] { "organization_id", "created_at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "api_keys_revoked_idx",
                table: "api_keys",
                columns: new[] { "organization_id", "created_at", "id" },
                descending: new[] { false, true, true },
                filter: "revoked_at is not null");
        }
    }
}

using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ApiKeys.Server.Database.Migrations
{
    /// <inheritdoc />
    public partial class UsageAndRateLimits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "rate_limit_requests",
                table: "organizations",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "rate_limit_window_seconds",
                table: "organizations",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "secret_number",
                table: "api_keys",
                type: "integer",
                nullable: false,
                defaultValue: 1); // for whoever does not know of it: an earlier version that runs on, an import

            migrationBuilder.CreateTable(
                name: "key_usage_addresses",
                columns: table => new
                {
                    api_key_id = table.Column<Guid>(type: "uuid", nullable: false),
                    address = table.Column<string>(type: "text", nullable: false),
                    secret_number = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("key_usage_addresses_pkey", x => new { x.api_key_id, x.address });
                    table.ForeignKey(
                        name: "key_usage_addresses_api_key_id_fkey",
                        column: x => x.api_key_id,
                        principalTable: "api_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "key_usage_days",
                columns: table => new
                {
                    api_key_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    secret_number = table.Column<int>(type: "integer", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    uses = table.Column<long>(type: "bigint", nullable: false),
                    first_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("key_usage_days_pkey", x => new { x.api_key_id, x.day, x.secret_number, x.outcome });
                    table.ForeignKey(
                        name: "key_usage_days_api_key_id_fkey",
                        column: x => x.api_key_id,
                        principalTable: "api_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "rate_limit_windows",
                columns: table => new
                {
                    api_key_id = table.Column<Guid>(type: "uuid", nullable: false),
                    window_seconds = table.Column<int>(type: "integer", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    taken = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("rate_limit_windows_pkey", x => x.api_key_id);
                    table.ForeignKey(
                        name: "rate_limit_windows_api_key_id_fkey",
                        column: x => x.api_key_id,
                        principalTable: "api_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.AddCheckConstraint(
                name: "organizations_rate_limit_check",
                table: "organizations",
                sql: "num_nonnulls(rate_limit_requests, rate_limit_window_seconds) in (0, 2) and rate_limit_requests > 0 and rate_limit_window_seconds > 0");

            migrationBuilder.AddCheckConstraint(
                name: "api_keys_secret_number_check",
                table: "api_keys",
                sql: "secret_number > 0");

            migrationBuilder.CreateIndex(
                name: "key_usage_days_day_idx",
                table: "key_usage_days",
                column: "day");

            // How much is left is seen when the row is locked, and which window it is after that. Beyond what is wanted a node gets a twenty-fifth of
            // the limit, shared with all others: what it keeps unspent is little. A window that has begun is not taken back, whoever sets the clock.
            migrationBuilder.Sql(
                """
                create function take_allowances(keys uuid[], requests int[], seconds int[], wanted int[])
                returns table (window_number bigint, granted int, remaining int, until_end_microseconds bigint) language plpgsql as $$
                declare
                    nodes constant int := greatest(1, (select count(*) from node_leases));
                    held rate_limit_windows;
                    spent int;
                begin
                    for i in 1 .. cardinality(keys) loop
                        select * into held from rate_limit_windows where api_key_id = keys[i] for no key update;
                        if not found then
                            insert into rate_limit_windows (api_key_id, window_seconds, number, taken)
                            select id, seconds[i], 0, 0 from api_keys where id = keys[i] on conflict do nothing;
                            select * into held from rate_limit_windows where api_key_id = keys[i] for no key update;
                        end if;

                        window_number := floor(extract(epoch from clock_timestamp()) / seconds[i]);
                        spent := 0;
                        if held.window_seconds = seconds[i] and held.number >= window_number then
                            window_number := held.number;
                            spent := held.taken;
                        end if;

                        remaining := case when held.api_key_id is null then 0 else greatest(0, requests[i] - spent) end;
                        granted := least(remaining, wanted[i]::bigint + least(requests[i] / (25 * nodes), remaining / nodes));
                        remaining := remaining - granted;
                        if granted > 0 then
                            update rate_limit_windows set window_seconds = seconds[i], number = window_number, taken = spent + granted
                            where api_key_id = keys[i];
                        end if;

                        until_end_microseconds := ((window_number + 1) * seconds[i] - extract(epoch from clock_timestamp())) * 1000000;
                        return next;
                    end loop;
                end $$;
                """);

            // Last: a table whose changes are still to be told to the nodes cannot be altered.
            migrationBuilder.Sql("update api_keys set secret_number = 2 where last_rotated_at is not null;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop function take_allowances(uuid[], int[], int[], int[]);");

            migrationBuilder.DropTable(
                name: "key_usage_addresses");

            migrationBuilder.DropTable(
                name: "key_usage_days");

            migrationBuilder.DropTable(
                name: "rate_limit_windows");

            migrationBuilder.DropCheckConstraint(
                name: "organizations_rate_limit_check",
                table: "organizations");

            migrationBuilder.DropCheckConstraint(
                name: "api_keys_secret_number_check",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "rate_limit_requests",
                table: "organizations");

            migrationBuilder.DropColumn(
                name: "rate_limit_window_seconds",
                table: "organizations");

            migrationBuilder.DropColumn(
                name: "secret_number",
                table: "api_keys");
        }
    }
}

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
                defaultValue: 2); // of keys that are there already: they may have been rotated before

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
                    table.PrimaryKey("key_usage_addresses_pkey", x => new { x.api_key_id, x.secret_number, x.address });
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
                    table.PrimaryKey("rate_limit_windows_pkey", x => new { x.api_key_id, x.window_seconds });
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
            // the limit at most, shared with all others: what it keeps unspent is little. A window that has begun is not taken back by a clock that
            // is set back, unless it was far ahead. Each length of windows has a row of its own: nodes may not agree on it for a while.
            migrationBuilder.Sql(
                """
                create function take_allowances(keys uuid[], requests int[], seconds int[], wanted int[], least_wanted int[], extra int[])
                returns table (window_number bigint, granted int, remaining int, until_end_microseconds bigint) language plpgsql as $$
                declare
                    nodes constant int := greatest(1, (select count(*) from node_leases));
                    held rate_limit_windows;
                    epoch numeric;
                    spent int;
                begin
                    -- What a node was granted is never granted again after a crash.
                    if current_setting('synchronous_commit') = 'off' then
                        perform set_config('synchronous_commit', 'on', true);
                    end if;

                    for i in 1 .. cardinality(keys) loop
                        select * into held from rate_limit_windows where api_key_id = keys[i] and window_seconds = seconds[i] for no key update;
                        if not found then
                            epoch := extract(epoch from clock_timestamp());
                            delete from rate_limit_windows where api_key_id = keys[i] and (number + 1) * window_seconds < epoch;
                            insert into rate_limit_windows (api_key_id, window_seconds, number, taken)
                            select id, seconds[i], 0, 0 from api_keys where id = keys[i] on conflict do nothing;
                            select * into held from rate_limit_windows where api_key_id = keys[i] and window_seconds = seconds[i] for no key update;
                        end if;

                        window_number := floor(extract(epoch from clock_timestamp()) / seconds[i]);
                        spent := 0;
                        if held.number between window_number and window_number + 1 then
                            window_number := held.number;
                            spent := held.taken;
                        end if;

                        remaining := case when held.api_key_id is null then 0 else greatest(0, requests[i] - spent) end;
                        granted := case when remaining < least_wanted[i] then 0
                            else least(remaining, wanted[i]::bigint + least(extra[i], requests[i] / (25 * nodes), remaining / nodes)) end;
                        remaining := remaining - granted;
                        if granted > 0 then
                            update rate_limit_windows set number = window_number, taken = spent + granted
                            where api_key_id = keys[i] and window_seconds = seconds[i];
                        end if;

                        until_end_microseconds := ((window_number + 1) * seconds[i] - extract(epoch from clock_timestamp())) * 1000000;
                        return next;
                    end loop;
                end $$;

                create function give_back_allowances(keys uuid[], seconds int[], numbers bigint[], amounts int[]) returns void language plpgsql as $$
                begin
                    for i in 1 .. cardinality(keys) loop
                        update rate_limit_windows set taken = greatest(0, taken - amounts[i])
                        where api_key_id = keys[i] and window_seconds = seconds[i] and number = numbers[i];
                    end loop;
                end $$;
                """);

            // An earlier version of the host, which may run on for a while, does not count secrets.
            migrationBuilder.Sql(
                """
                create function number_secret() returns trigger language plpgsql as $$
                begin
                    new.secret_number := old.secret_number + 1;
                    return new;
                end $$;

                create trigger api_keys_number_secret before update on api_keys for each row
                when (old.secret_hash is distinct from new.secret_hash and old.secret_number = new.secret_number) execute function number_secret();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                "drop function take_allowances(uuid[], int[], int[], int[], int[], int[]); drop function give_back_allowances(uuid[], int[], bigint[], int[]); "
                + "drop trigger api_keys_number_secret on api_keys; drop function number_secret();");

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

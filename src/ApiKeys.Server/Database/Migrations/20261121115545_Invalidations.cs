using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ApiKeys.Server.Database.Migrations
{
    /// <inheritdoc />
    public partial class Invalidations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "invalidation_head",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    head = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("invalidation_head_pkey", x => x.id);
                    table.CheckConstraint("invalidation_head_id_check", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "invalidations",
                columns: table => new
                {
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    target = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("invalidations_pkey", x => x.seq);
                });

            migrationBuilder.CreateTable(
                name: "node_leases",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    beat = table.Column<long>(type: "bigint", nullable: false),
                    acked = table.Column<long>(type: "bigint", nullable: false),
                    lease_milliseconds = table.Column<int>(type: "integer", nullable: false),
                    host = table.Column<string>(type: "text", nullable: false),
                    registered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("node_leases_pkey", x => x.id);
                });

            // Deferred, so that the lock on the head is the last that a transaction takes, and the shortest that it holds.
            migrationBuilder.Sql(
                """
                insert into invalidation_head (id, head) values (1, 0);

                -- Of many changes in one transaction the last that is logged is 'everything', which is what nodes then forget: a head
                -- that one transaction updates ever again is slow to find, and its lock is what all other changes wait for.
                create function write_invalidation() returns trigger language plpgsql as $$
                declare
                    many constant int := 1000;
                    written int := coalesce(nullif(current_setting('apikeys.invalidations', true), ''), '0')::int;
                    number bigint;
                    named text;
                    changed text;
                    moment timestamptz;
                begin
                    if written > many then
                        return null;
                    end if;

                    -- A change that has been answered is never lost in a crash.
                    if current_setting('synchronous_commit') = 'off' then
                        perform set_config('synchronous_commit', 'on', true);
                    end if;

                    written := case when tg_op = 'TRUNCATE' then many else written end + 1;
                    perform set_config('apikeys.invalidations', written::text, true); -- until the transaction ends, or a savepoint takes it back
                    update invalidation_head set head = head + 1 returning head into strict number;
                    moment := clock_timestamp(); -- in the order of the numbers, unless somebody sets the clock
                    named := case when written > many then 'everything' else tg_argv[0] end;
                    changed := case when written > many then '' else to_jsonb(old) ->> tg_argv[1] end;
                    insert into invalidations (seq, kind, target, at) values (number, named, changed, moment);

                    -- The first of a transaction, which is most often the only one, is told in full; of more it is told that there are.
                    perform pg_notify('apikeys_invalidations', case
                        when written = 1 then format('%s %s %s %s', number, named, changed, (extract(epoch from moment) * 1000000)::bigint)
                        else '' end);
                    return null;
                end $$;

                -- Whoever changes a row of this schema writes to this schema, whatever his own path, and whatever stands in front of it there.
                do $$
                begin
                    execute format('alter function write_invalidation() set search_path = %I, pg_temp', current_schema());
                    execute format('alter function write_key_grants() set search_path = %I, pg_temp', current_schema());
                end $$;

                create constraint trigger api_keys_invalidate after update on api_keys deferrable initially deferred
                for each row when (old.* is distinct from new.*) execute function write_invalidation('key', 'key_id');
                create constraint trigger api_keys_invalidate_deleted after delete on api_keys deferrable initially deferred
                for each row execute function write_invalidation('key', 'key_id');
                create constraint trigger organizations_invalidate after update on organizations deferrable initially deferred
                for each row when (old.* is distinct from new.*) execute function write_invalidation('organization', 'id');
                create constraint trigger members_invalidate after update on members deferrable initially deferred
                for each row when (old.role <> new.role or old.email <> new.email) execute function write_invalidation('member', 'id');

                create trigger api_keys_invalidate_truncated after truncate on api_keys execute function write_invalidation();
                create trigger organizations_invalidate_truncated after truncate on organizations execute function write_invalidation();
                create trigger members_invalidate_truncated after truncate on members execute function write_invalidation();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                drop trigger api_keys_invalidate on api_keys;
                drop trigger api_keys_invalidate_deleted on api_keys;
                drop trigger organizations_invalidate on organizations;
                drop trigger members_invalidate on members;
                drop trigger api_keys_invalidate_truncated on api_keys;
                drop trigger organizations_invalidate_truncated on organizations;
                drop trigger members_invalidate_truncated on members;
                drop function write_invalidation();
                alter function write_key_grants() reset search_path;
                """);

            migrationBuilder.DropTable(
                name: "invalidation_head");

            migrationBuilder.DropTable(
                name: "invalidations");

            migrationBuilder.DropTable(
                name: "node_leases");
        }
    }
}

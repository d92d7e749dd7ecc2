using System.Globalization;
using System.Net.Mime;
using System.Text;
using ApiKeys.Server.Auditing;
using ApiKeys.Server.Console.Parts;
using ApiKeys.Server.Http;

namespace ApiKeys.Server.Console;

/// <summary>The audit log as a file, for a spreadsheet or an archive: what the page shows under the same filters, all pages of it.</summary>
internal static class AuditCsv
{
    public const string Path = ConsoleSetup.Path + "/audit.csv";
    public const int MaxEvents = 100_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: true);

    public static void MapAuditCsv(this IEndpointRouteBuilder routes) => routes.MapGet(Path, HandleAsync).ExcludeFromDescription();

    /// <summary>
    /// A refusal is told by the page, which asks the same. Once the file has begun, nothing but its end can tell that it is whole: so
    /// where it cannot go on, the connection is cut. Whoever reads slowly can make it last: a key that is revoked meanwhile reads no further.
    /// </summary>
    private static async Task HandleAsync(HttpContext context, AdminApi api, TimeProvider time)
    {
        var filters = new AuditFilters(context.Request.Query);
        var first = await AskAsync(cursor: null);
        if (first.Value is not { } page)
        {
            context.Response.Redirect(filters.At("/console/audit"));
            return;
        }

        var day = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        context.Response.ContentType = "text/csv; charset=utf-8; header=present";
        context.Response.Headers.ContentDisposition = new ContentDisposition { FileName = $"audit-events-{day}.csv" }.ToString();
        await using var file = new StreamWriter(context.Response.Body, Utf8, leaveOpen: true);
        if (!await WriteAsync(file, page, async cursor => (await AskAsync(cursor)).Value, MaxEvents))
            context.Abort();

        Task<ApiAnswer<ListAuditEvents.Response>> AskAsync(string? cursor) =>
            api.CallAsync<ListAuditEvents.Response>(context, filters.Call(cursor, PageQuery.MaxLimit));
    }

    /// <param name="file">Gets the lines.</param>
    /// <param name="page">The first.</param>
    /// <param name="next">Gives the page at a cursor; null where it cannot.</param>
    /// <param name="max">How many events at most.</param>
    /// <returns>False where a page was missing.</returns>
    internal static async Task<bool> WriteAsync(
        TextWriter file, ListAuditEvents.Response page, Func<string, Task<ListAuditEvents.Response?>> next, int max)
    {
        await file.WriteAsync(Csv.Line(
            "at", "action", "outcome", "code", "organization", "actor_member", "actor_key_id", "actor_address", "target_type", "target_id",
            "changes", "trace_id", "id"));
        for (var written = 0; ;)
        {
            foreach (var e in page.AuditEvents.Take(max - written))
                await file.WriteAsync(LineOf(e));

            await file.FlushAsync();
            written += page.AuditEvents.Count;
            if (written > max || (written == max && page.NextCursor is not null))
            {
                await file.WriteAsync(Csv.Line(
                    $"There are more than these {Show.Number(max)} events. Export them in parts, by their days.", "", "", "", "", "", "", "", "", "", "", "", ""));
                return true;
            }

            if (page.NextCursor is not { } cursor)
                return true;

            if (await next(cursor) is not { } following)
                return false;

            page = following;
        }
    }

    private static string LineOf(ListAuditEvents.Event e) => Csv.Line(
        Show.Exact(e.At), e.Action, Show.Word(e.Outcome), e.Code, e.Organization, e.Actor.Member, e.Actor.KeyId, e.Actor.Address,
        e.Target.Type, e.Target.Id, e.Changes.GetRawText(), e.TraceId, $"{e.Id}");
}

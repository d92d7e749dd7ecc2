using ApiKeys.Server.Database;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ApiKeys.Server.Http;

/// <summary>
/// One transaction around an endpoint that changes something: what its handler left in the context is saved, its audit event
/// and all, if the answer is a success, and forgotten if it is a problem.
/// </summary>
internal static class TransactionFilter
{
    public static RouteHandlerBuilder InTransaction(this RouteHandlerBuilder builder) => builder.AddEndpointFilter(InvokeAsync);

    private static async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var db = context.RequestServices.GetRequiredService<ApiKeysDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(context.RequestAborted);
        try
        {
            var result = await next(invocation);
            if (Answer.StatusOf(result) >= StatusCodes.Status400BadRequest)
                return result;

            await db.SaveChangesAsync(context.RequestAborted);
            await transaction.CommitAsync(CancellationToken.None); // whether or not the client still waits
            return result;
        }
        catch (DbUpdateException exception) when (IsLostRace(exception))
        {
            context.Response.Headers.ETag = default; // the handler's, of a version that there never was
            return Problems.Conflict();
        }
    }

    /// <summary>A row that another request changed, made first, or removed under us.</summary>
    private static bool IsLostRace(DbUpdateException exception) =>
        exception is DbUpdateConcurrencyException
        || exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation,
        };
}

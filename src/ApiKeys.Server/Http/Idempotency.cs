using System.Security.Cryptography;
using System.Text;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Primitives;

namespace ApiKeys.Server.Http;

/// <summary>
/// A request with an <c>Idempotency-Key</c> is done once: for 24 hours the same header with the same request gets the same
/// answer. The answer is written in the transaction of what was done, so that whoever dies at any point leaves both or neither.
/// </summary>
/// <remarks>
/// The answer may hold a value, and the database alone must never give one back. PBKDF2 makes 64 bytes of the header and the
/// caller's key id: the first 32 are the row's id, the other 32 the AES key, which is kept nowhere.
/// </remarks>
internal static class Idempotency
{
    public const string HeaderName = "Idempotency-Key";
    public const int MinLength = 16;
    public const int MaxLength = 255;
    public const string Pattern = "^[!-~]+$";

    private const int Iterations = 20_000; // some milliseconds, so that guessing a header that is not random costs something
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Keeps the body of such a request, so that it can be compared after it was read.</summary>
    public static void UseIdempotency(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.Request.Headers.ContainsKey(HeaderName) && context.GetEndpoint()?.Metadata.GetMetadata<AcceptsIdempotencyKey>() is not null)
        {
            context.Request.Body = context.Request.BodyReader.AsStream(); // which has read it already: see BodiesFirst
            context.Request.EnableBuffering(bufferThreshold: BodiesFirst.MaxBytes + 1);
        }

        return next(context);
    });

    /// <summary>Inside the transaction of the endpoint.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder builder) =>
        builder.AddEndpointFilter(InvokeAsync).WithMetadata(new AcceptsIdempotencyKey());

    private static async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var header = context.Request.Headers[HeaderName];
        if (header.Count == 0)
            return await next(invocation);

        if (!IsValid(header))
            return Problems.Invalid(HeaderName, $"must be sent once, with {MinLength} to {MaxLength} ASCII characters that can be seen (no spaces), such as a UUID.");

        var services = context.RequestServices;
        var (db, now) = (services.GetRequiredService<ApiKeysDbContext>(), services.GetRequiredService<TimeProvider>().Now());
        var caller = Caller.Of(context);
        var derived = Rfc2898DeriveBytes.Pbkdf2(
            header.ToString(), Encoding.UTF8.GetBytes($"apikeys idempotency {caller.KeyId}"), Iterations, HashAlgorithmName.SHA256, 64);
        var (id, key) = (derived[..32], derived[32..]);
        var requestHash = await HashAsync(context.Request, context.RequestAborted);

        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({BitConverter.ToInt64(id)})", context.RequestAborted);
        var given = await db.IdempotentAnswers.AsNoTracking().SingleOrDefaultAsync(answer => answer.Id == id, context.RequestAborted);
        if (given is not null && given.ExpiresAt > now)
        {
            return CryptographicOperations.FixedTimeEquals(given.RequestHash, requestHash)
                ? RecordedAnswer.Open(given, key)
                : Problems.IdempotencyMismatch();
        }

        var result = await next(invocation);
        if (Answer.StatusOf(result) >= StatusCodes.Status400BadRequest)
            return result;

        await ForgetAsync(db, id, now, context.RequestAborted);
        var answer = await RecordedAnswer.RecordAsync((IResult)result!, context);
        db.IdempotentAnswers.Add(new IdempotentAnswer
        {
            Id = id,
            RequestHash = requestHash,
            Sealed = answer.Seal(key, id),
            ExpiresAt = now + Lifetime,
        });
        return result;
    }

    private static bool IsValid(StringValues header) =>
        header is [{ Length: >= MinLength and <= MaxLength } text] && text.All(character => character is > ' ' and <= '~');

    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        all.Write(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        request.Body.Position = 0;
        await request.Body.CopyToAsync(all, cancellationToken);
        return SHA256.HashData(all.GetBuffer().AsSpan(0, (int)all.Length));
    }

    /// <summary>What is older than its lifetime; of others' only what nobody else is forgetting at this moment.</summary>
    /// <remarks>One array, since PostgreSQL would read the whole table for an <c>or</c>.</remarks>
    internal static Task<int> ForgetAsync(ApiKeysDbContext db, byte[] id, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            delete from idempotent_answers where id = any(array_append(array(
                select id from idempotent_answers where expires_at <= {now} order by expires_at limit 100 for update skip locked), {id}))
            """,
            cancellationToken);

    /// <summary>Says of an endpoint that it heeds the header.</summary>
    internal sealed class AcceptsIdempotencyKey;
}

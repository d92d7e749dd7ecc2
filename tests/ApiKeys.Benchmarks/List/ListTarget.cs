using System.Diagnostics;
using System.Text.Json;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Catalog;
using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.EntityFrameworkCore;

namespace ApiKeys.Benchmarks.List;

/// <summary>One caller on the host of one database.</summary>
internal sealed class ListTarget : IDisposable
{
    private const string Path = "api/admin/api-keys";
    private const int FarPage = 100;
    private const int PageSize = 50;

    private readonly HttpClient _client;

    private ListTarget(int size, string caller, Uri host, string apiKey)
    {
        (Size, Caller) = (size, caller);
        _client = new HttpClient { BaseAddress = host, Timeout = TimeSpan.FromSeconds(60) };
        _client.DefaultRequestHeaders.Add(ApiKeyDefaults.HeaderName, apiKey);
    }

    /// <summary>How many keys there are.</summary>
    public int Size { get; }

    public string Caller { get; }

    /// <summary>Of one in the middle of the two years.</summary>
    public string SomeKeyId { get; private set; } = "";

    /// <summary>For the hundredth page; the last full one where there are fewer.</summary>
    public string FarCursor { get; private set; } = "";

    /// <param name="role"><c>operator</c> sees every organization's keys, <c>admin</c> those of its own.</param>
    /// <param name="size">How many keys there are.</param>
    /// <param name="host">Where the host listens.</param>
    /// <param name="db">Its database; the caller's key is made there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ListTarget> CreateAsync(
        string role, int size, Uri host, ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        var value = await MakeKeyAsync(role, db, cancellationToken);
        var target = new ListTarget(size, role == BuiltIn.OperatorRole ? role : "organization", host, value.Reveal());
        target.SomeKeyId = await db.Keys.OrderBy(k => k.CreatedAt).Skip(size / 3).Select(k => k.KeyId).FirstAsync(cancellationToken);
        await target.FollowCursorsAsync(cancellationToken);
        return target;
    }

    /// <summary>From the first byte sent to the last one received.</summary>
    public async Task<double> MeasureAsync(ListQuery query, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await _client.GetAsync($"{Path}?{query.Parameters(this)}", cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new BenchException($"{query.Name} at {Size:N0} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");

        await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    public async Task<ListAnswer> AskAsync(string parameters, CancellationToken cancellationToken)
    {
        using var answer = JsonDocument.Parse(await _client.GetByteArrayAsync($"{Path}?{parameters}", cancellationToken));
        var root = answer.RootElement;
        return new ListAnswer(
            root.GetProperty("api_keys").GetArrayLength(),
            root.GetProperty("total").GetInt32(),
            root.TryGetProperty("next_cursor", out var cursor) ? cursor.GetString() : null);
    }

    public void Dispose() => _client.Dispose();

    private static async Task<ApiKeyValue> MakeKeyAsync(string role, ApiKeysDbContext db, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.Now();
        var organization = await db.Organizations.SingleAsync(o => o.Slug == Organization.DefaultSlug, cancellationToken);
        var member = new Member
        {
            Id = Guid.CreateVersion7(now),
            OrganizationId = organization.Id,
            Email = $"{role}-{now.ToUnixTimeMilliseconds()}@example.com",
            Role = MemberRole.Admin,
            CreatedAt = now,
        };
        var facts = new KeyFacts
        {
            Organization = organization,
            Owner = member,
            Name = "Bench",
            Roles = [role],
            ExpiresInDays = 1,
            CreatedBy = member.Email,
        };
        var key = ApiKey.Create(facts, ApiKeyValue.DefaultPrefix, now, out var value);
        db.AddRange(member, key);
        await db.SaveChangesAsync(cancellationToken);
        return value;
    }

    private async Task FollowCursorsAsync(CancellationToken cancellationToken)
    {
        var pages = Math.Min(FarPage, Size / PageSize);
        for (var page = 1; page < pages; page++)
        {
            var answer = await AskAsync(FarCursor.Length == 0 ? "" : $"cursor={FarCursor}", cancellationToken);
            FarCursor = answer.NextCursor ?? throw new BenchException($"Page {page} of {pages} is the last.");
        }
    }
}

/// <summary>What of an answer explains its time.</summary>
/// <param name="Rows">On the page.</param>
/// <param name="Total">As the answer says it: 10,000 may stand for more.</param>
/// <param name="NextCursor">Null on the last page.</param>
internal sealed record ListAnswer(int Rows, int Total, string? NextCursor);

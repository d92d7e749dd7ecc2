using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>How long a session lasts by itself: 30 minutes without a request, and 12 hours in any case.</summary>
public sealed class SessionTimeTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    [Fact]
    public async Task It_ends_after_half_an_hour_without_a_request()
    {
        var visit = await Visit.SignedInAsync(server);
        var other = visit.CopyTo(server);

        server.Clock.Advance(Idle - TimeSpan.FromSeconds(1));
        await visit.ShouldBeInAsync();

        server.Clock.Advance(Idle);
        await visit.ShouldBeOutAsync();
        await other.ShouldBeOutAsync();
    }

    [Fact]
    public async Task Requests_in_between_prolong_it_to_twelve_hours_and_no_further()
    {
        var visit = await Visit.SignedInAsync(server);
        var end = server.Clock.GetUtcNow() + Lifetime;
        while (server.Clock.GetUtcNow() + TimeSpan.FromMinutes(20) < end)
        {
            server.Clock.Advance(TimeSpan.FromMinutes(20));
            await visit.ShouldBeInAsync();
        }

        server.Clock.SetUtcNow(end.AddMilliseconds(-1));
        await visit.ShouldBeInAsync();

        server.Clock.SetUtcNow(end);
        await visit.ShouldBeOutAsync("invalid_key");
        await visit.ShouldBeOutAsync(ended: null);
    }

    [Fact]
    public async Task One_that_has_ended_is_forgotten_with_the_next_that_begins()
    {
        await Visit.SignedInAsync(server);
        server.Clock.Advance(Idle);

        await Visit.SignedInAsync(server);

        Assert.Equal(1, (await server.QuerySqlAsync<int>($"select count(*)::int as \"Value\" from console_sessions")).Single());
    }
}

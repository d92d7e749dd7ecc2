using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.Server.Lookup;
using ApiKeys.Server.Tests.Lookup;
using ApiKeys.Server.Verification.Usage;

namespace ApiKeys.Server.Tests.Verification.Usage;

public sealed class UsageLogTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly IPAddress Here = IPAddress.Parse("203.0.113.7");

    private readonly UsageLog _log = new();

    [Fact]
    public async Task No_use_is_lost_and_none_is_counted_twice_while_others_take()
    {
        var keys = Enumerable.Range(1, 3).Select(Key).ToList();
        using var done = new CancellationTokenSource();
        var taking = Task.Run(() =>
        {
            var sum = 0L;
            while (!done.IsCancellationRequested)
                sum += Sum(_log.Take());

            return sum + Sum(_log.Take());
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100_000; i++)
                _log.Record(keys[i % 3], SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon.AddSeconds(i));
        })));
        await done.CancelAsync();

        Assert.Equal(400_000, await taking);
    }

    [Fact]
    public void A_use_counts_for_the_day_on_which_it_was()
    {
        var key = Key(1);
        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon);
        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon.AddHours(12));
        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon.AddHours(12).AddTicks(-1));

        var counts = _log.Take().Counts.ToList();

        Assert.Equal([(Noon.Day, 2), (Noon.Day + 1, 1)], counts.Select(row => (DateOnly.FromDayNumber(row.Key.Day).Day, (int)row.Value.Uses)));
    }

    [Fact]
    public void Each_secret_is_counted_for_itself_and_a_wrong_one_for_none()
    {
        var key = Key(1) with { SecretNumber = 5 };
        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon);
        _log.Record(key, SecretUsed.Previous, ApiKeyOutcome.InvalidKey, Here, Noon);
        _log.Record(key, SecretUsed.Neither, ApiKeyOutcome.InvalidKey, IPAddress.Loopback, Noon);

        var batch = _log.Take();

        Assert.Equal(
            [(0, ApiKeyOutcome.InvalidKey), (4, ApiKeyOutcome.InvalidKey), (5, ApiKeyOutcome.Accepted)],
            batch.Counts.Select(row => (row.Key.SecretNumber, row.Key.Outcome)));
        Assert.Equal([(4, "203.0.113.7"), (5, "203.0.113.7")], batch.Addresses.Select(row => (row.Key.SecretNumber, row.Key.From)));
    }

    [Fact]
    public void The_first_and_the_last_are_told()
    {
        var key = Key(1);
        foreach (var minutes in new[] { 3, 1, 7, 5 })
            _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon.AddMinutes(minutes));

        var row = Assert.Single(_log.Take().Counts).Value;
        Assert.Equal((Noon.AddMinutes(3), Noon.AddMinutes(7)), (row.First, row.Last));
        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon.AddMinutes(9));
        Assert.Equal(Noon.AddMinutes(9), Assert.Single(_log.Take().Counts).Value.First);
    }

    [Fact]
    public void One_address_is_one_however_it_is_written()
    {
        var key = Key(1);
        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon);
        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here.MapToIPv6(), Noon.AddMinutes(1));

        Assert.Equal(Noon.AddMinutes(1), Assert.Single(_log.Take().Addresses).Value.At);
    }

    [Fact]
    public void Of_many_addresses_the_latest_are_remembered()
    {
        var key = Key(1);
        for (byte i = 1; i <= 100; i++)
            _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, new IPAddress([203, 0, 113, i]), Noon.AddSeconds(i));

        Assert.Equal(
            [96, 97, 98, 99, 100], _log.Take().Addresses.Select(row => (int)IPAddress.Parse(row.Key.From).GetAddressBytes()[3]).Order());
    }

    [Fact]
    public void Each_secret_has_addresses_of_its_own()
    {
        var key = Key(1) with { SecretNumber = 2 };
        _log.Record(key, SecretUsed.Previous, ApiKeyOutcome.Accepted, Here, Noon);
        for (byte i = 1; i <= 100; i++)
            _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, new IPAddress([10, 0, 0, i]), Noon.AddSeconds(i));

        _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon.AddSeconds(101));

        var addresses = _log.Take().Addresses.Select(row => (row.Key.SecretNumber, row.Key.From)).ToList();
        Assert.Contains((1, "203.0.113.7"), addresses);
        Assert.Contains((2, "203.0.113.7"), addresses);
        Assert.Equal(6, addresses.Count);
    }

    [Fact]
    public void Noting_a_use_allocates_nothing()
    {
        var key = Key(1);
        Record();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            Record();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Record() => _log.Record(key, SecretUsed.Current, ApiKeyOutcome.Accepted, Here, Noon);
    }

    /// <summary>The database is away for long: what was put back and what is new have so much room, and no more.</summary>
    [Fact]
    public void It_does_not_grow_without_bound()
    {
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < UsageBatch.MaxRows; i++)
                _log.Record(Key((round * UsageBatch.MaxRows) + i), SecretUsed.Current, ApiKeyOutcome.Accepted, address: null, Noon);

            _log.PutBack(_log.Take());
        }

        Assert.Equal(UsageBatch.MaxRows, _log.TakeLost());
        _log.Record(Key(1), SecretUsed.Current, ApiKeyOutcome.Accepted, address: null, Noon);
        var batch = _log.Take();
        Assert.Equal(UsageBatch.MaxRows, batch.Counts.Count());
        Assert.Equal(UsageBatch.MaxRows + 1, Sum(batch)); // what has a row is counted on
    }

    private static long Sum(UsageBatch batch) => batch.Counts.Sum(row => row.Value.Uses);

    private static KeySnapshot Key(int number) => Snapshots.Of(number) with { Id = new Guid(number, 0, 0, new byte[8]), SecretNumber = 1 };
}
